/** The distortion of a lens (Brown), and back. Places are x / z and y / z, without a unit. */
import type { Vec2 } from '../boxes/index.ts';

/** Beyond this, no lens of this kind sees anything: 84 degrees off its axis. */
const WIDEST = 10;
const STEP = 0.01;
/** Near the radius where it folds, a pixel says little of the place: that part is left out. */
const CLEAR = 0.95;
const MOST_STEPS = 40;
const SAME = 1e-12;

export class Lens {
  readonly #k1: number;
  readonly #k2: number;
  readonly #p1: number;
  readonly #p2: number;
  readonly #k3: number;
  readonly isPlain: boolean;
  /** Farther out the formula folds back into the image: nothing there is seen. */
  readonly #reach: number;

  /** @param distortion k1, k2, p1, p2 and k3, those that there are */
  constructor(distortion: readonly number[] = []) {
    const [k1 = 0, k2 = 0, p1 = 0, p2 = 0, k3 = 0] = distortion;
    [this.#k1, this.#k2, this.#p1, this.#p2, this.#k3] = [k1, k2, p1, p2, k3];
    this.isPlain = distortion.every((value) => value === 0);
    this.#reach = this.isPlain ? Infinity : reachOf(k1, k2, k3);
  }

  /** Where the lens shows a place; null where it shows nothing. */
  distort([x, y]: Vec2): Vec2 | null {
    if (this.isPlain) return [x, y];
    return Math.hypot(x, y) > this.#reach ? null : this.#shown(x, y);
  }

  /** The place that the lens shows there; null if there is none. Newton's method. */
  undistort(shown: Vec2): Vec2 | null {
    if (this.isPlain) return shown;
    let [x, y] = shown;
    for (let step = 0; step < MOST_STEPS; step++) {
      const [sx, sy] = this.#shown(x, y);
      const [ex, ey] = [sx - shown[0], sy - shown[1]];
      if (Math.hypot(ex, ey) < SAME) return Math.hypot(x, y) > this.#reach ? null : [x, y];
      const r2 = x * x + y * y;
      const radial = 1 + r2 * (this.#k1 + r2 * (this.#k2 + r2 * this.#k3));
      const slope = this.#k1 + r2 * (2 * this.#k2 + r2 * 3 * this.#k3);
      const xx = radial + 2 * x * x * slope + 2 * this.#p1 * y + 6 * this.#p2 * x;
      const xy = 2 * x * y * slope + 2 * this.#p1 * x + 2 * this.#p2 * y;
      const yy = radial + 2 * y * y * slope + 6 * this.#p1 * y + 2 * this.#p2 * x;
      const determinant = xx * yy - xy * xy;
      if (Math.abs(determinant) < SAME) return null;
      x -= (yy * ex - xy * ey) / determinant;
      y -= (xx * ey - xy * ex) / determinant;
    }
    return null;
  }

  #shown(x: number, y: number): Vec2 {
    const r2 = x * x + y * y;
    const radial = 1 + r2 * (this.#k1 + r2 * (this.#k2 + r2 * this.#k3));
    return [
      x * radial + 2 * this.#p1 * x * y + this.#p2 * (r2 + 2 * x * x),
      y * radial + this.#p1 * (r2 + 2 * y * y) + 2 * this.#p2 * x * y,
    ];
  }
}

/** The radius up to which what lies farther out is shown farther out. */
function reachOf(k1: number, k2: number, k3: number): number {
  for (let r = STEP; r < WIDEST; r += STEP) {
    const r2 = r * r;
    if (1 + r2 * (3 * k1 + r2 * (5 * k2 + r2 * 7 * k3)) <= 0) return r * CLEAR;
  }
  return WIDEST;
}
