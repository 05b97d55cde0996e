/** When and where the frames of a sequence were taken, asked of the server once. */
import type { ApiClient, FramePlace } from '../api/index.ts';

const ASKED_AT_ONCE = 6;

export class FramePlaces {
  readonly #api: Pick<ApiClient, 'framePlace'>;
  readonly #known = new Map<string, FramePlace>();

  constructor(api: Pick<ApiClient, 'framePlace'>) {
    this.#api = api;
  }

  /** Of each frame, in order; null where the server cannot be asked. */
  async of(frames: readonly string[]): Promise<readonly (FramePlace | null)[]> {
    const unknown = frames.filter((frame) => !this.#known.has(frame));
    for (let at = 0; at < unknown.length; at += ASKED_AT_ONCE)
      await Promise.all(
        unknown.slice(at, at + ASKED_AT_ONCE).map(async (frame) => {
          try {
            this.#known.set(frame, await this.#api.framePlace(frame));
          } catch {
            // What goes by places does without them.
          }
        }),
      );
    return frames.map((frame) => this.#known.get(frame) ?? null);
  }
}
