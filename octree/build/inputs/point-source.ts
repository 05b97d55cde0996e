/** Points from the caller's program: the public form of an input. */
import { NearboxError } from '../../../cache/foundation/index.ts';
import type { Attribute, IntensityKind } from '../points/index.ts';
import { BATCH_POINTS, PointBatch, type PointInput } from './point-input.ts';

/** A chunk of a source's points. */
export interface PointChunk {
  /** Metres, one number per point. Points with a number that is not finite are left out and counted. */
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  readonly z: ArrayLike<number>;
  /** Only if the source has an intensity. */
  readonly intensity?: ArrayLike<number>;
  /** One column for each of the source's attributes, in their order. */
  readonly attributes?: readonly ArrayLike<number>[];
}

export interface PointSource {
  /** The name in messages and in the cloud's metadata. */
  readonly name: string;
  /** Number of points for the progress, if it is known. */
  readonly count?: number;
  /** The type of the intensities; missing if there are none. */
  readonly intensity?: IntensityKind;
  /**
   * Other dimensions, by PDAL's names (`Classification`, `GpsTime`, `Red`, `Ring`); stored by COPC and
   * laszip.
   */
  readonly attributes?: readonly Attribute[];
  /** The coordinate reference system, as WKT. */
  readonly wkt?: string;
  /** Yields all points in chunks of any size. Called once. */
  points(): Iterable<PointChunk> | AsyncIterable<PointChunk>;
}

export function sourceInput(source: PointSource): PointInput {
  const { name, count = 0, intensity = null, attributes = [], wkt } = source;
  return {
    path: name,
    count,
    intensity,
    attributes,
    ...(wkt !== undefined && { wkt }),
    batches: async function* (options = {}) {
      const columns = options.attributes ? attributes.length : 0;
      const batch = PointBatch.allocate(BATCH_POINTS, intensity !== null, columns);
      for await (const chunk of source.points()) {
        checkChunk(source, chunk);
        for (let from = 0; from < chunk.x.length; from += batch.count) {
          options.signal?.throwIfAborted();
          batch.count = Math.min(BATCH_POINTS, chunk.x.length - from);
          copy(chunk.x, from, batch.x, batch.count);
          copy(chunk.y, from, batch.y, batch.count);
          copy(chunk.z, from, batch.z, batch.count);
          if (batch.intensity !== null) copy(chunk.intensity!, from, batch.intensity, batch.count);
          for (const [column, values] of batch.attributes.entries())
            copy(chunk.attributes![column]!, from, values, batch.count);
          yield batch;
        }
      }
    },
  };
}

function copy(values: ArrayLike<number>, from: number, to: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) to[i] = values[from + i]!;
}

/** Throws `invalid_request` if columns are missing or have different lengths. */
function checkChunk({ name, intensity, attributes = [] }: PointSource, chunk: PointChunk): void {
  const columns: (readonly [string, ArrayLike<number> | undefined])[] = [
    ['x', chunk.x],
    ['y', chunk.y],
    ['z', chunk.z],
    ...(intensity === undefined ? [] : [['intensity', chunk.intensity] as const]),
    ...attributes.map((attribute, index) => [attribute.name, chunk.attributes?.[index]] as const),
  ];
  for (const [column, values] of columns)
    if (values?.length !== chunk.x?.length || values === undefined)
      throw new NearboxError(
        'invalid_request',
        `${name}: a chunk has ${values?.length ?? 'no'} values of ${column} for ${chunk.x?.length ?? 'no'} of x`,
      );
}
