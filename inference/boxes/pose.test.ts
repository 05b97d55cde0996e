import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Box, iou3d, wrapAngle } from './box.ts';
import {
  IDENTITY_POSE,
  inversePose,
  type Pose,
  quaternionYaw,
  rotate,
  transformBox,
  transformPoint,
  yawQuaternion,
} from './pose.ts';

const metres = fc.double({ min: -50, max: 50, noNaN: true });
const part = fc.double({ min: -1, max: 1, noNaN: true });
const anyPose: fc.Arbitrary<Pose> = fc
  .record({ position: fc.tuple(metres, metres, metres), rotation: fc.tuple(part, part, part, part) })
  .filter(({ rotation }) => Math.hypot(...rotation) > 0.1);

describe('poses', () => {
  it('turns +x to +y by a quarter turn of yaw', () => {
    const [x, y, z] = rotate(yawQuaternion(Math.PI / 2), [1, 0, 0]);
    expect([x, y, z].map((v) => Math.round(v * 1e12))).toEqual([0, 1e12, 0]);
    for (const yaw of [-3, -1.2, 0, 0.5, Math.PI])
      expect(quaternionYaw(yawQuaternion(yaw))).toBeCloseTo(yaw, 12);
  });

  it('goes there and back', () => {
    fc.assert(
      fc.property(anyPose, metres, metres, metres, (pose, x, y, z) => {
        const back = transformPoint(inversePose(pose), transformPoint(pose, [x, y, z]));
        expect(back[0]).toBeCloseTo(x, 6);
        expect(back[1]).toBeCloseTo(y, 6);
        expect(back[2]).toBeCloseTo(z, 6);
      }),
    );
  });

  it('keeps lengths', () => {
    fc.assert(
      fc.property(anyPose, ({ rotation }) => {
        expect(Math.hypot(...rotate(rotation, [1, 2, 2]))).toBeCloseTo(3, 9);
      }),
    );
  });

  it('moves a box with its frame and back', () => {
    const box: Box = { center: [4, 5, 1], size: [4, 2, 1.5], yaw: 0.4 };
    const pose: Pose = { position: [10, -3, 0.5], rotation: yawQuaternion(2.9) };
    const moved = transformBox(pose, box);
    expect(moved.yaw).toBeCloseTo(wrapAngle(3.3), 12);
    expect(moved.size).toEqual(box.size);
    expect(iou3d(transformBox(inversePose(pose), moved), box)).toBeCloseTo(1, 9);
    expect(transformBox(IDENTITY_POSE, box)).toEqual(box);
  });
});
