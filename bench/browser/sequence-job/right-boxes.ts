/** Which boxes of the page are right, and how many faces of one are not. */
import type { LabelledObject } from '../../../app/page/testing/browser/index.ts';
import type { RealPage } from '../../../app/page/testing/real/index.ts';
import { type Box, iou3d, toBoxFrame, type Vec3, wrapAngle } from '../../../inference/boxes/index.ts';

export const RIGHT_IOU = 0.7;
/** Objects with fewer points are not counted. */
const SCORED_POINTS = 10;
/** A face that is farther from the label's than this would be moved by hand, metres. */
const FACE_OFF_METRES = 0.1;
/** The same of the heading, radians. */
const YAW_OFF = (3 * Math.PI) / 180;

export interface JobFrame {
  readonly id: string;
  readonly points: string;
  readonly objects: readonly LabelledObject[];
  readonly pose?: unknown;
  readonly timestamp?: number;
}

interface ScoredBox {
  readonly frame: number;
  readonly truth: LabelledObject;
  /** 0 where there is no box. */
  readonly iou: number;
}

/** Every labelled box of the objects of `idOf` that has enough points, in all frames. */
export async function scoredBoxes(
  on: RealPage,
  frames: readonly JobFrame[],
  idOf: ReadonlyMap<string, string>,
): Promise<ScoredBox[]> {
  const { work } = await on.state();
  return frames.flatMap(({ id, objects }, frame) =>
    objects
      .filter((truth) => idOf.has(truth.id!) && truth.numPoints >= SCORED_POINTS)
      .map((truth) => {
        const label = work.frames[id]?.labels.find((one) => one.id === idOf.get(truth.id!));
        return { frame, truth, iou: label === undefined ? 0 : iou3d(label.box, truth) };
      }),
  );
}

export function rightShare(boxes: readonly ScoredBox[]): string {
  return `${boxes.filter(({ iou }) => iou >= RIGHT_IOU).length} of ${boxes.length} at IoU ${RIGHT_IOU} and more`;
}

/** How many of the faces and the heading of a box a hand would correct. A turn by 180 degrees is none. */
export function correctionsOf(box: Box, truth: Box): number {
  const turn = Math.abs(wrapAngle(box.yaw - truth.yaw));
  const isFlipped = turn > Math.PI / 2;
  const yaw = isFlipped ? wrapAngle(box.yaw + Math.PI) : box.yaw;
  const faces = [0, 1, 2].flatMap((axis) =>
    [-1, 1].map((side) => {
      const own: [number, number, number] = [0, 0, 0];
      own[axis] = (side * box.size[axis]!) / 2;
      const [cos, sin] = [Math.cos(yaw), Math.sin(yaw)];
      const [x, y, z] = box.center;
      const place: Vec3 = [x + own[0] * cos - own[1] * sin, y + own[0] * sin + own[1] * cos, z + own[2]];
      return Math.abs(toBoxFrame(truth, place)[axis]! - (side * truth.size[axis]!) / 2);
    }),
  );
  const isTurned = Math.min(turn, Math.PI - turn) > YAW_OFF;
  return faces.filter((off) => off > FACE_OFF_METRES).length + (isTurned ? 1 : 0);
}
