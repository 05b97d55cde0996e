/**
 * How many points a picture may have on this machine: as many as asked for where the graphics keep up, fewer
 * where they do not (an old card, WebGL in software). Goes by how long pictures of how many points took.
 */

/**
 * Pictures of a view at rest may take so long, milliseconds; points come back when they take less than the
 * second.
 */
const SLOW_MS = 600;
const QUICK_MS = 150;
/** Fewer points than these show nothing, however slow the machine. */
const FEWEST_POINTS = 250_000;
const GROWTH_FACTOR = 1.3;

export class PointPace {
  #limit = Number.POSITIVE_INFINITY;

  /** No more points than this, whatever is asked for. */
  get limit(): number {
    return this.#limit;
  }

  /** A picture of so many points took so long. True if that changes the limit. */
  took(points: number, ms: number): boolean {
    const before = this.#limit;
    if (ms > SLOW_MS && points > FEWEST_POINTS)
      this.#limit = Math.max(FEWEST_POINTS, Math.min(this.#limit, Math.round((points * SLOW_MS) / ms)));
    else if (ms < QUICK_MS && points * GROWTH_FACTOR > this.#limit)
      this.#limit = Math.round(this.#limit * GROWTH_FACTOR);
    return this.#limit !== before;
  }
}
