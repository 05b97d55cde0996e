/**
 * What a cloud says of itself beside its points: in an EPT's ept.json under `nearbox`, in a COPC file in a
 * record of our own.
 */
import type { Vec3 } from '../../geometry/index.ts';

export interface CloudPose {
  readonly position: Vec3;
  /** Unit quaternion x, y, z, w. */
  readonly rotation: readonly [number, number, number, number];
}

export interface CloudRecord {
  /** Where the scanner stood, in the cloud's coordinates, metres. */
  readonly sensor?: Vec3;
  /** Takes the cloud's coordinates to the world's. */
  readonly pose?: CloudPose;
  /** Seconds. */
  readonly timestamp?: number;
  /** What it was built from (`fingerprint.ts`). Only in COPC files; an EPT has it among its sources. */
  readonly fingerprint?: string;
}
