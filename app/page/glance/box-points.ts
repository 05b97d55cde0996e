/**
 * The points around one object in many frames: fetched for the frames that are looked at, a few at a time,
 * and given up when they are left. Points that were fetched are kept while there is room.
 */
import { type Box, corners, insideTest } from '../../../inference/boxes/index.ts';
import { type ApiClient, type BusyRetryOptions, retriedWhileBusy } from '../api/index.ts';
import { cropPoints, type PointList } from '../cloud/index.ts';

export interface BoxPointsOptions {
  readonly api: Pick<ApiClient, 'crop'>;
  /** Points of a frame have come, or will not come. */
  readonly onChange: (frame: string) => void;
  readonly wait?: BusyRetryOptions['wait'];
}

/** What is wanted: the points around a box of a frame. */
export interface BoxPlace {
  readonly frame: string;
  readonly box: Box;
}

interface KeptPoints {
  /** The box that the points were fetched around, grown by the margin. */
  readonly region: Box;
  readonly points: PointList | null;
}

/** Requests at once; the main view needs connections as well. */
const AT_ONCE = 3;
/** Frames whose points are kept. */
const MOST_KEPT = 400;
/** Points that are kept of a frame. */
const MOST_POINTS = 8000;
/** Fetched around a box, metres: what is drawn, and room for the box to be moved. */
const MARGIN_METRES = 1.6;
/** Of that, what the pictures show, metres. */
const SHOWN_METRES = 0.8;

export class BoxPoints {
  readonly #options: BoxPointsOptions;
  readonly #kept = new Map<string, KeptPoints>();
  readonly #running = new Map<string, { readonly box: Box; readonly controller: AbortController }>();
  #wanted: readonly BoxPlace[] = [];

  constructor(options: BoxPointsOptions) {
    this.#options = options;
  }

  /** The points around the box of a frame; null: there are none; undefined: not there yet. */
  of({ frame, box }: BoxPlace): PointList | null | undefined {
    const kept = this.#kept.get(frame);
    return kept === undefined || !covers(kept.region, box) ? undefined : kept.points;
  }

  /** What is looked at, most wanted first. What is not among it any more is given up. */
  want(places: readonly BoxPlace[]): void {
    this.#wanted = places;
    for (const [frame, { box, controller }] of this.#running) {
      const place = places.find((one) => one.frame === frame);
      if (place !== undefined && covers(grown(box), place.box)) continue;
      this.#running.delete(frame);
      controller.abort(new DOMException('left', 'AbortError'));
    }
    this.#next();
  }

  /** Another object: what is kept is of no use. */
  clear(): void {
    this.want([]);
    this.#kept.clear();
  }

  #next(): void {
    for (const place of this.#wanted) {
      if (this.#running.size >= AT_ONCE) return;
      if (this.#running.has(place.frame) || this.of(place) !== undefined) continue;
      this.#fetch(place);
    }
  }

  #fetch({ frame, box }: BoxPlace): void {
    const controller = new AbortController();
    const own = { box, controller };
    this.#running.set(frame, own);
    this.#ask(frame, grown(box), controller.signal).then(
      (points) => {
        if (this.#running.get(frame) !== own) return;
        this.#keep(frame, { region: grown(box), points });
        this.#running.delete(frame);
        this.#options.onChange(frame);
        this.#next();
      },
      () => {
        // Given up: what took its place goes on by itself.
        if (this.#running.get(frame) === own) this.#running.delete(frame);
      },
    );
  }

  /** null: there are no points, or the server does not have them. */
  async #ask(frame: string, region: Box, signal: AbortSignal): Promise<PointList | null> {
    const { api, wait } = this.#options;
    try {
      const bytes = await retriedWhileBusy(() => api.crop(frame, { type: 'box', ...region }, signal), {
        signal,
        wait,
      });
      return cropPoints(bytes, region.center, MOST_POINTS);
    } catch {
      signal.throwIfAborted();
      return null;
    }
  }

  #keep(frame: string, points: KeptPoints): void {
    this.#kept.delete(frame);
    this.#kept.set(frame, points);
    for (const old of [...this.#kept.keys()].slice(0, -MOST_KEPT)) this.#kept.delete(old);
  }
}

function grown(box: Box): Box {
  const [length, width, height] = box.size;
  return {
    ...box,
    size: [length + 2 * MARGIN_METRES, width + 2 * MARGIN_METRES, height + 2 * MARGIN_METRES],
  };
}

/** True if what the pictures show of a box lies in a region. */
function covers(region: Box, { size: [length, width, height], ...box }: Box): boolean {
  const isInside = insideTest(region);
  const shown: Box = {
    ...box,
    size: [length + 2 * SHOWN_METRES, width + 2 * SHOWN_METRES, height + 2 * SHOWN_METRES],
  };
  return corners(shown).every(([x, y, z]) => isInside(x, y, z));
}
