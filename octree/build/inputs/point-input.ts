/**
 * The seam between the builder and the file formats it reads: a new format is a new file that makes a
 * `PointInput`.
 */
import { NearboxError } from '../../../cache/foundation/index.ts';
import type { Vec3 } from '../../geometry/index.ts';
import type { Attribute, IntensityKind } from '../points/index.ts';

/** Something about an input that its owner should know, in words that go after the file's name. */
type Warn = (what: string) => void;

export interface PointReadOptions {
  /** Whether the input's attributes are wanted: without it the batches have none. */
  readonly attributes?: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly warn?: Warn | undefined;
}

/**
 * Points as the file gives them, float64. The arrays belong to the reader, which fills them again for the
 * next batch.
 */
export interface PointBatch {
  /** Points in this batch; the arrays may be longer. */
  count: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly z: Float64Array;
  /** As stored, whatever its range; null where the file has none. */
  readonly intensity: Float64Array | null;
  /** One column for each of the input's attributes, or none if they were not asked for. */
  readonly attributes: readonly Float64Array[];
}

/** A file whose header was read and checked. It holds nothing open. */
export interface PointInput {
  readonly path: string;
  /** What the header, or the size of the file, promises. Points that are not finite count here. */
  readonly count: number;
  /** How the intensity is to be stored so that nothing of it is lost; null where the file has none. */
  readonly intensity: IntensityKind | null;
  /** The other dimensions that the batches have. */
  readonly attributes: readonly Attribute[];
  /** Dimensions of the file that are not read, by the file's names. */
  readonly unread?: readonly string[];
  /**
   * The step that the file stores its coordinates with, per axis; left out where it stores floating-point
   * numbers.
   */
  readonly scale?: Vec3;
  /** The offset that goes with `scale`. */
  readonly offset?: Vec3;
  /** Whether the file says that its coordinates are longitude and latitude. */
  readonly isGeographic?: boolean;
  /** The coordinate reference system, as WKT; left out where the file has none. */
  readonly wkt?: string;
  /** When the points were taken, seconds; left out where the file does not say. */
  readonly timestamp?: number;
  /** What is wrong with the file though its points can be read. */
  readonly warnings?: readonly string[];
  /**
   * Reads the points from the start. Throws `invalid_request` where the file does not hold what its header
   * says.
   */
  batches(options?: PointReadOptions): AsyncIterable<PointBatch>;
}

export const BATCH_POINTS = 65_536;

export const PointBatch = {
  allocate(capacity: number, hasIntensity: boolean, attributes = 0): PointBatch {
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

/** The content of an input is not what its format promises. The call may be right: a file is broken. */
export class BadInput extends NearboxError {}

/** What is wrong inside an input file, and where. */
export function badInput(path: string, what: string, cause?: unknown): BadInput {
  return new BadInput('invalid_request', `${path}: ${what}`, cause === undefined ? {} : { cause });
}

/** What is wrong with naming this file as an input. */
export function wrongInput(path: string, what: string, cause?: unknown): NearboxError {
  return new NearboxError('invalid_request', `${path}: ${what}`, cause === undefined ? {} : { cause });
}
