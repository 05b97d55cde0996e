import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Box, inversePose, type Pose, transformBox, wrapAngle, yawQuaternion } from '../boxes/index.ts';
import { facingAs, foresee } from './previous-boxes.ts';
import type { PreviousBox } from './question.ts';

const metres = (most: number) => fc.double({ min: -most, max: most, noNaN: true });
const pose: fc.Arbitrary<Pose> = fc
  .tuple(metres(50), metres(50), metres(3))
  .map(([x, y, yaw]) => ({ position: [x, y, 0] as const, rotation: yawQuaternion(yaw) }));
const size = [4.5, 1.9, 1.6] as const;
const unknown = { pose: null, timestamp: null };

describe('foresee', () => {
  it('finds a thing that stands in the world where it stands, wherever the scanner goes', () => {
    fc.assert(
      fc.property(pose, pose, metres(30), metres(30), metres(3), (then, now, x, y, yaw) => {
        const world: Box = { center: [x, y, 1], size, yaw };
        const previous = [{ cloud: 'a', pose: then, box: transformBox(inversePose(then), world) }];
        const { boxes } = foresee(previous, { pose: now, timestamp: null });
        expect(boxes).toHaveLength(1);
        const found = transformBox(now, boxes[0]!);
        for (const k of [0, 1, 2] as const) expect(found.center[k]).toBeCloseTo(world.center[k], 6);
        expect(Math.abs(wrapAngle(found.yaw - world.yaw))).toBeLessThan(1e-6);
      }),
    );
  });

  it('finds a thing that goes on at a constant speed, before and after and between', () => {
    fc.assert(
      fc.property(metres(30), metres(30), metres(5), (vx, vy, time) => {
        const at = (t: number): Box => ({ center: [vx * t, vy * t, 0], size, yaw: 0 });
        const previous: PreviousBox[] = [0, 1].map((t) => ({ cloud: `${t}`, timestamp: t, box: at(t) }));
        const [first] = foresee(previous, { pose: null, timestamp: time }).boxes;
        expect(first!.center[0]).toBeCloseTo(vx * time, 6);
        expect(first!.center[1]).toBeCloseTo(vy * time, 6);
      }),
    );
  });

  it('does not believe a speed that nothing has', () => {
    const previous = [0, 1].map((k) => ({
      cloud: `${k}`,
      timestamp: 0.1 * k,
      box: { center: [10 * k, 0, 0] as const, size, yaw: 0 },
    }));
    expect(foresee(previous, { pose: null, timestamp: 0.2 }).boxes.map(({ center }) => center[0])).toEqual([
      10,
    ]);
  });

  it('takes the size of the box edited last that a hand drew, else of the last', () => {
    const of = (confirmed: (boolean | undefined)[]) =>
      foresee(
        confirmed.map((each, k) => ({
          cloud: `${k}`,
          confirmed: each,
          box: { center: [0, 0, 0] as const, size: [4 + k, 2, 1.5] as const, yaw: 0 },
        })),
        unknown,
      );
    expect(of([undefined, true, false])).toMatchObject({ sizeFrom: 1, size: [5, 2, 1.5] });
    expect(of([true, false, false]).sizeFrom).toBe(0);
    expect(of([false, false]).sizeFrom).toBe(1);
  });
});

describe('facingAs', () => {
  it('turns a box that points backwards, and leaves another', () => {
    const box = (yaw: number): Box => ({ center: [0, 0, 0], size, yaw });
    expect(facingAs(box(3), box(0)).yaw).toBeCloseTo(3 - Math.PI, 12);
    expect(facingAs(box(0.5), box(0))).toEqual(box(0.5));
  });
});
