import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Box, type Vec3, wrapAngle } from '../boxes/index.ts';
import { KEPT_PARTS, type KeptPart } from './fit-request.ts';
import { followKept, keepParts } from './keep-parts.ts';

/** Without -0, which equals 0 but is told apart by `toEqual`. */
const metres = (least: number, most: number) =>
  fc.double({ min: least, max: most, noNaN: true }).map((value) => value + 0);
const boxes = (far: number): fc.Arbitrary<Box> =>
  fc.record({
    center: fc.tuple(metres(far - 5, far + 5), metres(far - 5, far + 5), metres(-3, 3)),
    size: fc.tuple(metres(0.1, 20), metres(0.1, 5), metres(0.1, 5)),
    yaw: metres(-10, 10),
  });
const keeps = fc.uniqueArray(fc.constantFrom(...KEPT_PARTS), { maxLength: 7 });
/** Also where coordinates are those of a map. */
const pairs = fc.constantFrom(0, 5e6).chain((far) => fc.tuple(boxes(far), boxes(far)));

/** A place on a face, and the direction that the face looks in. */
function face({ center, size, yaw }: Box, part: KeptPart): { place: Vec3; normal: Vec3 } {
  const [c, s] = [Math.cos(yaw), Math.sin(yaw)];
  const axes: Record<string, [Vec3, number]> = {
    front: [[c, s, 0], size[0]],
    rear: [[-c, -s, 0], size[0]],
    left: [[-s, c, 0], size[1]],
    right: [[s, -c, 0], size[1]],
    top: [[0, 0, 1], size[2]],
    bottom: [[0, 0, -1], size[2]],
  };
  const [normal, length] = axes[part]!;
  return { place: center.map((value, k) => value + (normal[k]! * length) / 2) as unknown as Vec3, normal };
}

describe('keepParts', () => {
  it('moves no kept plane by a micrometre, whatever was fitted', () => {
    fc.assert(
      fc.property(pairs, keeps, ([answer, drawn], keep) => {
        const kept = keepParts(answer, drawn, keep);
        for (const part of keep.filter((name) => name !== 'yaw')) {
          const [before, after] = [face(drawn, part), face(kept, part)];
          const apart = before.normal.reduce(
            (sum, n, k) => sum + n * (after.place[k]! - before.place[k]!),
            0,
          );
          expect(Math.abs(apart)).toBeLessThanOrEqual(1e-6);
          for (const k of [0, 1, 2] as const) expect(after.normal[k]).toBeCloseTo(before.normal[k], 9);
        }
        for (const side of kept.size) expect(side).toBeGreaterThanOrEqual(0.1 - 1e-12);
      }),
    );
  });

  it('keeps the yaw with a side, and else stays within a quarter of a turn of it', () => {
    fc.assert(
      fc.property(pairs, keeps, ([answer, drawn], keep) => {
        if (keep.length === 0) return;
        const turned = Math.abs(wrapAngle(keepParts(answer, drawn, keep).yaw - drawn.yaw));
        const isHeld = keep.some((part) => part !== 'top' && part !== 'bottom');
        expect(turned).toBeLessThanOrEqual(isHeld ? 1e-12 : Math.PI / 2 + 1e-12);
      }),
    );
  });

  it('takes the other faces from the answer', () => {
    const drawn: Box = { center: [0, 0, 0], size: [4, 2, 1.5], yaw: 0 };
    const answer: Box = { center: [0.5, 0.1, 0.1], size: [5, 1.8, 1.6], yaw: 0 };
    const kept = keepParts(answer, drawn, ['rear', 'top']);
    // From the drawn rear at -2 to the answer's front at 3; from the answer's floor at -.7 to the drawn top
    // at .75.
    expect(kept.center).toEqual([0.5, 0.1, expect.closeTo(0.025, 9)]);
    expect(kept.size).toEqual([5, 1.8, expect.closeTo(1.45, 9)]);
  });

  it('reads a box that was fitted crosswise along the drawn axes', () => {
    const drawn: Box = { center: [0, 0, 0], size: [4, 2, 1.5], yaw: 0 };
    const crosswise: Box = { center: [0, 0, 0], size: [1.8, 4.4, 1.5], yaw: Math.PI / 2 };
    expect(keepParts(crosswise, drawn, ['yaw']).size).toEqual([4.4, 1.8, 1.5]);
  });

  it('is the answer where nothing is kept, and the drawn box where everything is', () => {
    fc.assert(
      fc.property(pairs, ([answer, drawn]) => {
        expect(keepParts(answer, drawn, [])).toBe(answer);
        const { center, size, yaw } = keepParts(answer, drawn, KEPT_PARTS);
        expect([center, size, yaw]).toEqual([drawn.center, drawn.size, wrapAngle(drawn.yaw)]);
      }),
    );
  });
});

describe('followKept', () => {
  const drawn: Box = { center: [0, 0, 0], size: [4, 2, 1.5], yaw: 0 };

  it('moves the face opposite to a placed side along, by a share of the way', () => {
    // The fit would put the left side 0.2 m farther out than the annotator has it.
    const free: Box = { center: [0, 0.1, 0], size: [4, 2.2, 1.5], yaw: 0 };
    const kept = keepParts(free, drawn, ['left']);
    const followed = followKept(kept, free, drawn, ['left']);
    expect(followed.center[1] + followed.size[1] / 2).toBeCloseTo(1, 9);
    expect(followed.center[1] - followed.size[1] / 2).toBeCloseTo(-1.1, 9);
  });

  it('leaves kept planes where they are, and boxes without a placed side', () => {
    fc.assert(
      fc.property(pairs, boxes(0), keeps, ([answer, placed], free, keep) => {
        const kept = keepParts(answer, placed, keep);
        const followed = followKept(kept, free, placed, keep);
        if (keep.every((part) => part === 'top' || part === 'bottom' || part === 'yaw'))
          expect(followed).toBe(kept);
        for (const part of keep.filter((name) => name !== 'yaw')) {
          const [before, after] = [face(placed, part), face(followed, part)];
          const apart = before.normal.reduce(
            (sum, n, k) => sum + n * (after.place[k]! - before.place[k]!),
            0,
          );
          expect(Math.abs(apart)).toBeLessThanOrEqual(1e-6);
        }
        for (const side of followed.size) expect(side).toBeGreaterThanOrEqual(0.1 - 1e-12);
      }),
    );
  });
});
