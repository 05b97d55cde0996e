/** A shape's surface as its points see it: normals, and a search for the nearest point. */
import type { Shape } from './shape.ts';

/** Width of the cells of the search, metres: at least the largest distance that is searched. */
const CELL = 0.6;
/** A normal comes from the points this near, metres, and needs so many. */
const NORMAL = { metres: 0.5, points: 3 };

/** A keyframe's shape is registered in many frames. */
const surfaces = new WeakMap<Shape, Surface>();

export function surfaceOf(shape: Shape): Surface {
  const known = surfaces.get(shape) ?? new Surface(shape);
  surfaces.set(shape, known);
  return known;
}

const cellKey = (x: number, y: number) => Math.floor(x / CELL) * 4096 + Math.floor(y / CELL);

export class Surface {
  readonly shape: Shape;
  /**
   * For each point: x and y of its normal seen from above (a unit vector, either way), and how flat its
   * neighbourhood is, 0 (round, or too few points) to 1 (a line).
   */
  readonly normals: Float32Array;
  readonly #cells = new Map<number, number[]>();

  constructor(shape: Shape) {
    this.shape = shape;
    for (let i = 0; i < shape.length; i += 3) {
      const key = cellKey(shape[i]!, shape[i + 1]!);
      const cell = this.#cells.get(key);
      if (cell === undefined) this.#cells.set(key, [i]);
      else cell.push(i);
    }
    this.normals = new Float32Array(shape.length);
    for (let i = 0; i < shape.length; i += 3) this.normals.set(normalAt(shape, i), i);
  }

  /** Offset of the nearest point in `shape`; -1: none is nearer than `reach` metres. */
  nearest(x: number, y: number, z: number, reach: number): number {
    const { shape } = this;
    let least = reach * reach;
    let best = -1;
    for (let dx = -1; dx <= 1; dx++)
      for (let dy = -1; dy <= 1; dy++)
        for (const j of this.#cells.get(cellKey(x + dx * CELL, y + dy * CELL)) ?? []) {
          const distance = (shape[j]! - x) ** 2 + (shape[j + 1]! - y) ** 2 + (shape[j + 2]! - z) ** 2;
          if (distance >= least) continue;
          least = distance;
          best = j;
        }
    return best;
  }
}

/** By the principal axes of the neighbours, seen from above. */
function normalAt(shape: Shape, at: number): readonly [number, number, number] {
  const [x, y, z] = [shape[at]!, shape[at + 1]!, shape[at + 2]!];
  let [count, sx, sy, xx, xy, yy] = [0, 0, 0, 0, 0, 0];
  for (let j = 0; j < shape.length; j += 3) {
    const [dx, dy, dz] = [shape[j]! - x, shape[j + 1]! - y, shape[j + 2]! - z];
    if (dx * dx + dy * dy + dz * dz > NORMAL.metres ** 2) continue;
    count++;
    sx += dx;
    sy += dy;
    xx += dx * dx;
    xy += dx * dy;
    yy += dy * dy;
  }
  if (count < NORMAL.points) return [0, 0, 0];
  const [vx, vy, vxy] = [
    xx / count - (sx / count) ** 2,
    yy / count - (sy / count) ** 2,
    xy / count - (sx * sy) / count ** 2,
  ];
  const middle = (vx + vy) / 2;
  const apart = Math.hypot((vx - vy) / 2, vxy);
  const angle = Math.atan2(2 * vxy, vx - vy) / 2;
  const flat = 1 - Math.max(0, middle - apart) / (middle + apart + 1e-6);
  return [-Math.sin(angle), Math.cos(angle), flat];
}
