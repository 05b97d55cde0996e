/** How well a rectangle on the ground explains what the scanner saw. */
import type { Vec3 } from '../boxes/index.ts';
import { type Columns, LEVEL } from './columns.ts';
import { isHidden, type Shade } from './shade.ts';

/** A rectangle on the ground: centre, length and width in metres, yaw of the length. */
export interface Footprint {
  readonly x: number;
  readonly y: number;
  readonly length: number;
  readonly width: number;
  readonly yaw: number;
}

export interface HypothesisEvidence {
  /** Columns inside, the border (and a little more) included. */
  readonly inside: number;
  /** Of these, the ones outside of the grown region: they may belong to another object. */
  readonly foreign: number;
  /** Columns just outside, which the rectangle cuts off. */
  readonly ring: number;
  /** Columns of the region grown at the hint that lie outside. */
  readonly left: number;
  /** Share of the visible edges without columns, weighted by how squarely they face the scanner. */
  readonly bare: number;
  /**
   * Height over the ground of the highest return inside, metres; of more than ten columns the second highest,
   * as antennas are not part of a box. What hangs in the air over a gap (a tree, a sign) is left out. 0 if
   * there is none.
   */
  readonly top: number;
}

/** A column this far outside still belongs to the rectangle, metres. */
const EDGE_METRES = 0.1;
/** Width of the ring around it, metres: less than the distance between neighbours. */
const RING_METRES = 0.3;
/** Length of the pieces into which an edge is divided, and how deep a column may lie to cover one; metres. */
const PIECE = 0.25;
const DEPTH = 0.35;
const MOST_PIECES = 80;
/**
 * This many empty levels (.75 m) end an object: more than between a car's bonnet line and roof, where glass
 * gives no returns.
 */
const GAP_LEVELS = 5;
let within = new Int32Array(1024);
const covered = new Uint8Array(4 * MOST_PIECES);

export function weigh(
  columns: Columns,
  region: Uint8Array,
  box: Footprint,
  shade: Shade | null,
): HypothesisEvidence {
  const cos = Math.cos(box.yaw);
  const sin = Math.sin(box.yaw);
  const l = box.length / 2;
  const w = box.width / 2;
  const lengthPieces = pieces(box.length);
  const widthPieces = pieces(box.width);
  if (within.length < columns.count) within = new Int32Array(2 * columns.count);
  const reach = (l + RING_METRES) ** 2 + (w + RING_METRES) ** 2;
  covered.fill(0);
  let inside = 0;
  let foreign = 0;
  let ring = 0;
  let left = 0;
  let levels = 0;
  for (let k = 0; k < columns.count; k++) {
    const dx = columns.x[k]! - box.x;
    const dy = columns.y[k]! - box.y;
    if (dx * dx + dy * dy > reach) {
      if (region[k] === 1) left++;
      continue;
    }
    const u = dx * cos + dy * sin;
    const v = dy * cos - dx * sin;
    const beyond = Math.max(Math.abs(u) - l, Math.abs(v) - w);
    if (beyond > EDGE_METRES) {
      if (region[k] === 1) left++;
      if (beyond <= RING_METRES) ring++;
      continue;
    }
    levels |= columns.levels[k]!;
    within[inside++] = k;
    if (region[k] !== 1) foreign++;
    const lengthPiece = Math.max(
      0,
      Math.min(lengthPieces - 1, Math.floor(((u + l) / box.length) * lengthPieces)),
    );
    const widthPiece = Math.max(
      0,
      Math.min(widthPieces - 1, Math.floor(((v + w) / box.width) * widthPieces)),
    );
    if (u > l - DEPTH) covered[widthPiece] = 1;
    if (u < -l + DEPTH) covered[MOST_PIECES + widthPiece] = 1;
    if (v > w - DEPTH) covered[2 * MOST_PIECES + lengthPiece] = 1;
    if (v < -w + DEPTH) covered[3 * MOST_PIECES + lengthPiece] = 1;
  }
  const bare = shade ? bareShare(box, shade, lengthPieces, widthPieces) : 0;
  return { inside, foreign, ring, left, bare, top: topOf(columns, inside, levels) };
}

/** Reads `within`. */
function topOf(columns: Columns, inside: number, levels: number): number {
  const cut = LEVEL * solidLevels(levels);
  let first = 0;
  let second = 0;
  for (let i = 0; i < inside; i++) {
    const top = columns.top[within[i]!]!;
    // Under a tree the column's top belongs to the tree. Below the gap the height is known to one level only,
    // which suffices.
    if (top > cut) continue;
    if (top > first) {
      second = first;
      first = top;
    } else if (top > second) second = top;
  }
  const top = inside > 10 && second > 0 ? second : first;
  return top > 0 ? top : cut;
}

/**
 * Number of levels from the ground up to the first gap of more than GAP_LEVELS above the lowest occupied one.
 */
function solidLevels(levels: number): number {
  let solid = 0;
  for (let level = 0; level < 31; level++) {
    if ((levels & (1 << level)) === 0) continue;
    if (solid > 0 && level - solid >= GAP_LEVELS) break;
    solid = level + 1;
  }
  return solid;
}

function pieces(length: number): number {
  return Math.max(1, Math.min(MOST_PIECES, Math.round(length / PIECE)));
}

/** Reads `covered`. An edge weighs by its length as the scanner sees it; hidden pieces of it do not count. */
function bareShare(box: Footprint, shade: Shade, lengthPieces: number, widthPieces: number): number {
  const cos = Math.cos(box.yaw);
  const sin = Math.sin(box.yaw);
  const dx = shade.eye[0] - box.x;
  const dy = shade.eye[1] - box.y;
  const u = dx * cos + dy * sin;
  const v = dy * cos - dx * sin;
  const far = Math.hypot(u, v) || 1;
  const l = box.length / 2;
  const w = box.width / 2;
  let bare = 0;
  let all = 0;
  const add = (edge: number, count: number, weight: number, along: number, across: number) => {
    for (let k = 0; k < count; k++) {
      const isCovered = covered[edge * MOST_PIECES + k] === 1;
      if (!isCovered) {
        const part = (2 * (k + 0.5)) / count - 1;
        const a = along === 0 ? part * l : along;
        const c = across === 0 ? part * w : across;
        if (isHidden(shade, box.x + a * cos - c * sin, box.y + a * sin + c * cos)) continue;
        bare += weight / count;
      }
      all += weight / count;
    }
  };
  if (u > l) add(0, widthPieces, (box.width * u) / far, l, 0);
  if (u < -l) add(1, widthPieces, (box.width * -u) / far, -l, 0);
  if (v > w) add(2, lengthPieces, (box.length * v) / far, 0, w);
  if (v < -w) add(3, lengthPieces, (box.length * -v) / far, 0, -w);
  return all > 0 ? bare / all : 0;
}

/** Rays from the scanner to points of the crop: nothing stands along them. */
export interface Rays {
  readonly from: Vec3;
  /** x, y, z of the far ends, interleaved. */
  readonly ends: Float64Array;
}

/** A ray counts against a body if it passes through at least this much of it, metres: corners are round. */
const THROUGH_METRES = 0.4;
/**
 * The body is reduced by this on each side, metres, and to these shares of its height: rays pass under it and
 * through windows.
 */
const SHRINK_METRES = 0.15;
const LOW_SHARE = 0.3;
const HIGH_SHARE = 0.55;

/** Number of rays through the lower body of an object on this rectangle. `bottom` and `height`: metres. */
export function raysThrough(rays: Rays, box: Footprint, bottom: number, height: number): number {
  const cos = Math.cos(box.yaw);
  const sin = Math.sin(box.yaw);
  const l = box.length / 2 - SHRINK_METRES;
  const w = box.width / 2 - SHRINK_METRES;
  const low = bottom + LOW_SHARE * height;
  const high = bottom + HIGH_SHARE * height;
  const fx = rays.from[0] - box.x;
  const fy = rays.from[1] - box.y;
  const fu = fx * cos + fy * sin;
  const fv = fy * cos - fx * sin;
  const fz = rays.from[2];
  let count = 0;
  for (let i = 0; i < rays.ends.length; i += 3) {
    const ex = rays.ends[i]! - box.x;
    const ey = rays.ends[i + 1]! - box.y;
    const du = ex * cos + ey * sin - fu;
    const dv = ey * cos - ex * sin - fv;
    const dz = rays.ends[i + 2]! - fz;
    let enter = 0;
    let leave = 1;
    // Slab test, axis by axis.
    if (Math.abs(du) < 1e-9) {
      if (Math.abs(fu) > l) continue;
    } else {
      const a = (-l - fu) / du;
      const b = (l - fu) / du;
      enter = Math.max(enter, Math.min(a, b));
      leave = Math.min(leave, Math.max(a, b));
    }
    if (enter >= leave) continue;
    if (Math.abs(dv) < 1e-9) {
      if (Math.abs(fv) > w) continue;
    } else {
      const a = (-w - fv) / dv;
      const b = (w - fv) / dv;
      enter = Math.max(enter, Math.min(a, b));
      leave = Math.min(leave, Math.max(a, b));
    }
    if (enter >= leave) continue;
    if (Math.abs(dz) < 1e-9) {
      if (fz < low || fz > high) continue;
    } else {
      const a = (low - fz) / dz;
      const b = (high - fz) / dz;
      enter = Math.max(enter, Math.min(a, b));
      leave = Math.min(leave, Math.max(a, b));
    }
    if ((leave - enter) * Math.hypot(du, dv) > THROUGH_METRES) count++;
  }
  return count;
}
