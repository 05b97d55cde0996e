/** The overlap that an answer would have if one part of it were right: this shows where the error is. */
import { type Box, iou3d, iouBev, toBoxFrame, wrapAngle } from '../boxes/index.ts';

export const ORACLE_NAMES = ['height', 'ends', 'sides', 'yaw'] as const;

/** 3D IoU with the true floor and top; the true place of front and rear; of the two sides; the true yaw. */
export interface Oracles extends Readonly<Record<(typeof ORACLE_NAMES)[number], number>> {
  /** True if the answer hardly overlaps the object from above: it found another object. */
  readonly isOther: boolean;
}

/** Answers with less overlap from above than this found another object. */
const OTHER = 0.1;

export function oracles(answer: Box, truth: Box): Oracles {
  const { box, along, across } = inTruthFrame(answer, truth);
  const at = (u: number, v: number): Pick<Box, 'center'> => {
    const [c, s] = [Math.cos(truth.yaw), Math.sin(truth.yaw)];
    const [x, y] = truth.center;
    return { center: [x + u * c - v * s, y + u * s + v * c, box.center[2]] };
  };
  const [length, width, height] = truth.size;
  return {
    height: iou3d(
      {
        ...box,
        center: [box.center[0], box.center[1], truth.center[2]],
        size: [box.size[0], box.size[1], height],
      },
      truth,
    ),
    ends: iou3d({ ...box, ...at(0, across), size: [length, box.size[1], box.size[2]] }, truth),
    sides: iou3d({ ...box, ...at(along, 0), size: [box.size[0], width, box.size[2]] }, truth),
    yaw: iou3d({ ...box, yaw: truth.yaw }, truth),
    isOther: iouBev(box, truth) < OTHER,
  };
}

/**
 * The answer with the one of its four headings that is nearest to the truth's, and its centre along and
 * across the true box.
 */
function inTruthFrame(answer: Box, truth: Box): { box: Box; along: number; across: number } {
  const quarters = Math.round(wrapAngle(truth.yaw - answer.yaw) / (Math.PI / 2));
  const [length, width, height] = answer.size;
  const isOdd = quarters % 2 !== 0;
  const box: Box = {
    ...answer,
    size: isOdd ? [width, length, height] : answer.size,
    yaw: wrapAngle(answer.yaw + (quarters * Math.PI) / 2),
  };
  const [along, across] = toBoxFrame(truth, answer.center);
  return { box, along, across };
}
