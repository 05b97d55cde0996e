/** Which box is under a pixel where there are no points. */
import { toBoxFrame, type Vec2, type Vec3 } from '../../../inference/boxes/index.ts';
import type { Label } from '../model/index.ts';
import type { View } from '../viewer/index.ts';

/** The nearest label whose box the line of sight through a pixel meets. */
export function boxOnRay(labels: readonly Label[], view: View, pixel: Vec2): Label | undefined {
  const { near, far } = view.ray(pixel);
  return boxOnLine(labels, near, far);
}

/** The label whose box a line meets first. */
export function boxOnLine(labels: readonly Label[], near: Vec3, far: Vec3): Label | undefined {
  let found: Label | undefined;
  let nearest = Number.POSITIVE_INFINITY;
  for (const label of labels) {
    const [from, to] = [toBoxFrame(label.box, near), toBoxFrame(label.box, far)];
    let [enter, leave] = [0, 1];
    for (const axis of [0, 1, 2] as const) {
      const half = label.box.size[axis] / 2;
      const step = to[axis]! - from[axis]!;
      // Along the two planes of this axis; a line parallel to them is between them or misses.
      const [a, b] = [(-half - from[axis]!) / step, (half - from[axis]!) / step];
      if (step === 0) {
        if (Math.abs(from[axis]!) > half) leave = -1;
        continue;
      }
      enter = Math.max(enter, Math.min(a, b));
      leave = Math.min(leave, Math.max(a, b));
    }
    if (enter <= leave && enter < nearest) [found, nearest] = [label, enter];
  }
  return found;
}
