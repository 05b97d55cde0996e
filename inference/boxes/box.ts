/**
 * 3D boxes with a yaw: the geometry shared by the fits, the evaluation and the service.
 *
 * Conventions: metres, radians, right-handed, +z up. `yaw` is counter-clockwise about +z seen from above; at
 * yaw 0 the length lies along +x, the width along +y. A box is upright: it has no pitch and no roll.
 *
 *            +y                       3 ---- length ---- 0   front left
 *             |    heading            |                  |
 *             |   /                width      center     | -> heading
 *             |  / yaw                |                  |
 *             +-------- +x            2 ---------------- 1   front right
 */
import type { Vec3 } from '../../octree/geometry/index.ts';

export type { Vec3 };

/** x, y in metres, seen from above. */
export type Vec2 = readonly [number, number];

/**
 * An upright box. `center` is the geometric centre, `size` is length (along the heading), width, height;
 * `yaw` turns +x to the heading, counter-clockwise about +z, in radians.
 */
export interface Box {
  readonly center: Vec3;
  readonly size: Vec3;
  readonly yaw: number;
}

/** Overlap of two boxes, each 0..1: of their rectangles seen from above, and of their volumes. */
export interface Overlap {
  readonly bev: number;
  readonly iou: number;
}

/**
 * How far beyond a face a point still counts as on it, in metres. Covers what float64 loses in a rotation at
 * UTM coordinates: below 2 ** 24 m a corner is off by at most 2 ** -29 m in x and in y (two sums, each
 * rounded by half a step of 2 ** -29), so by 2.7e-9 m across a face. Smaller than any scanner's or file
 * format's step.
 */
const BORDER_M = 4e-9;

/**
 * The same angle in (-pi, pi]. Large angles are reduced by the sine and the cosine, which use all digits of
 * pi: a multiple of the rounded 2 pi would be off by radians at 1e16.
 */
export function wrapAngle(angle: number): number {
  if (Math.abs(angle) > 4 * Math.PI) return wrapAngle(Math.atan2(Math.sin(angle), Math.cos(angle)));
  const wrapped = angle - 2 * Math.PI * Math.floor((angle + Math.PI) / (2 * Math.PI));
  return wrapped <= -Math.PI ? wrapped + 2 * Math.PI : wrapped;
}

/** The smallest turn between two headings when front and back are not told apart: 0..pi/2. */
export function axisAngle(a: number, b: number): number {
  const turn = Math.abs(wrapAngle(a - b));
  return Math.min(turn, Math.PI - turn);
}

/** Cubic metres. */
export function volume(box: Box): number {
  return box.size[0] * box.size[1] * box.size[2];
}

/**
 * The four corners from above, counter-clockwise seen from above: front left, rear left, rear right, front
 * right.
 */
export function footprint(box: Box): readonly [Vec2, Vec2, Vec2, Vec2] {
  const cos = Math.cos(box.yaw);
  const sin = Math.sin(box.yaw);
  const at = (along: number, across: number): Vec2 => [
    box.center[0] + along * cos - across * sin,
    box.center[1] + along * sin + across * cos,
  ];
  const l = box.size[0] / 2;
  const w = box.size[1] / 2;
  return [at(l, w), at(-l, w), at(-l, -w), at(l, -w)];
}

/** The eight corners: the four of `footprint` at the bottom, then the same four at the top. */
export function corners(box: Box): Vec3[] {
  const low = box.center[2] - box.size[2] / 2;
  const high = box.center[2] + box.size[2] / 2;
  const around = footprint(box);
  return [low, high].flatMap((z) => around.map(([x, y]): Vec3 => [x, y, z]));
}

/** The point in the box's own frame: along the heading, to the left of it, up, from the centre; metres. */
export function toBoxFrame(box: Box, point: Vec3): Vec3 {
  const cos = Math.cos(box.yaw);
  const sin = Math.sin(box.yaw);
  const x = point[0] - box.center[0];
  const y = point[1] - box.center[1];
  return [x * cos + y * sin, y * cos - x * sin, point[2] - box.center[2]];
}

/**
 * A test whether a point is in the box, each face moved out by `margin` metres. A point on the border is in.
 * Quick for many points.
 */
export function insideTest(box: Box, margin = 0): (x: number, y: number, z: number) => boolean {
  const [cx, cy, cz] = box.center;
  const cos = Math.cos(box.yaw);
  const sin = Math.sin(box.yaw);
  const l = box.size[0] / 2 + margin + BORDER_M;
  const w = box.size[1] / 2 + margin + BORDER_M;
  const h = box.size[2] / 2 + margin + BORDER_M;
  return (px, py, pz) => {
    const x = px - cx;
    const y = py - cy;
    return Math.abs(pz - cz) <= h && Math.abs(x * cos + y * sin) <= l && Math.abs(y * cos - x * sin) <= w;
  };
}

/** True if the point is in the box or on its border. */
export function contains(box: Box, point: Vec3): boolean {
  return insideTest(box)(point[0], point[1], point[2]);
}

/** The same box with every size grown by a factor, then every face moved out by `margin` metres. */
export function enlarged(box: Box, factor: number, margin = 0): Box {
  const grow = (size: number) => size * factor + 2 * margin;
  return { ...box, size: [grow(box.size[0]), grow(box.size[1]), grow(box.size[2])] };
}

/**
 * Exact intersection over union of two boxes, from above and in space: one rectangle clipped with the other
 * (Sutherland-Hodgman), times the common height. A box without area (volume) has overlap 0 with everything,
 * itself included. NaN anywhere gives 0.
 */
export function overlap(a: Box, b: Box): Overlap {
  // Clipped around b's centre: at UTM coordinates the cross products would lose centimetres otherwise.
  const near = (box: Box): Box => ({
    ...box,
    center: [box.center[0] - b.center[0], box.center[1] - b.center[1], box.center[2] - b.center[2]],
  });
  const shared = area(clip(footprint(near(a)), footprint(near(b))));
  const top = Math.min(a.center[2] + a.size[2] / 2, b.center[2] + b.size[2] / 2);
  const bottom = Math.max(a.center[2] - a.size[2] / 2, b.center[2] - b.size[2] / 2);
  const both = shared * Math.max(0, top - bottom);
  return {
    bev: ratio(shared, a.size[0] * a.size[1] + b.size[0] * b.size[1] - shared),
    iou: ratio(both, volume(a) + volume(b) - both),
  };
}

/** 3D intersection over union, 0..1. */
export function iou3d(a: Box, b: Box): number {
  return overlap(a, b).iou;
}

/** Intersection over union of the two rectangles seen from above, 0..1. */
export function iouBev(a: Box, b: Box): number {
  return overlap(a, b).bev;
}

function ratio(part: number, whole: number): number {
  const share = part / whole;
  return whole > 0 && share > 0 ? Math.min(1, share) : 0;
}

/** The part of a convex polygon inside a convex window; both counter-clockwise. */
function clip(polygon: readonly Vec2[], window: readonly Vec2[]): readonly Vec2[] {
  let kept = polygon;
  for (let i = 0; i < window.length && kept.length > 0; i++) {
    const from = window[i]!;
    const to = window[(i + 1) % window.length]!;
    const side = (p: Vec2) => (to[0] - from[0]) * (p[1] - from[1]) - (to[1] - from[1]) * (p[0] - from[0]);
    const next: Vec2[] = [];
    for (let j = 0; j < kept.length; j++) {
      const p = kept[j]!;
      const q = kept[(j + 1) % kept.length]!;
      const sp = side(p);
      const sq = side(q);
      if (sp >= 0) next.push(p);
      if (sp * sq < 0) {
        const t = sp / (sp - sq);
        next.push([p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])]);
      }
    }
    kept = next;
  }
  return kept;
}

/** Shoelace formula. */
function area(polygon: readonly Vec2[]): number {
  let twice = 0;
  for (let i = 0; i < polygon.length; i++) {
    const p = polygon[i]!;
    const q = polygon[(i + 1) % polygon.length]!;
    twice += p[0] * q[1] - q[0] * p[1];
  }
  return Math.abs(twice) / 2;
}
