/**
 * A calibrated camera: a pinhole with, where the image has it, the distortion of its lens (Brown, 1966, in
 * the order of OpenCV). Camera coordinates: x to the right, y down, z ahead, metres.
 */
import type { Pose, Vec2 } from '../boxes/index.ts';

export interface Camera {
  readonly name: string;
  /** Width and height that the calibration is about, pixels; left out: those of the image. */
  readonly size?: Vec2 | undefined;
  /** Focal lengths along x and y, pixels. */
  readonly focal: Vec2;
  /** The principal point, pixels from the top left. */
  readonly centre: Vec2;
  /** k1, k2, p1, p2 and, if there is a fifth, k3. Left out: none. */
  readonly distortion?: readonly number[] | undefined;
  /** A rotation, row by row, from camera coordinates to those of the rectified image. Left out: none. */
  readonly rectification?: readonly number[] | undefined;
  /** Takes camera coordinates to the cloud's. */
  readonly pose: Pose;
}
