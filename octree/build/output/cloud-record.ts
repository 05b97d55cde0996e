/**
 * The metadata of a cloud beside its points. An EPT has them in ept.json under `nearbox`, a COPC file in our
 * own record.
 */
import type { Vec3 } from '../../geometry/index.ts';

export interface CloudPose {
  readonly position: Vec3;
  /** Unit quaternion x, y, z, w. */
  readonly rotation: readonly [number, number, number, number];
}

export interface CloudRecord {
  /** Position of the scanner in the cloud's coordinates, metres. */
  readonly sensor?: Vec3;
  /** Transforms the cloud's coordinates to world coordinates. */
  readonly pose?: CloudPose;
  /** Seconds. */
  readonly timestamp?: number;
  /**
   * Identifies the inputs and options of the build (`fingerprint.ts`). Only in COPC files; an EPT has it
   * among its sources.
   */
  readonly fingerprint?: string;
}
