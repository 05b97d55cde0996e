/**
 * What the two networks see of a crop: points as rows of features, and a vector about the question.
 * `training/kernels.c` (propose, refine) and `training/data.py` compute the same; `model/cases.json` holds cases that tie them together.
 */
import type { Box, Vec3 } from '../boxes/index.ts';
import type { ObjectClass } from '../classes/index.ts';
import { OBJECT_CLASSES } from '../classes/index.ts';
import type { SideClick } from '../fit/index.ts';
import type { GroundPlane } from '../ground/index.ts';
import { groundHeight } from '../ground/index.ts';
import { BOX_SIGHT, CLICK_SIGHT, occlusionOfBox, occlusionOfClick } from './occlusion.ts';
import type { Sampler } from './sample.ts';

/** Values per point. */
export const PROPOSE_POINT = 8;
export const REFINE_POINT = 14;
/** Values per question. */
const PROPOSE_TOLD = 20;
export const PROPOSE_GLOBALS = PROPOSE_TOLD + CLICK_SIGHT;
/** Where the class told begins among them. */
const PROPOSE_CLASS = 4;
const REFINE_TOLD = 21;
export const REFINE_GLOBALS = REFINE_TOLD + BOX_SIGHT;

/** How far from the click the proposing network looks, in metres. */
export const PROPOSE_RADIUS_METRES = 10;
const NEAR_RADIUS = 3.5;
/** Points lower than this over the ground count as ground when places are shared out. */
const GROUND_BAND = 0.2;
/** Farther clicks than this are all the same. */
const REACH = 3;
/** Height over the ground taken for the click's where the ground is unknown. */
const USUAL_CLICK_HEIGHT = 0.8;
const PROPOSE_VOXEL = 0.1;
const REFINE_VOXEL = 0.08;
/** The number of points that the networks were trained with; more are as good as these to the count that they are told. */
const TRAINED_POINTS = 192;

/** One question, in the crop's coordinates. */
export interface Question {
  /** x, y, z interleaved. */
  readonly positions: Float32Array;
  readonly count: number;
  /** The scanner's place; only x and y count. */
  readonly sensor: Vec3 | null;
  readonly ground: GroundPlane | null;
  /** All clicks, the first one first; empty for a drawn box. */
  readonly clicks: readonly SideClick[];
  /** Boxes whose points are left out. */
  readonly others: readonly Box[];
  readonly class: ObjectClass | null;
  readonly size: Vec3 | null;
}

/** What a network is fed. `points` has `rows` rows; rows from `used` on repeat earlier ones with 0 in their mask column. */
export interface Features {
  readonly points: Float32Array;
  readonly rows: number;
  readonly used: number;
  readonly globals: Float32Array;
  /** Which point of the crop each of the first `used` rows is. */
  readonly index: Int32Array;
}

/** Direction of the proposing network's x axis: away from the scanner, or the crop's own x where the scanner is unknown. */
export function rayDirection(click: Vec3, sensor: Vec3 | null): number {
  return sensor ? Math.atan2(click[1] - sensor[1], click[0] - sensor[0]) : 0;
}

/** Points around a click, in the ray's frame. */
export function proposeFeatures(question: Question, click: Vec3, most: number, sampler: Sampler): Features {
  const { positions, count, sensor, ground } = question;
  const [cx, cy, cz] = click;
  const turn = rayDirection(click, sensor);
  const c = Math.cos(turn);
  const s = Math.sin(turn);
  const others = tests(question.others);
  const limit = PROPOSE_RADIUS_METRES * PROPOSE_RADIUS_METRES;
  sampler.reset(PROPOSE_VOXEL);
  for (let i = 0; i < count; i++) {
    const x = positions[3 * i]!;
    const y = positions[3 * i + 1]!;
    const z = positions[3 * i + 2]!;
    const dx = x - cx;
    const dy = y - cy;
    const r2 = dx * dx + dy * dy;
    if (!(r2 <= limit)) continue;
    const h = ground ? z - groundHeight(ground, x, y) : z - cz + USUAL_CLICK_HEIGHT;
    if (!(h > -1 && h < 5)) continue;
    if (others.length > 0 && others.some((inside) => inside(x, y, z))) continue;
    const tier = ground && h < GROUND_BAND ? 2 : r2 <= NEAR_RADIUS * NEAR_RADIUS ? 0 : 1;
    sampler.offer(i, x, y, z, tier);
  }
  const index = sampler.choose(
    [Math.floor((most * 9) / 16), Math.floor(most / 4), Math.floor((most * 3) / 16)],
    most,
  );
  const rows = rowsFor(index.length, most);
  const points = new Float32Array(rows * PROPOSE_POINT);
  for (let i = 0; i < index.length; i++) {
    const k = 3 * index[i]!;
    const x = positions[k]!;
    const y = positions[k + 1]!;
    const z = positions[k + 2]!;
    const dx = x - cx;
    const dy = y - cy;
    const h = ground ? z - groundHeight(ground, x, y) : z - cz + USUAL_CLICK_HEIGHT;
    const o = i * PROPOSE_POINT;
    points[o] = (dx * c + dy * s) / 3;
    points[o + 1] = (dy * c - dx * s) / 3;
    points[o + 2] = h - USUAL_CLICK_HEIGHT;
    points[o + 3] = Math.sqrt(dx * dx + dy * dy) / 3;
    points[o + 4] = z - cz;
    points[o + 5] = nearestClick(question.clicks, true, x, y, z);
    points[o + 6] = nearestClick(question.clicks, false, x, y, z);
    points[o + 7] = 1;
  }
  repeatRows(points, index.length, rows, PROPOSE_POINT, 7);

  const globals = new Float32Array(PROPOSE_GLOBALS);
  if (sensor) {
    globals[0] = 1;
    globals[1] = Math.log(Math.max(Math.hypot(cx - sensor[0], cy - sensor[1]), 1)) / 3 - 1;
  }
  if (ground) {
    globals[2] = 1;
    globals[3] = clamp(cz - groundHeight(ground, cx, cy) - USUAL_CLICK_HEIGHT, -2, 4);
  }
  setClass(globals, PROPOSE_CLASS, question.class);
  if (question.size) {
    globals[13] = 1;
    globals.set(logSize(question.size), 14);
  }
  if (question.clicks.length > 1) globals[17] = 1;
  if (question.clicks.some((k) => !k.inside)) globals[18] = 1;
  globals[19] = Math.min(index.length, TRAINED_POINTS) / 512;
  globals.set(occlusionOfClick(question, click), PROPOSE_TOLD);
  return { points, rows, used: index.length, globals, index };
}

/** What the proposing network is told, with a class told besides: the same points. */
export function withClass(features: Features, name: ObjectClass | null): Features {
  const globals = features.globals.slice();
  globals.fill(0, PROPOSE_CLASS, PROPOSE_CLASS + OBJECT_CLASSES.length);
  setClass(globals, PROPOSE_CLASS, name);
  return { ...features, globals };
}

/** Points in and about a box, in its frame. */
export function refineFeatures(question: Question, box: Box, most: number, sampler: Sampler): Features {
  const { positions, count, sensor, ground } = question;
  const [bx, by, bz] = box.center;
  const c = Math.cos(box.yaw);
  const s = Math.sin(box.yaw);
  const hl = box.size[0] / 2;
  const hw = box.size[1] / 2;
  const hh = box.size[2] / 2;
  const mx = margin(box.size[0]);
  const my = margin(box.size[1]);
  const others = tests(question.others);
  sampler.reset(REFINE_VOXEL);
  for (let i = 0; i < count; i++) {
    const x = positions[3 * i]!;
    const y = positions[3 * i + 1]!;
    const z = positions[3 * i + 2]!;
    const dx = x - bx;
    const dy = y - by;
    const dz = z - bz;
    const u = dx * c + dy * s;
    const v = dy * c - dx * s;
    if (!(Math.abs(u) <= hl + mx && Math.abs(v) <= hw + my && dz >= -hh - 0.7 && dz <= hh + 0.9)) continue;
    if (others.length > 0 && others.some((inside) => inside(x, y, z))) continue;
    const low = ground !== null && z - groundHeight(ground, x, y) < GROUND_BAND;
    const near = Math.abs(u) <= hl + 0.35 && Math.abs(v) <= hw + 0.35 && dz <= hh + 0.35;
    sampler.offer(i, x, y, z, low ? 2 : near ? 0 : 1);
  }
  const index = sampler.choose(
    [Math.floor((most * 10) / 16), Math.floor((most * 3) / 16), Math.floor((most * 3) / 16)],
    most,
  );
  const rows = rowsFor(index.length, most);
  const points = new Float32Array(rows * REFINE_POINT);
  for (let i = 0; i < index.length; i++) {
    const k = 3 * index[i]!;
    const x = positions[k]!;
    const y = positions[k + 1]!;
    const z = positions[k + 2]!;
    const dx = x - bx;
    const dy = y - by;
    const dz = z - bz;
    const u = dx * c + dy * s;
    const v = dy * c - dx * s;
    const h = ground ? z - groundHeight(ground, x, y) : dz + hh;
    const o = i * REFINE_POINT;
    points[o] = u / 2;
    points[o + 1] = v;
    points[o + 2] = dz;
    points[o + 3] = hl - u;
    points[o + 4] = hl + u;
    points[o + 5] = hw - v;
    points[o + 6] = hw + v;
    points[o + 7] = hh - dz;
    points[o + 8] = hh + dz;
    points[o + 9] = h - USUAL_CLICK_HEIGHT;
    points[o + 10] = nearestClick(question.clicks, true, x, y, z);
    points[o + 11] = nearestClick(question.clicks, false, x, y, z);
    points[o + 12] = 1;
    points[o + 13] = Math.abs(u) <= hl && Math.abs(v) <= hw && Math.abs(dz) <= hh ? 1 : 0;
  }
  repeatRows(points, index.length, rows, REFINE_POINT, 12);

  const globals = new Float32Array(REFINE_GLOBALS);
  globals.set(logSize(box.size), 0);
  if (sensor) {
    const dx = bx - sensor[0];
    const dy = by - sensor[1];
    const d = Math.max(Math.hypot(dx, dy), 1e-6);
    globals[3] = 1;
    globals[4] = (dx * c + dy * s) / d;
    globals[5] = (dy * c - dx * s) / d;
    globals[6] = Math.log(Math.max(d, 1)) / 3 - 1;
  }
  if (ground) {
    globals[7] = 1;
    globals[8] = clamp(bz - hh - groundHeight(ground, bx, by), -1.5, 1.5);
  }
  setClass(globals, 9, question.class);
  if (question.size) globals[18] = 1;
  if (question.clicks.length > 0) globals[19] = 1;
  globals[20] = Math.min(index.length, TRAINED_POINTS) / 512;
  globals.set(occlusionOfBox(question, box), REFINE_TOLD);
  return { points, rows, used: index.length, globals, index };
}

/** How far beyond a box of this length its neighbourhood goes: long ones are often seen at one end only. */
function margin(length: number): number {
  return 1 + Math.max(0, 0.35 * (length - 3));
}

/** Row counts come in few sizes, so that the runtime's memory does not grow with every new one. */
function rowsFor(used: number, most: number): number {
  let rows = 64;
  while (rows < used) rows *= 2;
  return Math.min(rows, Math.max(most, used));
}

/** Free rows repeat the points from the start: a maximum over points is not changed by them, and sums heed the mask. */
function repeatRows(points: Float32Array, used: number, rows: number, width: number, mask: number): void {
  if (used === 0) return;
  for (let i = used; i < rows; i++) {
    points.copyWithin(i * width, (i - used) * width, (i - used + 1) * width);
    points[i * width + mask] = 0;
  }
}

function nearestClick(
  clicks: readonly SideClick[],
  inside: boolean,
  x: number,
  y: number,
  z: number,
): number {
  let best = REACH;
  for (const click of clicks) {
    if (click.inside !== inside) continue;
    const dx = x - click.position[0];
    const dy = y - click.position[1];
    const dz = z - click.position[2];
    const d = Math.sqrt(dx * dx + dy * dy + dz * dz);
    if (d < best) best = d;
  }
  return best;
}

function tests(boxes: readonly Box[]): ((x: number, y: number, z: number) => boolean)[] {
  return boxes.map((box) => {
    const c = Math.cos(box.yaw);
    const s = Math.sin(box.yaw);
    const [bx, by, bz] = box.center;
    const [l, w, h] = box.size;
    return (x, y, z) => {
      const dx = x - bx;
      const dy = y - by;
      return (
        Math.abs(z - bz) <= h / 2 && Math.abs(dx * c + dy * s) <= l / 2 && Math.abs(dy * c - dx * s) <= w / 2
      );
    };
  });
}

function logSize(size: Vec3): [number, number, number] {
  return [Math.log(size[0]) - 1.2, Math.log(size[1]) - 0.5, Math.log(size[2]) - 0.5];
}

function setClass(globals: Float32Array, at: number, name: ObjectClass | null): void {
  if (name) globals[at + OBJECT_CLASSES.indexOf(name)] = 1;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
