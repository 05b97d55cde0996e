/** The seam between the builder and the file formats it reads: a new format is a new file that makes a `PointInput`. */
import { NearboxError } from '../../../cache/foundation/index.ts';
import type { IntensityKind } from '../columns.ts';

/** Points as the file gives them, float64. The arrays belong to the reader, which fills them again for the next batch. */
export interface PointBatch {
  /** Points in this batch; the arrays may be longer. */
  count: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly z: Float64Array;
  /** As stored, whatever its range; null where the file has none. */
  readonly intensity: Float64Array | null;
}

/** A file whose header was read and checked. It holds nothing open. */
export interface PointInput {
  readonly path: string;
  /** What the header, or the size of the file, promises. Points that are not finite count here. */
  readonly count: number;
  /** How the intensity is to be stored so that nothing of it is lost; null where the file has none. */
  readonly intensity: IntensityKind | null;
  /** Reads the points from the start. Throws `invalid_request` where the file does not hold what its header says. */
  batches(signal?: AbortSignal): AsyncIterable<PointBatch>;
}

export const BATCH_POINTS = 65_536;

export const PointBatch = {
  allocate(capacity: number, hasIntensity: boolean): PointBatch {
    return {
      count: 0,
      x: new Float64Array(capacity),
      y: new Float64Array(capacity),
      z: new Float64Array(capacity),
      intensity: hasIntensity ? new Float64Array(capacity) : null,
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
