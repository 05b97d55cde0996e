/** Checks of one frame: each box by itself, and against its neighbours. */
import { type Box, overlap, volume } from '../boxes/index.ts';
import type { BoxFinding, CheckedFrame, CheckedObject } from './finding.ts';
import { USUAL_SIZES } from './usual-sizes.ts';

/** Two boxes may share this part of the smaller one. */
const MOST_SHARED = 0.05;
/** The bottom may lie this far from the ground, metres: it is seldom known better. */
const OFF_GROUND = 0.35;
/** Of an object's points, this part may be outside; and so many points make no case. */
const MOST_OUTSIDE = 0.15;
const LEAST_OUTSIDE = 12;

export function checkFrame({ id: frame, objects }: CheckedFrame): BoxFinding[] {
  return [
    ...overlaps(frame, objects),
    ...objects.flatMap((object, index) => {
      const found = [...byPoints(object), ...bySize(object)];
      return found.map((finding) => ({ ...finding, frame, id: object.id, index }));
    }),
  ];
}

type Own = Pick<BoxFinding, 'kind' | 'value'>;

function overlaps(frame: string, objects: readonly CheckedObject[]): BoxFinding[] {
  const found: BoxFinding[] = [];
  for (const [index, { id, box }] of objects.entries())
    for (const { id: other, box: second, class: name } of objects.slice(index + 1)) {
      if (!isNear(box, second)) continue;
      const { iou } = overlap(box, second);
      if (iou === 0) continue;
      // The common volume, from the share of the union.
      const shared = (iou / (1 + iou)) * (volume(box) + volume(second));
      const value = shared / Math.min(volume(box), volume(second));
      if (value > MOST_SHARED)
        found.push({ kind: 'overlap', frame, id, index, value, other: other ?? `a ${name}` });
    }
  return found;
}

function isNear(a: Box, b: Box): boolean {
  const reach = (Math.hypot(...a.size) + Math.hypot(...b.size)) / 2;
  return Math.hypot(a.center[0] - b.center[0], a.center[1] - b.center[1]) < reach;
}

function byPoints({ box, evidence }: CheckedObject): Own[] {
  if (evidence === null) return [];
  const { inside, beside, ground } = evidence;
  if (inside === 0) return [{ kind: 'empty', value: 0 }];
  const found: Own[] = [];
  const outside = beside / (inside + beside);
  if (beside >= LEAST_OUTSIDE && outside > MOST_OUTSIDE)
    found.push({ kind: 'points_outside', value: outside });
  const off = ground === null ? 0 : box.center[2] - box.size[2] / 2 - ground;
  if (off > OFF_GROUND) found.push({ kind: 'floating', value: off });
  if (off < -OFF_GROUND) found.push({ kind: 'sunk', value: off });
  return found;
}

function bySize({ box, class: name }: CheckedObject): Own[] {
  const odd = USUAL_SIZES[name]?.findIndex(
    ([low, high], k) => !(box.size[k]! >= low && box.size[k]! <= high),
  );
  return odd === undefined || odd === -1 ? [] : [{ kind: 'size_of_class', value: box.size[odd]! }];
}
