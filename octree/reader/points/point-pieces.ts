/** Selected points, piece by piece. */
import { type Dimension, valuesPerPoint } from '../../points/index.ts';
import { copyRunIntensity, copyRunPositions, copyRunValues, hasDimension, runsOf } from './copy-points.ts';
import type { Selection } from './selection.ts';

/** Points of one piece: a piece is copied in a millisecond or two. */
const POINTS_PER_PIECE = 32_768;

export interface PointPiece {
  readonly count: number;
  /** x, y, z in the cloud's coordinates, interleaved. */
  readonly xyz: Float64Array<ArrayBuffer>;
  /** As stored; 0 where the cloud has none. */
  readonly intensity: Float32Array<ArrayBuffer>;
  /** Of each of `PointPieces.dimensions`: of the colour red, green and blue, interleaved. */
  readonly values: Readonly<Partial<Record<Dimension, Uint16Array<ArrayBuffer>>>>;
}

/**
 * Iterates over the pieces; together they hold `count` points. Call `release` when no more pieces are needed.
 */
export class PointPieces {
  readonly count: number;
  /** The requested dimensions that the cloud has. */
  readonly dimensions: readonly Dimension[];
  readonly #selection: Selection;
  #isReleased = false;

  constructor(selection: Selection, dimensions: readonly Dimension[]) {
    this.#selection = selection;
    this.count = selection.count;
    this.dimensions = dimensions.filter((dimension) => hasDimension(selection, dimension));
  }

  *[Symbol.iterator](): Generator<PointPiece> {
    const { indices } = this.#selection;
    for (const run of runsOf(this.#selection, POINTS_PER_PIECE)) {
      const { length } = run;
      const xyz = new Float64Array(3 * length);
      const intensity = new Float32Array(length);
      copyRunPositions(run, indices, [0, 0, 0], xyz, 0);
      copyRunIntensity(run, indices, intensity, 0);
      const values = this.dimensions.map((dimension) => {
        const column = new Uint16Array(valuesPerPoint(dimension) * length);
        copyRunValues(run, indices, dimension, column, 0);
        return [dimension, column] as const;
      });
      yield { count: length, xyz, intensity, values: Object.fromEntries(values) };
    }
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#selection.release();
  }
}
