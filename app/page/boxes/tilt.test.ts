/** Pitch and roll: where corners go, and quaternions there and back. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Box, corners } from '../../../inference/boxes/index.ts';
import { quaternionOf, tiltedCorners, tiltOfQuaternion } from './index.ts';

const box: Box = { center: [10, 5, 1], size: [4, 2, 1.5], yaw: Math.PI / 2 };
const angle = fc.double({ min: -1.4, max: 1.4, noNaN: true });

describe('a tilt', () => {
  it('lowers the front by a positive pitch, and the right by a positive roll', () => {
    const [frontLeft, rearLeft, rearRight] = tiltedCorners(box, { pitch: 0.1, roll: 0 });
    expect(frontLeft![2]).toBeLessThan(rearLeft![2]);
    expect(rearLeft![2]).toBeCloseTo(rearRight![2], 12);
    const rolled = tiltedCorners(box, { pitch: 0, roll: 0.1 });
    expect(rolled[2]![2]).toBeLessThan(rolled[1]![2]);
    expect(tiltedCorners(box, undefined)).toEqual(corners(box));
  });

  it('turns as its quaternion does, and comes back from it', () => {
    fc.assert(
      fc.property(angle, angle, fc.double({ min: -3, max: 3, noNaN: true }), (pitch, roll, yaw) => {
        const [x, y, z, w] = quaternionOf(yaw, { pitch, roll }) as [number, number, number, number];
        const turned = { ...box, yaw };
        const [corner] = tiltedCorners(turned, { pitch, roll });
        // v' = v + 2 q x (q x v + w v), from the half sizes of the first corner.
        const [a, b, c] = [2, 1, -0.75];
        const [tx, ty, tz] = [2 * (y * c - z * b), 2 * (z * a - x * c), 2 * (x * b - y * a)];
        const expected = [
          a + w * tx + y * tz - z * ty + 10,
          b + w * ty + z * tx - x * tz + 5,
          c + w * tz + x * ty - y * tx + 1,
        ];
        for (const [k, value] of corner!.entries()) expect(value).toBeCloseTo(expected[k]!, 9);
        const tilt = tiltOfQuaternion([x, y, z, w]) ?? { pitch: 0, roll: 0 };
        expect(tilt.pitch).toBeCloseTo(pitch, 3);
        expect(tilt.roll).toBeCloseTo(roll, 3);
      }),
    );
  });
});
