import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Box, type Pose, transformPoint, type Vec3 } from '../boxes/index.ts';
import type { Camera } from './camera.ts';
import { CameraProjection } from './projection.ts';

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const anyRotation = fc
  .tuple(number(-1, 1), number(-1, 1), number(-1, 1), number(-1, 1))
  .filter((rotation) => Math.hypot(...rotation) > 0.1);
const anyPose: fc.Arbitrary<Pose> = fc.record({
  position: fc.tuple(number(-600_000, 600_000), number(-5_000_000, 5_000_000), number(-50, 500)),
  rotation: anyRotation,
});

/** The rotation of a quaternion, row by row. */
function rowsOf(rotation: Pose['rotation']): number[] {
  const columns = [0, 1, 2].map((k) =>
    transformPoint({ position: [0, 0, 0], rotation }, [0, 1, 2].map((j) => (j === k ? 1 : 0)) as never),
  );
  return [0, 1, 2].flatMap((row) => columns.map((column) => column[row]!));
}

/** From none to more than a wide lens has. */
const anyCamera: fc.Arbitrary<Camera> = fc.record(
  {
    name: fc.constant('front'),
    focal: fc.tuple(number(300, 3000), number(300, 3000)),
    centre: fc.tuple(number(300, 1000), number(200, 600)),
    distortion: fc.tuple(
      number(-0.4, 0.4),
      number(-0.2, 0.2),
      number(-0.005, 0.005),
      number(-0.005, 0.005),
      number(-0.05, 0.05),
    ),
    rectification: anyRotation.map(rowsOf),
    pose: anyPose,
  },
  { requiredKeys: ['name', 'focal', 'centre', 'pose'] },
);

/** Ahead of the scanner: x to the right is -y of the cloud, down is -z, ahead is x. */
const FRONT: Camera = {
  name: 'front',
  focal: [700, 710],
  centre: [600, 180],
  pose: { position: [1, 0.5, 1.2], rotation: [-0.5, 0.5, -0.5, 0.5] },
};

describe('projection', () => {
  it('puts what lies ahead in the middle, the left on the left, and what is high above', () => {
    const projection = new CameraProjection(FRONT);
    expect(projection.project([11, 0.5, 1.2])).toEqual({
      x: expect.closeTo(600, 9),
      y: expect.closeTo(180, 9),
      depth: expect.closeTo(10, 9),
    });
    expect(projection.project([11, 2.5, 1.2])!.x).toBeCloseTo(600 - (700 * 2) / 10, 9);
    expect(projection.project([11, 0.5, 2.2])!.y).toBeCloseTo(180 - (710 * 1) / 10, 9);
    expect(projection.project([-9, 0.5, 1.2])).toBeNull();
  });

  it('and lines of sight are each other’s inverse, at large coordinates too', () => {
    fc.assert(
      fc.property(anyCamera, number(0, 1300), number(0, 800), number(0.5, 120), (camera, x, y, depth) => {
        const projection = new CameraProjection(camera);
        const ray = projection.ray([x, y]);
        // The lens shows nothing there.
        if (ray === null) return;
        const place = ray.from.map((value, k) => value + depth * ray.direction[k]!) as unknown as Vec3;
        const pixel = projection.project(place)!;
        expect(pixel.depth).toBeCloseTo(depth, 5);
        expect(pixel.x).toBeCloseTo(x, 3);
        expect(pixel.y).toBeCloseTo(y, 3);
      }),
      { numRuns: 500 },
    );
  });

  it('finds a line of sight for every pixel that it puts a place on', () => {
    fc.assert(
      fc.property(anyCamera, number(-1, 1), number(-1, 1), number(0.5, 100), (camera, right, down, depth) => {
        const flat = new CameraProjection({ ...camera, distortion: undefined, rectification: undefined });
        const { centre, focal } = camera;
        const { from, direction } = flat.ray([centre[0] + focal[0] * right, centre[1] + focal[1] * down])!;
        const place = from.map((value, k) => value + depth * direction[k]!) as unknown as Vec3;
        const projection = new CameraProjection(camera);
        const pixel = projection.project(place);
        if (pixel === null) return;
        const ray = projection.ray([pixel.x, pixel.y])!;
        for (const k of [0, 1, 2] as const)
          expect(ray.from[k] + pixel.depth * ray.direction[k]).toBeCloseTo(place[k], 4);
      }),
      { numRuns: 500 },
    );
  });

  it('goes by the formula of Brown, and shows nothing where it folds back', () => {
    const bent: Camera = { ...FRONT, distortion: [-0.3, 0.1, 0.001, -0.002, 0.02] };
    const [x, y] = [0.3, -0.2];
    const r2 = x * x + y * y;
    const radial = 1 - 0.3 * r2 + 0.1 * r2 ** 2 + 0.02 * r2 ** 3;
    const pixel = new CameraProjection(bent).project([11, 0.5 - 10 * x, 1.2 - 10 * y])!;
    expect(pixel.x).toBeCloseTo(600 + 700 * (x * radial + 2 * 0.001 * x * y - 0.002 * (r2 + 2 * x * x)), 9);
    expect(pixel.y).toBeCloseTo(180 + 710 * (y * radial + 0.001 * (r2 + 2 * y * y) - 2 * 0.002 * x * y), 9);
    const folding = new CameraProjection({ ...FRONT, distortion: [-0.3, 0, 0, 0] });
    expect(folding.project([11, 0.5 - 9.8, 1.2])).not.toBeNull();
    expect(folding.project([11, 0.5 - 30, 1.2])).toBeNull();
  });

  it('is taken the same way by four numbers of distortion as by five', () => {
    const place: Vec3 = [11, 3, 2];
    const [four, five] = [
      [-0.2, 0.05, 0.001, 0.002],
      [-0.2, 0.05, 0.001, 0.002, 0],
    ].map((distortion) => new CameraProjection({ ...FRONT, distortion }).project(place));
    expect(four).toEqual(five);
  });
});

describe('outlines', () => {
  const box: Box = { center: [12, 1, 1], size: [4, 2, 1.5], yaw: 0 };

  it('have the twelve edges of a box, and its front', () => {
    const projection = new CameraProjection(FRONT);
    const { lines, front } = projection.outline(box);
    expect(lines).toHaveLength(12);
    const corner = projection.project([14, 2, 0.25])!;
    expect(
      lines.filter((line) => line.some(([x, y]) => Math.hypot(x - corner.x, y - corner.y) < 1e-6)),
    ).toHaveLength(3);
    // Far away, heading away: the front is the smaller end.
    const width = (points: readonly (readonly [number, number])[]) =>
      Math.max(...points.map(([x]) => x)) - Math.min(...points.map(([x]) => x));
    expect(width(front)).toBeCloseTo((700 * 2) / 13, 6);
    expect(width(lines.flat())).toBeGreaterThan(width(front));
  });

  it('are cut where they come too near: nothing lies behind the camera, and every pixel is finite', () => {
    fc.assert(
      fc.property(
        anyCamera,
        fc.record({
          center: fc.tuple(number(-3, 3), number(-3, 3), number(-4, 6)),
          size: fc.tuple(number(0.3, 12), number(0.3, 4), number(0.3, 4)),
          yaw: number(-3, 3),
        }),
        (camera, own) => {
          const projection = new CameraProjection(camera);
          const around = { ...own, center: transformPoint(camera.pose, own.center) };
          for (const line of projection.outline(around).lines)
            for (const [x, y] of line) {
              expect(Number.isFinite(x) && Number.isFinite(y)).toBe(true);
              // Each is the pixel of a place ahead.
              const ray = projection.ray([x, y]);
              if (ray !== null) expect(Number.isFinite(ray.direction[0])).toBe(true);
            }
        },
      ),
    );
  });

  it('are empty behind the camera, and have no front where a part of it is', () => {
    const projection = new CameraProjection(FRONT);
    expect(projection.outline({ ...box, center: [-12, 1, 1] })).toEqual({ lines: [], front: [] });
    const around = projection.outline({ ...box, center: [1, 0.5, 1.2], size: [6, 2, 1.5], yaw: Math.PI });
    expect(around.front).toEqual([]);
    expect(around.lines.length).toBeGreaterThan(3);
  });

  it('bend with the lens', () => {
    const { lines } = new CameraProjection({ ...FRONT, distortion: [-0.3, 0.1, 0, 0] }).outline(box);
    expect(lines).toHaveLength(12);
    expect(lines[0]!.length).toBe(13);
  });
});
