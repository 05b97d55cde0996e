/** Random regions of every kind around the middle of a cloud. */
import fc from 'fast-check';
import type { Vec3 } from '../geometry/index.ts';
import type { Region } from '../regions/index.ts';

/** UTM-sized. Multiples of 1/8 near it are exact in float64, so that borders are hit exactly. */
export const ORIGIN: Vec3 = [637290, 4851209, 100];
export const grid = (low: number, high: number) =>
  fc.integer({ min: low * 8, max: high * 8 }).map((n) => n / 8);

const share = fc.double({ min: 0, max: 1, noNaN: true });
const yaws = fc.oneof(
  fc.double({ min: -50, max: 50, noNaN: true }),
  fc.constantFrom(0, Math.PI / 2, Math.PI, -Math.PI / 2, 1e6),
);

/** Places in the cube of 2 * `half` metres around `origin`, in steps of 1 / 128 of its edge. */
const nearTo = (origin: Vec3, half = 8): fc.Arbitrary<Vec3> =>
  fc
    .tuple(grid(-8, 8), grid(-8, 8), grid(-8, 8))
    .map(([x, y, z]) => [origin[0] + (x * half) / 8, origin[1] + (y * half) / 8, origin[2] + (z * half) / 8]);
export const near = nearTo(ORIGIN);

/** The matrix product a * b, both column-major. */
function product(a: readonly number[], b: readonly number[]): number[] {
  return Array.from({ length: 16 }, (_, i) =>
    [0, 1, 2, 3].reduce((sum, k) => sum + a[4 * k + (i % 4)]! * b[4 * Math.floor(i / 4) + k]!, 0),
  );
}

/**
 * World to clip coordinates of a camera at `eye`, turned by `yaw` and `pitch`, that sees `near` to `far`
 * metres before it.
 */
function camera(eye: Vec3, yaw: number, pitch: number, zoom: number, near: number, far: number): number[] {
  const [cy, sy, cp, sp] = [Math.cos(yaw), Math.sin(yaw), Math.cos(pitch), Math.sin(pitch)];
  const right = [-sy, cy, 0];
  const up = [-sp * cy, -sp * sy, cp];
  const back = [-cp * cy, -cp * sy, -sp];
  const shift = (axis: number[]) => -axis.reduce((sum, value, i) => sum + value * eye[i]!, 0);
  const rows = [right, up, back];
  const view = [
    ...[0, 1, 2].flatMap((column) => [...rows.map((row) => row[column]!), 0]),
    ...rows.map(shift),
    1,
  ];
  const depth = near - far;
  const projection = [
    zoom,
    0,
    0,
    0,
    0,
    zoom,
    0,
    0,
    0,
    0,
    (far + near) / depth,
    -1,
    0,
    0,
    (2 * far * near) / depth,
    0,
  ];
  return product(projection, view);
}

/**
 * A place that no point of the grid looks at under a round angle: no quotient is a corner's or an edge's by
 * more than rounding.
 */
const besideGrid = (origin: Vec3, half: number) =>
  nearTo(origin, half).map(([x, y, z]): Vec3 => [x + 0.0123 * half, y + 0.0321 * half, z + 0.0231 * half]);

/**
 * Cameras in and around the cube; and parallel views with exact arithmetic, whose borders points do lie on.
 */
const viewsOf = (origin: Vec3, half: number) =>
  fc.oneof(
    fc
      .tuple(
        besideGrid(origin, half),
        fc.double({ min: -4, max: 4, noNaN: true }),
        fc.double({ min: -1.5, max: 1.5, noNaN: true }),
        share,
        share,
      )
      .map(([eye, yaw, pitch, a, b]) =>
        camera(eye, yaw, pitch, 0.5 + 2 * a, (0.05 + a) * (half / 8), (2 + 30 * b) * (half / 8)),
      ),
    // Parallel, along one of the axes: as far to each side as the cube is, as deep or half as deep.
    fc
      .tuple(nearTo(origin, half), fc.constantFrom(0, 1, 2), fc.constantFrom(1, 2))
      .map(([at, axis, depth]) => {
        const order = [0, 1, 2].map((i) => (i + axis) % 3);
        const rows = [1, 1, depth].map((steps, row) => {
          const step = steps / half;
          const line = [0, 0, 0, -step * at[order[row]! as 0 | 1 | 2]];
          line[order[row]!] = step;
          return line;
        });
        return [0, 1, 2, 3].flatMap((column) => [...rows.map((row) => row[column]!), column === 3 ? 1 : 0]);
      }),
    // w is the distance along y: the screen is x / y, and what lies at half of the distance is seen twice as
    // large.
    besideGrid(origin, half).map(([x, y, z]) => [
      ...[1, 0, 0, 0],
      ...[0, 0, 1, 1],
      ...[0, 1, 0, 0],
      ...[-x, -z, -y - half / 16, -y],
    ]),
  );

const frustumsIn = (origin: Vec3, half: number): fc.Arbitrary<Region> =>
  fc.record({
    type: fc.constant('frustum' as const),
    viewProjection: viewsOf(origin, half),
    ring: fc.array(fc.tuple(grid(-1, 1), grid(-1, 1)), { minLength: 3, maxLength: 9 }),
  });
export const frustums = frustumsIn(ORIGIN, 8);

/** Regions of every kind, by kind. */
export function regionKinds(origin: Vec3, half: number): Record<Region['type'], fc.Arbitrary<Region>> {
  const place = nearTo(origin, half);
  const length = (most: number) => grid(0, most).map((value) => (value * half) / 8);
  const also = fc.array(fc.record({ position: place, inside: fc.boolean() }), { maxLength: 3 });
  const height = (low: number, high: number) =>
    grid(low, high).map((value) => origin[2] + (value * half) / 8);
  return {
    click: fc.record(
      { type: fc.constant('click' as const), position: place, also },
      { requiredKeys: ['type', 'position'] },
    ),
    sphere: fc.record({ type: fc.constant('sphere' as const), center: place, radius: length(9) }),
    box: fc.record({
      type: fc.constant('box' as const),
      center: place,
      size: fc.tuple(length(12), length(12), length(12)),
      yaw: yaws,
    }),
    polygon: fc.record(
      {
        type: fc.constant('polygon' as const),
        ring: fc.array(
          place.map(([x, y]) => [x, y] as const),
          { minLength: 3, maxLength: 9 },
        ),
        z: fc.tuple(height(-8, 0), height(0, 8)),
      },
      { requiredKeys: ['type', 'ring'] },
    ),
    frustum: frustumsIn(origin, half),
  };
}

export const regions: fc.Arbitrary<Region> = fc.oneof(...Object.values(regionKinds(ORIGIN, 8)));
