/** A shape's surface as its points see it: normals, and a search for the nearest point. */
import type { Shape } from './shape.ts';

/** Width of the cells of the search, metres, if there are not more than so many along an axis. */
const CELL = { metres: 0.25, most: 256 };
/** A normal comes from the points this near, metres, and needs so many. */
const NORMAL = { metres: 0.5, points: 3 };

/** A keyframe's shape is registered in many frames. */
const surfaces = new WeakMap<Shape, Surface>();

export function surfaceOf(shape: Shape): Surface {
  const known = surfaces.get(shape) ?? new Surface(shape);
  surfaces.set(shape, known);
  return known;
}

export class Surface {
  /** The shape's points in the order of the cells: column by column. */
  readonly points: Shape;
  /**
   * For each point: x and y of its normal seen from above (a unit vector, either way), and how flat its
   * neighbourhood is, 0 (round, or too few points) to 1 (a line).
   */
  readonly normals: Float32Array;
  readonly #x: CellAxis;
  readonly #y: CellAxis;
  /** Offset in `points` of each cell's first point; one more for the end. */
  readonly #firsts: Int32Array;

  constructor(shape: Shape) {
    this.#x = axisOf(shape, 0);
    this.#y = axisOf(shape, 1);
    const cellOf = (i: number) => cellAt(this.#x, shape[i]!) * this.#y.count + cellAt(this.#y, shape[i + 1]!);
    this.#firsts = new Int32Array(this.#x.count * this.#y.count + 1);
    for (let i = 0; i < shape.length; i += 3) this.#firsts[cellOf(i) + 1]! += 3;
    for (let k = 1; k < this.#firsts.length; k++) this.#firsts[k]! += this.#firsts[k - 1]!;
    const next = this.#firsts.slice();
    this.points = new Float32Array(shape.length);
    for (let i = 0; i < shape.length; i += 3) {
      const cell = cellOf(i);
      this.points.set(shape.subarray(i, i + 3), next[cell]!);
      next[cell]! += 3;
    }
    this.normals = new Float32Array(shape.length);
    for (let i = 0; i < shape.length; i += 3) this.normals.set(this.#normalAt(i), i);
  }

  /** Offset of the nearest point in `points`; -1: none is nearer than `reach` metres. */
  nearest(x: number, y: number, z: number, reach: number): number {
    const { points } = this;
    const [fromX, toX] = [cellAt(this.#x, x - reach), cellAt(this.#x, x + reach)];
    const [fromY, toY] = [cellAt(this.#y, y - reach), cellAt(this.#y, y + reach)];
    let least = reach * reach;
    let best = -1;
    for (let column = fromX; column <= toX; column++) {
      const end = this.#firsts[column * this.#y.count + toY + 1]!;
      for (let j = this.#firsts[column * this.#y.count + fromY]!; j < end; j += 3) {
        const [dx, dy, dz] = [points[j]! - x, points[j + 1]! - y, points[j + 2]! - z];
        const squared = dx * dx + dy * dy + dz * dz;
        if (squared >= least) continue;
        least = squared;
        best = j;
      }
    }
    return best;
  }

  /** By the principal axes of the neighbours, seen from above. */
  #normalAt(at: number): readonly [number, number, number] {
    const { points } = this;
    const [x, y, z] = [points[at]!, points[at + 1]!, points[at + 2]!];
    const { metres } = NORMAL;
    const [fromX, toX] = [cellAt(this.#x, x - metres), cellAt(this.#x, x + metres)];
    const [fromY, toY] = [cellAt(this.#y, y - metres), cellAt(this.#y, y + metres)];
    let [count, sx, sy, xx, xy, yy] = [0, 0, 0, 0, 0, 0];
    for (let column = fromX; column <= toX; column++) {
      const end = this.#firsts[column * this.#y.count + toY + 1]!;
      for (let j = this.#firsts[column * this.#y.count + fromY]!; j < end; j += 3) {
        const [dx, dy, dz] = [points[j]! - x, points[j + 1]! - y, points[j + 2]! - z];
        if (dx * dx + dy * dy + dz * dz > metres * metres) continue;
        count++;
        sx += dx;
        sy += dy;
        xx += dx * dx;
        xy += dx * dy;
        yy += dy * dy;
      }
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
}

/** Cells along one axis. */
interface CellAxis {
  readonly from: number;
  /** Cells a metre. */
  readonly perMetre: number;
  readonly count: number;
}

function axisOf(shape: Shape, axis: 0 | 1): CellAxis {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = axis; i < shape.length; i += 3) {
    from = Math.min(from, shape[i]!);
    to = Math.max(to, shape[i]!);
  }
  if (from > to) return { from: 0, perMetre: 1, count: 1 };
  const perMetre = 1 / Math.max(CELL.metres, (to - from) / CELL.most);
  return { from, perMetre, count: Math.floor((to - from) * perMetre) + 1 };
}

/** The cell of a coordinate; those beyond the ends belong to the outermost. */
function cellAt({ from, perMetre, count }: CellAxis, at: number): number {
  return Math.max(0, Math.min(count - 1, Math.floor((at - from) * perMetre)));
}
