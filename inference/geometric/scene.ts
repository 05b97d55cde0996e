/** What the fit looks at: the points that stand on the ground near the hint, the ground, and where the scanner stood. */
import { NearboxError } from '../../cache/foundation/errors/index.ts';
import { type Box, insideTest, type Vec2, type Vec3 } from '../boxes/index.ts';
import type { FitRequest, Hint, LassoHint } from '../fit/index.ts';
import { estimateGround, type GroundPlane, groundHeight } from '../ground/index.ts';

/** Points lower than this over the ground are the ground, metres: its roughness and the fit's error, and less than a car's clearance. */
export const GROUND_BAND = 0.15;
/** Nothing on a road is higher, metres; above it are trees, wires and signs. */
const CEILING = 4.5;
/** Points farther than this from the hint play no part, metres. */
const REACH = 16;
/** Drawn boxes take points a little outside of them too, metres: people draw tight. */
const TAKEN_MARGIN = 0.1;
/** A scanner stands so high over the ground, metres: between a low robot and a truck's roof. Outside of it the sensor's z is not believed. */
const SENSOR_HEIGHT = { least: 1, usual: 1.8, most: 4 };

/** A set of points in columns: x, y, z and the height over the ground, metres. */
export interface Obstacles {
  readonly count: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly z: Float64Array;
  readonly height: Float64Array;
}

export interface Scene {
  readonly obstacles: Obstacles;
  /** All points near the hint that are finite, the ground too: x, y, z interleaved. For the rays that passed by. */
  readonly ends: Float64Array;
  readonly plane: GroundPlane;
  /** False where no ground was found and `plane` is only the level of the lowest points. */
  readonly groundFound: boolean;
  readonly sensor: Vec3 | null;
  readonly middle: Vec3;
}

/** A hint, lassos made one of the others. */
export type PlainHint = Exclude<Hint, LassoHint>;

export interface PlainRequest extends FitRequest {
  readonly hint: PlainHint;
}

/** The middle of the hint: where the object is looked for. */
export function hintMiddle(hint: PlainHint): Vec3 {
  if (hint.type === 'click') return hint.position;
  return hint.type === 'sphere' ? hint.center : hint.box.center;
}

/** Throws `region_empty` if the crop holds no finite point. */
export function readScene(request: PlainRequest): Scene {
  const middle = hintMiddle(request.hint);
  const ends = finiteNear(request, middle);
  const around: Vec2 = [middle[0], middle[1]];
  const found = estimateGround(request.crop.positions, request.crop.count, around);
  const plane = found ?? { a: 0, b: 0, c: lowLevel(ends) };
  return {
    obstacles: standing(ends, plane, request.others),
    ends,
    plane,
    groundFound: found !== null,
    sensor: sensorOver(request.sensor, plane),
    middle,
  };
}

function finiteNear(request: FitRequest, middle: Vec3): Float64Array {
  const { positions, count } = request.crop;
  const kept = new Float64Array(3 * count);
  let used = 0;
  let finite = 0;
  for (let i = 0; i < count; i++) {
    const x = positions[3 * i]!;
    const y = positions[3 * i + 1]!;
    const z = positions[3 * i + 2]!;
    if (!Number.isFinite(x) || !Number.isFinite(y) || !Number.isFinite(z)) continue;
    finite++;
    if (Math.abs(x - middle[0]) > REACH || Math.abs(y - middle[1]) > REACH) continue;
    kept[used++] = x;
    kept[used++] = y;
    kept[used++] = z;
  }
  if (finite === 0) throw new NearboxError('region_empty', 'there are no points in this region');
  if (used === 0) throw new NearboxError('region_empty', `there are no points within ${REACH} m of the hint`);
  return kept.subarray(0, used);
}

/** The level of the lowest points, passing over one in fifty as stray returns. */
function lowLevel(ends: Float64Array): number {
  const heights = new Float64Array(ends.length / 3);
  for (let i = 0; i < heights.length; i++) heights[i] = ends[3 * i + 2]!;
  heights.sort();
  return heights[Math.floor(heights.length / 50)]!;
}

function standing(ends: Float64Array, plane: GroundPlane, others: readonly Box[]): Obstacles {
  const most = ends.length / 3;
  const x = new Float64Array(most);
  const y = new Float64Array(most);
  const z = new Float64Array(most);
  const height = new Float64Array(most);
  const taken = others.map((box) => insideTest(box, TAKEN_MARGIN));
  let count = 0;
  for (let i = 0; i < ends.length; i += 3) {
    const px = ends[i]!;
    const py = ends[i + 1]!;
    const pz = ends[i + 2]!;
    const over = pz - groundHeight(plane, px, py);
    if (over < GROUND_BAND || over > CEILING) continue;
    if (taken.some((inside) => inside(px, py, pz))) continue;
    x[count] = px;
    y[count] = py;
    z[count] = pz;
    height[count++] = over;
  }
  return { count, x, y, z, height };
}

function sensorOver(sensor: Vec3 | null, plane: GroundPlane): Vec3 | null {
  if (!sensor) return null;
  const ground = groundHeight(plane, sensor[0], sensor[1]);
  const over = sensor[2] - ground;
  if (over >= SENSOR_HEIGHT.least && over <= SENSOR_HEIGHT.most) return sensor;
  return [sensor[0], sensor[1], ground + SENSOR_HEIGHT.usual];
}
