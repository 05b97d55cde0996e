/** Fingers on the screen, as the browser has them from a touch screen. Places are the page's pixels. */
import type { CDPSession, Page } from 'playwright-core';

type Pixel = readonly [number, number];

export class Fingers {
  readonly #cdp: CDPSession;

  private constructor(cdp: CDPSession) {
    this.#cdp = cdp;
  }

  static async on(page: Page): Promise<Fingers> {
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Emulation.setTouchEmulationEnabled', { enabled: true, maxTouchPoints: 5 });
    return new Fingers(cdp);
  }

  /** A tap; no finger is quite still. */
  async tap([x, y]: Pixel): Promise<void> {
    await this.press([[x, y]]);
    await this.move([[x + 5, y - 4]]);
    await this.lift();
  }

  async drag(from: Pixel, to: Pixel, steps = 6): Promise<void> {
    await this.press([from]);
    for (let k = 1; k <= steps; k++) await this.move([between(from, to, k / steps)]);
    await this.lift();
  }

  /** Two fingers beside each other that move from `before` to `after` apart, and along. */
  async pinch(
    [x, y]: Pixel,
    { before, after, by = [0, 0] }: { readonly before: number; readonly after: number; readonly by?: Pixel },
  ): Promise<void> {
    const places = (share: number): Pixel[] => {
      const [cx, cy] = [x + by[0] * share, y + by[1] * share];
      const half = (before + (after - before) * share) / 2;
      return [
        [cx - half, cy],
        [cx + half, cy],
      ];
    };
    const [first, second] = places(0) as [Pixel, Pixel];
    await this.press([first]);
    await this.press([first, second]);
    for (let k = 1; k <= 6; k++) await this.move(places(k / 6));
    await this.lift();
  }

  /** The fingers that are down from now on; those that were down before come first. */
  async press(places: readonly Pixel[]): Promise<void> {
    await this.#send('touchStart', places);
  }

  async move(places: readonly Pixel[]): Promise<void> {
    await this.#send('touchMove', places);
  }

  /** Lifts all fingers. */
  async lift(): Promise<void> {
    await this.#send('touchEnd', []);
  }

  async #send(type: 'touchStart' | 'touchMove' | 'touchEnd', places: readonly Pixel[]): Promise<void> {
    const touchPoints = places.map(([x, y], id) => ({ x, y, id }));
    await this.#cdp.send('Input.dispatchTouchEvent', { type, touchPoints });
  }
}

function between([ax, ay]: Pixel, [bx, by]: Pixel, share: number): Pixel {
  return [ax + (bx - ax) * share, ay + (by - ay) * share];
}
