/** Selected points as a binary PLY file that is written piece by piece, while its reader takes it. */
import { nextSlice } from '../../cache/foundation/index.ts';
import type { Dimension } from '../points/index.ts';
import type { PointPieces } from '../reader/index.ts';
import { type PlyColumn, type PlyOptions, plyHeader, plyPointBytes, writePlyRecords } from './write-ply.ts';

/** Names of the PLY properties of each dimension. */
const PROPERTY_NAMES: Readonly<Record<Dimension, readonly string[]>> = {
  classification: ['classification'],
  returnNumber: ['return_number'],
  colour: ['red', 'green', 'blue'],
};

export interface PlyFile {
  readonly byteLength: number;
  /** Points in the file. */
  readonly count: number;
  /**
   * The bytes of the file; each piece has a buffer of its own. Each is made when it is asked for, in a slice
   * of the thread's time. Leaving the loop early gives the points back. Throws the reason of the signal.
   */
  pieces(signal?: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void>;
}

/** The file of `points`, which it releases when its pieces have been read. To be read once. */
export function plyFile(
  points: PointPieces,
  { isTruncated = false }: Pick<PlyOptions, 'isTruncated'> = {},
): PlyFile {
  const names = points.dimensions.flatMap((dimension) => PROPERTY_NAMES[dimension]);
  const header = plyHeader(points.count, names, { isTruncated });
  return {
    byteLength: header.byteLength + points.count * plyPointBytes(names.length),
    count: points.count,
    async *pieces(signal?: AbortSignal) {
      try {
        yield header;
        for (const piece of points) {
          const properties = points.dimensions.flatMap((dimension): PlyColumn[] =>
            PROPERTY_NAMES[dimension].map((name, from, { length: step }) => ({
              name,
              values: piece.values[dimension]!,
              from,
              step,
            })),
          );
          yield writePlyRecords(piece, properties);
          await nextSlice(signal);
        }
      } finally {
        points.release();
      }
    },
  };
}
