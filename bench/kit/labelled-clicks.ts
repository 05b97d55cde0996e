/**
 * Labelled objects as requests to a fit, without octree and HTTP: the clicks are those of `nearbox evaluate`.
 */
import path from 'node:path';
import { type Box, iou3d, type Pose, type Vec3, wrapAngle } from '../../inference/boxes/index.ts';
import { type LabelGroup, labelClass, labelGroup, type ObjectClass } from '../../inference/classes/index.ts';
import { drawQuestion, type HintKind } from '../../inference/evaluation/index.ts';
import type { FitRequest } from '../../inference/fit/index.ts';
import { offsetsInside, readFramePoints, readLabelledFrames } from '../../inference/frames/index.ts';

const CONTEXT_METRES = 15;
const MOST_RANGE_METRES = 70;

/** A question about a labelled object. All is in the crop's coordinates: metres from the hint. */
export interface LabelledClick {
  readonly set: string;
  readonly frame: string;
  /** The same for all clicks at one physical object. */
  readonly object: string;
  readonly class: ObjectClass;
  readonly numPoints: number;
  /** Takes the frame's coordinates to the world that its sequence shares, if the folder says so. */
  readonly pose: Pose | null;
  readonly request: FitRequest;
  readonly truth: Box;
}

export interface LabelledClicksOptions {
  readonly group: LabelGroup;
  readonly hint: Extract<HintKind, 'click' | 'box'>;
  /** Clicks at each object. */
  readonly seeds: number;
  readonly minPoints: number;
  /** Every how many frames. */
  readonly every: number;
}

/**
 * The questions of a folder of labelled frames. A scanner stands at x = y = 0 where the folder does not say
 * otherwise.
 */
export async function labelledClicks(
  folder: string,
  { group, hint, seeds, minPoints, every }: LabelledClicksOptions,
): Promise<LabelledClick[]> {
  const frames = (await readLabelledFrames(folder)).filter((_, k) => k % every === 0);
  const found: LabelledClick[] = [];
  for (const frame of frames) {
    const points = await readFramePoints(frame);
    for (const [index, object] of frame.objects.entries()) {
      if (labelGroup(object.class) !== group) continue;
      const inside = offsetsInside(points, object);
      const numPoints = object.numPoints ?? inside.length;
      if (inside.length === 0 || numPoints < minPoints) continue;
      if (Math.hypot(object.center[0], object.center[1]) > MOST_RANGE_METRES) continue;
      for (let seed = 1; seed <= seeds; seed++) {
        const draw = { frameId: frame.id, index, numPoints, seed, jitter: 0.05 };
        const { region } = drawQuestion(hint, points, inside, object, draw, frame.sensor);
        if (region.type !== 'click' && region.type !== 'box') throw new TypeError('only clicks and boxes');
        const origin = region.type === 'click' ? region.position : region.center;
        const from = (place: Vec3): Vec3 => [
          place[0] - origin[0],
          place[1] - origin[1],
          place[2] - origin[2],
        ];
        found.push({
          set: path.basename(folder),
          frame: frame.id,
          object: `${frame.scene}/${object.id ?? `${frame.id}#${index}`}`,
          class: labelClass(object.class),
          numPoints,
          pose: frame.pose,
          truth: { center: from(object.center), size: object.size, yaw: wrapAngle(object.yaw) },
          request: {
            crop: { origin, ...pointsAround(points, origin) },
            hint:
              region.type === 'click'
                ? { type: 'click', position: [0, 0, 0], also: [] }
                : { type: 'box', box: { center: [0, 0, 0], size: region.size, yaw: region.yaw } },
            class: null,
            size: null,
            sensor: from(frame.sensor ?? [0, 0, 0]),
            others: [],
          },
        });
      }
    }
  }
  return found;
}

/** Points within `CONTEXT_METRES`, relative to the place. */
export function pointsAround(points: Float32Array, [x, y, z]: Vec3) {
  const near: number[] = [];
  for (let i = 0; i < points.length; i += 4) {
    const [dx, dy, dz] = [points[i]! - x, points[i + 1]! - y, points[i + 2]! - z];
    if (dx * dx + dy * dy + dz * dz <= CONTEXT_METRES ** 2) near.push(dx, dy, dz);
  }
  return { positions: Float32Array.from(near), count: near.length / 3 };
}

/** Mean 3D IoU and the share of at least 0.7. */
export function meanIou(boxes: readonly (readonly [answer: Box, truth: Box])[]): {
  readonly mean: number;
  readonly at70: number;
} {
  const ious = boxes.map(([answer, truth]) => iou3d(answer, truth));
  const sum = ious.reduce((total, iou) => total + iou, 0);
  return { mean: sum / ious.length, at70: ious.filter((iou) => iou >= 0.7).length / ious.length };
}
