import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Box, iou3d, toBoxFrame, type Vec3, volume } from '../../../inference/boxes/index.ts';
import { inRing, pointList, simplified } from '../cloud/index.ts';
import { anyBox } from '../testing/index.ts';
import {
  type Axis,
  bottom,
  faceAt,
  faceMoved,
  flipped,
  movedOwn,
  resized,
  type Side,
  standing,
  turned,
} from './edit.ts';
import { boxOverRectangle } from './rough.ts';
import { countInside, shrunk, snapFace } from './snap.ts';

const anyAxis = fc.constantFrom<Axis>(0, 1, 2);
const anySide = fc.constantFrom<Side>(1, -1);

/** The middle of a face in the cloud's coordinates. */
function faceMiddle(box: Box, axis: Axis, side: Side): Vec3 {
  const own = [0, 0, 0];
  own[axis] = (box.size[axis] / 2) * side;
  return movedOwn(box, own as unknown as Vec3).center;
}

describe('box edits', () => {
  it('move one face and leave the opposite one', () => {
    fc.assert(
      fc.property(
        anyBox,
        anyAxis,
        anySide,
        fc.double({ min: -0.1, max: 5, noNaN: true }),
        (box, axis, side, by) => {
          const after = faceMoved(box, axis, side, by);
          const still = faceMiddle(after, axis, -side as Side);
          for (const [k, value] of faceMiddle(box, axis, -side as Side).entries())
            expect(still[k]).toBeCloseTo(value, 9);
          expect(after.size[axis]).toBeCloseTo(box.size[axis] + by, 9);
          expect(toBoxFrame(box, faceMiddle(after, axis, side))[axis] * side).toBeCloseTo(
            box.size[axis] / 2 + by,
            9,
          );
        },
      ),
    );
  });

  it('put a face at a place', () => {
    fc.assert(
      fc.property(anyBox, anyAxis, anySide, (box, axis, side) => {
        const place = (box.size[axis] / 2 + 0.7) * side;
        const after = faceAt(box, axis, side, place);
        expect(toBoxFrame(box, faceMiddle(after, axis, side))[axis]).toBeCloseTo(place, 9);
      }),
    );
  });

  it('never make an edge vanish', () => {
    expect(faceMoved({ center: [0, 0, 0], size: [1, 1, 1], yaw: 0 }, 0, 1, -9).size[0]).toBe(0.05);
  });

  it('turn and flip without changing the cuboid’s size; a flip is the same cuboid', () => {
    fc.assert(
      fc.property(anyBox, (box) => {
        expect(iou3d(box, flipped(box))).toBeCloseTo(1, 6);
        const back = turned(turned(box, 1), -1);
        expect(Math.cos(back.yaw - box.yaw)).toBeCloseTo(1, 12);
      }),
    );
  });

  it('keep the bottom where it stands when the size is typed', () => {
    fc.assert(
      fc.property(anyBox, (box) => {
        expect(bottom(resized(box, [3, 2, 1]))).toBeCloseTo(bottom(box), 9);
        expect(volume(resized(box, [3, 2, 1]))).toBeCloseTo(6, 9);
      }),
    );
  });

  it('sit on the ground: the top stays, or the size does', () => {
    const box: Box = { center: [0, 0, 1], size: [4, 2, 1.5], yaw: 1 };
    expect(standing(box, 0, false)).toMatchObject({ center: [0, 0, 0.875], size: [4, 2, 1.75] });
    expect(standing(box, 0, true)).toMatchObject({ center: [0, 0, 0.75], size: [4, 2, 1.5] });
    expect(standing(box, 5, false)).toMatchObject({ center: [0, 0, 5.75], size: [4, 2, 1.5] });
  });
});

/** A shell of points on the sides and the top of a box, and ground around it, at a large offset. */
function car(box: Box): Vec3[] {
  const points: Vec3[] = [];
  const put = (along: number, across: number, up: number) =>
    points.push(movedOwn(box, [along, across, up]).center);
  const [l, w, h] = [box.size[0] / 2, box.size[1] / 2, box.size[2] / 2];
  for (let a = -l; a <= l + 1e-9; a += l / 20)
    for (let u = -h + 0.3; u <= h + 1e-9; u += h / 10) put(a, w, u);
  for (let b = -w; b <= w + 1e-9; b += w / 10)
    for (let u = -h + 0.3; u <= h + 1e-9; u += h / 10) put(l, b, u);
  for (let a = -l; a <= l + 1e-9; a += l / 20) for (let b = -w; b <= w + 1e-9; b += w / 10) put(a, b, h);
  for (let x = -6; x <= 6; x += 0.25) for (let y = -6; y <= 6; y += 0.25) put(x, y, -h);
  return points;
}

describe('snapping', () => {
  const truth: Box = { center: [500_000, 5_400_000, 100], size: [4.4, 1.8, 1.5], yaw: 0.6 };
  const points = pointList([500_000, 5_400_000, 100], car(truth));

  it('draws a face in to the points, at UTM coordinates', () => {
    const loose = faceMoved(truth, 0, 1, 0.6);
    const snapped = snapFace(loose, 0, 1, points)!;
    expect(snapped.size[0]).toBeCloseTo(4.4 + 0.02, 2);
  });

  it('draws a face out along the points of the object', () => {
    const tight = faceMoved(truth, 0, 1, -0.5);
    expect(snapFace(tight, 0, 1, points)!.size[0]).toBeCloseTo(4.42, 2);
    const low = faceMoved(truth, 2, 1, -0.4);
    expect(snapFace(low, 2, 1, points)!.size[2]).toBeCloseTo(1.52, 2);
  });

  it('does not draw a side in to the ground, nor the bottom down to it', () => {
    const loose = faceMoved(truth, 1, -1, 1);
    expect(snapFace(loose, 1, -1, points)!.size[1]).toBeCloseTo(1.82, 1);
    const high = faceMoved(truth, 2, -1, -0.5);
    expect(snapFace(high, 2, -1, points)!.size[2]).toBeLessThanOrEqual(high.size[2] + 0.03);
  });

  it('shrinks all faces at once', () => {
    let loose = truth;
    for (const axis of [0, 1] as const)
      for (const side of [1, -1] as const) loose = faceMoved(loose, axis, side, 0.4);
    loose = faceMoved(loose, 2, 1, 0.5);
    const result = shrunk(loose, points)!;
    expect(iou3d(result, truth)).toBeGreaterThan(0.95);
    expect(bottom(result)).toBeCloseTo(bottom(truth), 6);
  });

  it('does nothing where there are no points', () => {
    const away = { ...truth, center: [500_100, 5_400_000, 100] as const };
    expect(shrunk(away, points)).toBeNull();
    expect(snapFace(away, 0, 1, points)).toBeNull();
    expect(countInside(away, points)).toBe(0);
    expect(countInside(truth, points)).toBeGreaterThan(500);
  });
});

describe('rough boxes', () => {
  it('cover the dragged rectangle, the longer side as length, up to the highest point', () => {
    const points = pointList(
      [0, 0, 0],
      [
        [1, 2, 1.4],
        [1, 2, 30],
        [9, 9, 3],
      ],
    );
    const box = boxOverRectangle([0, 0], [2, 4], 0, 0, points);
    expect(box.size[0]).toBeCloseTo(4);
    expect(box.size[1]).toBeCloseTo(2);
    expect(box.size[2]).toBeCloseTo(1.4);
    expect(box.center).toEqual([1, 2, expect.closeTo(0.7, 5)]);
    expect(Math.abs(box.yaw)).toBeCloseTo(Math.PI / 2);
  });

  it('follow the view that they are dragged in', () => {
    const turn = 0.7;
    const to: [number, number] = [
      4 * Math.cos(turn) - 2 * Math.sin(turn),
      4 * Math.sin(turn) + 2 * Math.cos(turn),
    ];
    const box = boxOverRectangle([0, 0], to, turn, 0, pointList([0, 0, 0], []));
    expect(box.size[0]).toBeCloseTo(4);
    expect(box.size[1]).toBeCloseTo(2);
    expect(box.yaw).toBeCloseTo(turn);
  });
});

describe('lasso', () => {
  const square = [
    [0, 0],
    [4, 0],
    [4, 4],
    [0, 4],
  ] as const;

  it('tells in from out', () => {
    expect(inRing(square, 1, 1)).toBe(true);
    expect(inRing(square, 5, 1)).toBe(false);
  });

  it('needs fewer corners for the same shape', () => {
    const round = Array.from({ length: 400 }, (_, i): [number, number] => [
      100 * Math.cos(i / 63.7),
      100 * Math.sin(i / 63.7),
    ]);
    const few = simplified(round, 0.5);
    expect(few.length).toBeLessThan(80);
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 98, noNaN: true }),
        fc.double({ min: 0, max: 6, noNaN: true }),
        (r, a) => inRing(few, r * Math.cos(a), r * Math.sin(a)),
      ),
    );
  });
});
