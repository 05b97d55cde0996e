import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../cache/foundation/index.ts';
import {
  axisAngle,
  type Box,
  contains,
  corners,
  enlarged,
  footprint,
  insideTest,
  iou3d,
  iouBev,
  overlap,
  toBoxFrame,
  volume,
  wrapAngle,
} from './box.ts';

const metres = (max: number) => fc.double({ min: -max, max, noNaN: true });
const side = fc.double({ min: 0.1, max: 20, noNaN: true });
const anyYaw = fc.double({ min: -20, max: 20, noNaN: true });
const anyBox: fc.Arbitrary<Box> = fc.record({
  center: fc.tuple(metres(8), metres(8), metres(3)),
  size: fc.tuple(side, side, side),
  yaw: anyYaw,
});
const unit: Box = { center: [0, 0, 0], size: [4, 2, 1.5], yaw: 0 };

describe('angles', () => {
  it('wraps into (-pi, pi]', () => {
    expect(wrapAngle(Math.PI)).toBe(Math.PI);
    expect(wrapAngle(-Math.PI)).toBe(Math.PI);
    expect(wrapAngle(7 * Math.PI)).toBeCloseTo(Math.PI, 12);
    fc.assert(
      fc.property(anyYaw, (yaw) => {
        const wrapped = wrapAngle(yaw);
        expect(wrapped).toBeGreaterThan(-Math.PI);
        expect(wrapped).toBeLessThanOrEqual(Math.PI);
        expect(Math.cos(wrapped)).toBeCloseTo(Math.cos(yaw), 9);
        expect(Math.sin(wrapped)).toBeCloseTo(Math.sin(yaw), 9);
      }),
    );
  });

  it('does not tell front from back in axisAngle', () => {
    expect(axisAngle(0.1, 0.1 + Math.PI)).toBeCloseTo(0, 12);
    expect(axisAngle(0, Math.PI / 2)).toBeCloseTo(Math.PI / 2, 12);
    expect(axisAngle(3, -3)).toBeCloseTo(2 * Math.PI - 6, 12);
  });
});

describe('corners and contains', () => {
  it('puts the front left corner first, counter-clockwise, bottom before top', () => {
    const box: Box = { center: [10, 20, 1], size: [4, 2, 1.5], yaw: Math.PI / 2 };
    const [frontLeft, rearLeft] = footprint(box);
    expect(frontLeft[0]).toBeCloseTo(9);
    expect(frontLeft[1]).toBeCloseTo(22);
    expect(rearLeft[0]).toBeCloseTo(9);
    expect(rearLeft[1]).toBeCloseTo(18);
    expect(corners(box).map(([, , z]) => z)).toEqual([0.25, 0.25, 0.25, 0.25, 1.75, 1.75, 1.75, 1.75]);
  });

  it('takes the border in, also turned and at UTM coordinates', () => {
    fc.assert(
      fc.property(anyBox, fc.constantFrom(0, 5_512_345.678, 9_999_999.9), (box, far) => {
        const there: Box = { ...box, center: [box.center[0] + far, box.center[1] + far, box.center[2]] };
        for (const corner of corners(there)) expect(contains(there, corner)).toBe(true);
        expect(contains(there, there.center)).toBe(true);
      }),
      {
        examples: [
          [
            {
              center: [0, 0, 0],
              size: [0.4209720196524673, 0.11340728846382088, 0.1],
              yaw: 19.999999999999957,
            },
            5_512_345.678,
          ],
        ],
      },
    );
    expect(contains(unit, [2.001, 0, 0])).toBe(false);
    expect(contains(unit, [0, 0, -0.751])).toBe(false);
    expect(insideTest(unit, 0.1)(2.05, 1.05, 0.8)).toBe(true);
    expect(contains(unit, [Number.NaN, 0, 0])).toBe(false);
  });

  it('enlarges by a factor, then by a margin on each side', () => {
    expect(enlarged(unit, 1.5, 0.25).size).toEqual([6.5, 3.5, 2.75]);
  });

  it('takes corners to half sizes in the own frame', () => {
    const box: Box = { center: [1, 2, 3], size: [4, 2, 1], yaw: 0.7 };
    const [x, y, z] = toBoxFrame(box, corners(box)[0]!);
    expect([x, y, z].map((v) => Math.round(v * 1e9) / 1e9)).toEqual([2, 1, -0.5]);
  });
});

describe('wrapAngle', () => {
  it('reduces any finite angle to the one with the same sine and cosine', () => {
    for (const angle of [0, 3, -3, Math.PI, -Math.PI, 7, -100, 1e6, 1e16, -1e22, 1e300, Number.MAX_VALUE]) {
      const wrapped = wrapAngle(angle);
      expect(wrapped > -Math.PI && wrapped <= Math.PI).toBe(true);
      expect(Math.sin(wrapped)).toBeCloseTo(Math.sin(angle), 9);
      expect(Math.cos(wrapped)).toBeCloseTo(Math.cos(angle), 9);
    }
  });
});

describe('overlap', () => {
  it('is 1 with itself, the same both ways, and within 0..1', () => {
    fc.assert(
      fc.property(anyBox, anyBox, (a, b) => {
        expect(iou3d(a, a)).toBeCloseTo(1, 9);
        const ab = overlap(a, b);
        const ba = overlap(b, a);
        expect(ab.iou).toBeCloseTo(ba.iou, 9);
        expect(ab.bev).toBeCloseTo(ba.bev, 9);
        expect(ab.iou).toBeGreaterThanOrEqual(0);
        expect(ab.bev).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('does not change when both boxes move together, nor with yaw + pi', () => {
    fc.assert(
      fc.property(anyBox, anyBox, metres(1000), metres(1000), anyYaw, (a, b, dx, dy, turn) => {
        const cos = Math.cos(turn);
        const sin = Math.sin(turn);
        const moved = ({ center: [x, y, z], size, yaw }: Box): Box => ({
          center: [x * cos - y * sin + dx, x * sin + y * cos + dy, z + 5],
          size,
          yaw: yaw + turn,
        });
        expect(iou3d(moved(a), moved(b))).toBeCloseTo(iou3d(a, b), 8);
        expect(iou3d({ ...a, yaw: a.yaw + Math.PI }, b)).toBeCloseTo(iou3d(a, b), 9);
      }),
    );
  });

  it('agrees with known cases', () => {
    const shifted: Box = { ...unit, center: [1, 0, 0] };
    expect(iouBev(unit, shifted)).toBeCloseTo(3 / 5, 12);
    expect(iou3d(unit, { ...unit, center: [0, 0, 0.75] })).toBeCloseTo(1 / 3, 12);
    // A square and the same turned by 45 degrees: a regular octagon.
    const square: Box = { center: [0, 0, 0], size: [2, 2, 2], yaw: 0 };
    const octagon = 8 * (Math.SQRT2 - 1);
    expect(iouBev(square, { ...square, yaw: Math.PI / 4 })).toBeCloseTo(octagon / (8 - octagon), 12);
    expect(iou3d(unit, { ...unit, center: [4.5, 0, 0] })).toBe(0);
    // Length and width exchanged and turned a quarter is the same box.
    expect(iou3d(unit, { ...unit, size: [2, 4, 1.5], yaw: Math.PI / 2 })).toBeCloseTo(1, 12);
    expect(overlap({ ...unit, size: [1, 1, 1.5] }, unit).iou).toBeCloseTo(1 / 8, 12);
  });

  it('agrees with counting random points', () => {
    const random = mulberry32(3);
    const between = (low: number, high: number) => low + (high - low) * random();
    for (let trial = 0; trial < 8; trial++) {
      const made = (): Box => ({
        center: [between(-1, 1), between(-1, 1), between(-0.5, 0.5)],
        size: [between(1, 5), between(1, 3), between(1, 2)],
        yaw: between(-4, 4),
      });
      const [a, b] = [made(), made()];
      const [inA, inB] = [insideTest(a), insideTest(b)];
      let both = 0;
      let any = 0;
      for (let k = 0; k < 60_000; k++) {
        const [x, y, z] = [between(-4.5, 4.5), between(-4.5, 4.5), between(-2, 2)];
        const [p, q] = [inA(x, y, z), inB(x, y, z)];
        if (p && q) both++;
        if (p || q) any++;
      }
      expect(iou3d(a, b)).toBeCloseTo(both / any, 1);
      expect(Math.abs(iou3d(a, b) - both / any)).toBeLessThan(0.025);
    }
  });

  it('is 0 for boxes without volume and for NaN', () => {
    const flat: Box = { ...unit, size: [4, 2, 0] };
    expect(overlap(flat, flat)).toEqual({ bev: 1, iou: 0 });
    expect(overlap({ ...unit, size: [0, 0, 0] }, unit)).toEqual({ bev: 0, iou: 0 });
    expect(overlap({ ...unit, center: [Number.NaN, 0, 0] }, unit)).toEqual({ bev: 0, iou: 0 });
    expect(volume(flat)).toBe(0);
  });
});
