/**
 * The rows of both networks as a walk over all points makes them: what crop.c has to answer, bit for bit.
 * `training/kernels/network_inputs.c` computes the same.
 */
import type { Box, Vec3 } from '../../boxes/index.ts';
import type { SideClick } from '../../fit/index.ts';
import { type GroundPlane, groundHeight } from '../../ground/index.ts';
import { PROPOSE_POINT, REFINE_POINT, type SampledRows } from '../index.ts';
import type { Sampler } from './sample.ts';

const PROPOSE_RADIUS_METRES = 10;
const NEAR_RADIUS_METRES = 3.5;
/** Points lower than this over the ground count as ground when places are shared out, metres. */
const GROUND_BAND_METRES = 0.2;
/** Farther clicks than this are all the same, metres. */
const CLICK_REACH_METRES = 3;
/** Height over the ground taken for the click's where the ground is unknown, metres. */
const USUAL_CLICK_HEIGHT = 0.8;
const PROPOSE_VOXEL_METRES = 0.1;
const REFINE_VOXEL_METRES = 0.08;

/** What the points are seen with. */
export interface Surroundings {
  /** x, y, z interleaved. */
  readonly positions: Float32Array;
  readonly count: number;
  readonly ground: GroundPlane | null;
  /** All clicks, the first one first; empty for a drawn box. */
  readonly clicks: readonly SideClick[];
  /** Boxes whose points are left out. */
  readonly others: readonly Box[];
}

/** Points around a click, in a frame whose x points to `turn` (radians). */
export function proposeRowsByWalk(
  question: Surroundings,
  [cx, cy, cz]: Vec3,
  turn: number,
  most: number,
  sampler: Sampler,
): SampledRows {
  const { positions, count, ground } = question;
  const c = Math.cos(turn);
  const s = Math.sin(turn);
  const others = tests(question.others);
  const limit = PROPOSE_RADIUS_METRES * PROPOSE_RADIUS_METRES;
  sampler.reset(PROPOSE_VOXEL_METRES);
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
    const tier = ground && h < GROUND_BAND_METRES ? 2 : r2 <= NEAR_RADIUS_METRES * NEAR_RADIUS_METRES ? 0 : 1;
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

  return { points, rows, used: index.length, index };
}

/** Points in and about a box, in its frame. */
export function refineRowsByWalk(
  question: Surroundings,
  box: Box,
  most: number,
  sampler: Sampler,
): SampledRows {
  const { positions, count, ground } = question;
  const [bx, by, bz] = box.center;
  const c = Math.cos(box.yaw);
  const s = Math.sin(box.yaw);
  const hl = box.size[0] / 2;
  const hw = box.size[1] / 2;
  const hh = box.size[2] / 2;
  const mx = margin(box.size[0]);
  const my = margin(box.size[1]);
  const others = tests(question.others);
  sampler.reset(REFINE_VOXEL_METRES);
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
    const low = ground !== null && z - groundHeight(ground, x, y) < GROUND_BAND_METRES;
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

  return { points, rows, used: index.length, index };
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

/**
 * Free rows repeat the points from the start: a maximum over points is not changed by them, and sums heed the
 * mask.
 */
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
  let best = CLICK_REACH_METRES;
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
