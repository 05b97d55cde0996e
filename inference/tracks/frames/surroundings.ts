import type { Box } from '../../boxes/index.ts';
import type { Crop } from '../../fit/index.ts';

/** How far a fit usually moves a box, with the margin of its counts, metres. */
const REACH_METRES = 2;

/**
 * The points around a box, copied from a crop. A fit counts the same few points several times; the crop has
 * many more.
 */
export class Surroundings {
  readonly #crop: Crop;
  readonly #near: Crop;
  readonly #center: Box['center'];
  readonly #radius: number;

  constructor(crop: Crop, box: Box) {
    this.#crop = crop;
    this.#center = box.center;
    this.#radius = halfDiagonal(box, 0) + REACH_METRES;
    this.#near = within(crop, box.center, this.#radius);
  }

  /** A crop with all points of the box whose sides are moved out by `margin` metres. */
  of(box: Box, margin: number): Crop {
    const [dx, dy] = [box.center[0] - this.#center[0], box.center[1] - this.#center[1]];
    return Math.hypot(dx, dy) + halfDiagonal(box, margin) < this.#radius ? this.#near : this.#crop;
  }
}

function halfDiagonal({ size }: Box, margin: number): number {
  return Math.hypot(size[0] / 2 + margin, size[1] / 2 + margin);
}

/** The points at most `radius` metres from a place, seen from above. */
function within({ origin, positions, count }: Crop, [x, y]: Box['center'], radius: number): Crop {
  const isNear = (i: number) => (positions[i]! - x) ** 2 + (positions[i + 1]! - y) ** 2 <= radius * radius;
  let found = 0;
  for (let i = 0; i < 3 * count; i += 3) if (isNear(i)) found++;
  const near = new Float32Array(3 * found);
  let at = 0;
  for (let i = 0; i < 3 * count; i += 3) {
    if (!isNear(i)) continue;
    near[at++] = positions[i]!;
    near[at++] = positions[i + 1]!;
    near[at++] = positions[i + 2]!;
  }
  return { origin, positions: near, count: found };
}
