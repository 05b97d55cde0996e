/** Random regions near a UTM-sized origin. */
import fc from 'fast-check';
import type { Vec3 } from '../bounds.ts';
import type { Region } from '../region.ts';

/** Multiples of 1/8 near a UTM-sized origin: exact in float64, so that borders are hit exactly. */
export const ORIGIN: Vec3 = [637290, 4851209, 100];
export const grid = (low: number, high: number) =>
  fc.integer({ min: low * 8, max: high * 8 }).map((n) => n / 8);
export const near: fc.Arbitrary<Vec3> = fc
  .tuple(grid(-8, 8), grid(-8, 8), grid(-8, 8))
  .map(([x, y, z]) => [ORIGIN[0] + x, ORIGIN[1] + y, ORIGIN[2] + z]);
const yaws = fc.oneof(
  fc.double({ min: -50, max: 50, noNaN: true }),
  fc.constantFrom(0, Math.PI / 2, Math.PI, -Math.PI / 2, 1e6),
);

/** The matrix product a * b, both column-major. */
function product(a: readonly number[], b: readonly number[]): number[] {
  return Array.from({ length: 16 }, (_, i) =>
    [0, 1, 2, 3].reduce((sum, k) => sum + a[4 * k + (i % 4)]! * b[4 * Math.floor(i / 4) + k]!, 0),
  );
}

/** World to clip coordinates of a camera at `eye`, turned by `yaw` and `pitch`, that sees `near` to `far` metres before it. */
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

const share = fc.double({ min: 0, max: 1, noNaN: true });

/** Cameras in and around the cloud; and views with exact arithmetic, whose borders points do lie on. */
const views = fc.oneof(
  fc
    .tuple(
      near,
      fc.double({ min: -4, max: 4, noNaN: true }),
      fc.double({ min: -1.5, max: 1.5, noNaN: true }),
      share,
      share,
    )
    .map(([eye, yaw, pitch, a, b]) => camera(eye, yaw, pitch, 0.5 + 2 * a, 0.05 + a, 2 + 30 * b)),
  // Parallel, along one of the axes: 8 m to each side, 4 m or 8 m deep.
  fc.tuple(near, fc.constantFrom(0, 1, 2), fc.constantFrom(0.125, 0.25)).map(([at, axis, depth]) => {
    const order = [0, 1, 2].map((i) => (i + axis) % 3);
    const rows = [0.125, 0.125, depth].map((step, row) => {
      const line = [0, 0, 0, -step * at[order[row]! as 0 | 1 | 2]];
      line[order[row]!] = step;
      return line;
    });
    return [0, 1, 2, 3].flatMap((column) => [...rows.map((row) => row[column]!), column === 3 ? 1 : 0]);
  }),
  // w is the distance along y: the screen is x / y, and what lies at half of the distance is seen twice as large.
  near.map(([x, y, z]) => [1, 0, 0, 0, 0, 0, 1, 1, 0, 1, 0, 0, -x, -z, -y - 0.5, -y]),
);

export const frustums: fc.Arbitrary<Region> = fc.record({
  type: fc.constant('frustum' as const),
  viewProjection: views,
  ring: fc.array(fc.tuple(grid(-1, 1), grid(-1, 1)), { minLength: 3, maxLength: 9 }),
});

export const regions: fc.Arbitrary<Region> = fc.oneof(
  fc.record({ type: fc.constant('click' as const), position: near }),
  fc.record({ type: fc.constant('sphere' as const), center: near, radius: grid(0, 9) }),
  fc.record({
    type: fc.constant('box' as const),
    center: near,
    size: fc.tuple(grid(0, 12), grid(0, 12), grid(0, 12)),
    yaw: yaws,
  }),
  fc.record(
    {
      type: fc.constant('polygon' as const),
      ring: fc.array(
        near.map(([x, y]) => [x, y] as const),
        { minLength: 3, maxLength: 9 },
      ),
      z: fc.tuple(grid(-8, 0), grid(0, 8)).map(([low, high]) => [ORIGIN[2] + low, ORIGIN[2] + high] as const),
    },
    { requiredKeys: ['type', 'ring'] },
  ),
  frustums,
);
