/**
 * The interface between the builder and the file formats: a new format is a new file that returns a
 * `PointInput`.
 */
import { NearboxError } from '../../../cache/foundation/index.ts';
import type { Vec3 } from '../../geometry/index.ts';
import type { Attribute, IntensityKind, NumberColumn } from '../points/index.ts';

/** A warning for the owner of an input; the text follows the name of the file. */
type Warn = (what: string) => void;

export interface PointReadOptions {
  /** Whether the batches contain the input's attributes. */
  readonly attributes?: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly warn?: Warn | undefined;
}

/** Points from the file. The arrays belong to the reader, which reuses them for the next batch. */
export interface PointBatch {
  /** Number of points in this batch; the arrays may be longer. */
  count: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly z: Float64Array;
  /** As stored, in any range; null if the file has no intensity. */
  readonly intensity: NumberColumn | null;
  /** One column for each of the input's attributes, or none if they were not requested. */
  readonly attributes: readonly NumberColumn[];
}

/** A batch with memory of its own. */
export interface OwnBatch extends PointBatch {
  readonly intensity: Float64Array | null;
  readonly attributes: readonly Float64Array[];
}

/** A file whose header was read and checked. It is not kept open. */
export interface PointInput {
  readonly path: string;
  /** Number of points by the header or by the size of the file, including points that are not finite. */
  readonly count: number;
  /** The type that stores the intensity without loss; null if the file has none. */
  readonly intensity: IntensityKind | null;
  /** The other dimensions of the batches. */
  readonly attributes: readonly Attribute[];
  /** Dimensions of the file that are not read, by their names in the file. */
  readonly unread?: readonly string[];
  /** The step of the stored coordinates, per axis; missing for floating-point coordinates. */
  readonly scale?: Vec3;
  /** The offset of the stored coordinates, per axis. */
  readonly offset?: Vec3;
  /** Whether the file states that its coordinates are longitude and latitude. */
  readonly isGeographic?: boolean;
  /** The coordinate reference system as WKT; missing if the file has none. */
  readonly wkt?: string;
  /** Time of the points, seconds; missing if the file has none. */
  readonly timestamp?: number;
  /** Warnings about a file whose points can be read. */
  readonly warnings?: readonly string[];
  /** Reads the points from the start. Throws `invalid_request` if the content differs from the header. */
  batches(options?: PointReadOptions): AsyncIterable<PointBatch>;
}

export const BATCH_POINTS = 65_536;

export const PointBatch = {
  allocate(capacity: number, hasIntensity: boolean, attributes = 0): OwnBatch {
    return {
      count: 0,
      x: new Float64Array(capacity),
      y: new Float64Array(capacity),
      z: new Float64Array(capacity),
      intensity: hasIntensity ? new Float64Array(capacity) : null,
      attributes: Array.from({ length: attributes }, () => new Float64Array(capacity)),
    };
  },
} as const;

/** The content of an input is invalid. The call may be correct; the file is broken. */
export class BadInput extends NearboxError {}

/** The error for invalid content of an input. */
export function badInput(path: string, what: string, cause?: unknown): BadInput {
  return new BadInput('invalid_request', `${path}: ${what}`, cause === undefined ? {} : { cause });
}

/** The error for an input that cannot be used. */
export function wrongInput(path: string, what: string, cause?: unknown): NearboxError {
  return new NearboxError('invalid_request', `${path}: ${what}`, cause === undefined ? {} : { cause });
}
