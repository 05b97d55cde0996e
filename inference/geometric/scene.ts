/**
 * Input of the geometric fit: the points over the ground near the hint, the ground, and the scanner's place.
 */
import { NearboxError } from '../../cache/foundation/errors/index.ts';
import { type Box, insideTest, type Vec2, type Vec3 } from '../boxes/index.ts';
import type { FitRequest, Hint, LassoHint } from '../fit/index.ts';
import { estimateGround, type GroundPlane, groundHeight } from '../ground/index.ts';

/** Points up to this height count as ground, metres: more than its roughness, less than a car's clearance. */
const GROUND_BAND_METRES = 0.15;
/** Points higher than this are trees, wires and signs, metres. */
const CEILING_METRES = 4.5;
/** Points farther than this from the hint are ignored, metres. */
const REACH_METRES = 16;
/** Points this far outside of a drawn box belong to it too, because people draw tight boxes, metres. */
const TAKEN_MARGIN_METRES = 0.1;
/** Plausible heights of a scanner over the ground, metres. Other heights are replaced by the usual one. */
const SENSOR_HEIGHT_METRES = { least: 1, usual: 1.8, most: 4 };

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
  /** All finite points near the hint, ground included, x, y, z interleaved: the ends of rays. */
  readonly ends: Float64Array;
  readonly plane: GroundPlane;
  /** False if no ground was found; then `plane` is the level of the lowest points. */
  readonly groundFound: boolean;
  readonly sensor: Vec3 | null;
  readonly middle: Vec3;
}

/** A hint other than a lasso. */
export type PlainHint = Exclude<Hint, LassoHint>;

export interface PlainRequest extends FitRequest {
  readonly hint: PlainHint;
}

/** The place where the object is searched. */
function hintMiddle(hint: PlainHint): Vec3 {
  if (hint.type === 'click') return hint.position;
  return hint.type === 'sphere' ? hint.center : hint.box.center;
}

/** @throws NearboxError `region_empty` if the crop holds no finite point */
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
    if (Math.abs(x - middle[0]) > REACH_METRES || Math.abs(y - middle[1]) > REACH_METRES) continue;
    kept[used++] = x;
    kept[used++] = y;
    kept[used++] = z;
  }
  if (finite === 0) throw new NearboxError('region_empty', 'there are no points in this region');
  if (used === 0)
    throw new NearboxError('region_empty', `there are no points within ${REACH_METRES} m of the hint`);
  return kept.subarray(0, used);
}

/** Level of the lowest points; one in fifty counts as a stray return. */
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
  const taken = others.map((box) => insideTest(box, TAKEN_MARGIN_METRES));
  let count = 0;
  for (let i = 0; i < ends.length; i += 3) {
    const px = ends[i]!;
    const py = ends[i + 1]!;
    const pz = ends[i + 2]!;
    const over = pz - groundHeight(plane, px, py);
    if (over < GROUND_BAND_METRES || over > CEILING_METRES) continue;
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
  if (over >= SENSOR_HEIGHT_METRES.least && over <= SENSOR_HEIGHT_METRES.most) return sensor;
  return [sensor[0], sensor[1], ground + SENSOR_HEIGHT_METRES.usual];
}
