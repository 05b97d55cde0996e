/** How far an answered box is from the true one. */
import { axisAngle, type Box, corners, overlap, toBoxFrame, type Vec3, wrapAngle } from '../boxes/index.ts';

export interface Comparison {
  /** Intersection over union, 0..1: from above, and in space. */
  readonly bev: number;
  readonly iou: number;
  /** Angle between the two length axes, whichever end is the front: radians, 0..pi/2. */
  readonly yawError: number;
  /** True if the headings differ by more than a quarter turn. */
  readonly flipped: boolean;
  /** Distance of the centres seen from above, metres. */
  readonly centerError: number;
  /** Answer minus truth, metres: height of the centre, of the bottom face, of the top face. */
  readonly zError: number;
  readonly bottomError: number;
  readonly topError: number;
  /** Answer minus truth, metres: length, width, height. */
  readonly sizeError: Vec3;
  /**
   * Largest distance of a corner from its true place along an axis of the true box, whichever end is the
   * front; metres.
   */
  readonly faceError: number;
}

export function compareBoxes(answer: Box, truth: Box): Comparison {
  const turn = Math.abs(wrapAngle(answer.yaw - truth.yaw));
  const flipped = turn > Math.PI / 2;
  const half = (answer.size[2] - truth.size[2]) / 2;
  const zError = answer.center[2] - truth.center[2];
  return {
    ...overlap(answer, truth),
    yawError: axisAngle(answer.yaw, truth.yaw),
    flipped,
    centerError: Math.hypot(answer.center[0] - truth.center[0], answer.center[1] - truth.center[1]),
    zError,
    bottomError: zError - half,
    topError: zError + half,
    sizeError: [
      answer.size[0] - truth.size[0],
      answer.size[1] - truth.size[1],
      answer.size[2] - truth.size[2],
    ],
    faceError: faceError(flipped ? { ...answer, yaw: answer.yaw + Math.PI } : answer, truth),
  };
}

function faceError(answer: Box, truth: Box): number {
  const wanted = corners(truth).map((corner) => toBoxFrame(truth, corner));
  let most = 0;
  for (const [k, corner] of corners(answer).entries()) {
    const at = toBoxFrame(truth, corner);
    for (let axis = 0; axis < 3; axis++) most = Math.max(most, Math.abs(at[axis]! - wanted[k]![axis]!));
  }
  return most;
}
