/** Somebody at the page: every click, key and typed box is counted. */
import type { TestApi } from '../../../app/page/index.ts';
import { facingPlace, type LabelledObject } from '../../../app/page/testing/browser/index.ts';
import type { RealPage } from '../../../app/page/testing/real/index.ts';
import type { Box } from '../../../inference/boxes/index.ts';

declare const nearbox: TestApi;

interface Effort {
  clicks: number;
  keys: number;
  /** Boxes that were typed over with the label: what a hand would do by dragging faces. */
  typed: number;
}

export class Annotator {
  readonly on: RealPage;
  readonly effort: Effort = { clicks: 0, keys: 0, typed: 0 };
  readonly #began = performance.now();

  constructor(on: RealPage) {
    this.on = on;
  }

  /** `12 clicks, 3 keys, 1 box typed over, 40.5 s` since the beginning. */
  summary(): string {
    const { clicks, keys, typed } = this.effort;
    const seconds = ((performance.now() - this.#began) / 1000).toFixed(1);
    return `${clicks} clicks, ${keys} keys, ${typed} boxes typed over, ${seconds} s`;
  }

  /** Clicks an object where it faces the scanner. The id of the box that comes; undefined: there is none. */
  async click(object: LabelledObject): Promise<string | undefined> {
    const { on } = this;
    const place = facingPlace(object);
    await on.page.evaluate((at) => nearbox.lookAt(at, 10), place);
    await on.complete();
    const before = (await on.labels()).map(({ id }) => id);
    await on.page.mouse.click(...(await on.pixel(place)));
    this.effort.clicks += 1;
    await on.until(() => nearbox.state.pending.length === 0);
    return (await on.labels()).find(({ id }) => !before.includes(id))?.id;
  }

  async press(key: string): Promise<void> {
    await this.on.press(key);
    this.effort.keys += 1;
  }

  /** Goes to a frame of an object by a click on its cell in the timeline. */
  async openCell(id: string, frames: readonly string[], index: number): Promise<void> {
    const row = this.on.page.locator(`.track:has([data-id="${id}"])`);
    await row.scrollIntoViewIfNeeded();
    const cells = row.locator('canvas');
    const area = (await cells.boundingBox())!;
    const position = { x: ((index + 0.5) * area.width) / frames.length, y: area.height / 2 };
    await cells.click({ position });
    this.effort.clicks += 1;
    await this.on.isOpen(frames[index]!);
  }

  /** Types a box over the selected one, and waits for what comes of it. */
  async typeOver({ center, size, yaw }: Box): Promise<void> {
    const { on } = this;
    const begun = await on.tracksBegun();
    const isTrack = await on.page.evaluate(
      () => nearbox.labels().find(({ id }) => id === nearbox.state.selected)?.track !== undefined,
    );
    const fields: readonly (readonly [string, number])[] = [
      ...size.map((value, k) => [`#size-${k}`, value] as const),
      ['#yaw', (yaw * 180) / Math.PI],
      ...center.map((value, k) => [`#centre-${k}`, value] as const),
    ];
    for (const [field, value] of fields) {
      await on.page.fill(field, String(value));
      await on.page.press(field, 'Enter');
    }
    this.effort.typed += 1;
    if (isTrack) await on.tracked(begun);
  }
}
