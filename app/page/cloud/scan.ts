/**
 * Walks through the points of loaded nodes: around a place, under the cursor, in a lasso. Plain loops; no
 * allocation per point.
 */
import { Bounds, type Vec3 } from '../../../octree/geometry/index.ts';
import type { NodePayload } from './node-format.ts';
import type { PointList } from './point-list.ts';
import { inRing } from './ring.ts';

export interface LoadedNode {
  readonly name: string;
  readonly cube: Bounds;
  readonly payload: NodePayload;
}

/** All points in the bounds (closed), from the middle of them. */
export function collect(nodes: Iterable<LoadedNode>, bounds: Bounds): PointList {
  const { min, max } = bounds;
  const origin: Vec3 = [(min[0] + max[0]) / 2, (min[1] + max[1]) / 2, (min[2] + max[2]) / 2];
  const [hx, hy, hz] = [max[0] - origin[0], max[1] - origin[1], max[2] - origin[2]];
  const found: number[] = [];
  for (const { cube, payload } of nodes) {
    if (!Bounds.intersect(cube, bounds, 0.01)) continue;
    const { data, step, count } = payload;
    const ox = payload.origin[0] - origin[0];
    const oy = payload.origin[1] - origin[1];
    const oz = payload.origin[2] - origin[2];
    for (let i = 0; i < 4 * count; i += 4) {
      const x = data[i]! * step[0] + ox;
      if (x < -hx || x > hx) continue;
      const y = data[i + 1]! * step[1] + oy;
      if (y < -hy || y > hy) continue;
      const z = data[i + 2]! * step[2] + oz;
      if (z < -hz || z > hz) continue;
      found.push(x, y, z);
    }
  }
  return { origin, xyz: Float32Array.from(found) };
}

/**
 * A view of the points: a 4x4 matrix (column-major) from metres off `origin` to clip space, and the size in
 * pixels.
 */
export interface ScreenProjection {
  readonly origin: Vec3;
  readonly matrix: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
}

/** Pixels from the top left, and the depth: larger is farther. Null behind the camera. */
export function projectPoint({ origin, matrix: m, width, height }: ScreenProjection, [px, py, pz]: Vec3) {
  const [x, y, z] = [px - origin[0], py - origin[1], pz - origin[2]];
  const w = m[3]! * x + m[7]! * y + m[11]! * z + m[15]!;
  if (w <= 1e-6) return null;
  const cx = (m[0]! * x + m[4]! * y + m[8]! * z + m[12]!) / w;
  const cy = (m[1]! * x + m[5]! * y + m[9]! * z + m[13]!) / w;
  const cz = (m[2]! * x + m[6]! * y + m[10]! * z + m[14]!) / w;
  return { x: ((cx + 1) / 2) * width, y: ((1 - cy) / 2) * height, depth: cz };
}

/**
 * The point under the cursor: among those within `radius` pixels, the frontmost of the ones nearest to it.
 * Null if there is none. A point counts as farther the more it lies off the cursor, so that one that is met
 * beats one in front that is missed.
 * @param shows false for places that are left out
 */
export function pick(
  nodes: Iterable<LoadedNode>,
  view: ScreenProjection,
  at: readonly [number, number],
  radius = 9,
  shows: (place: Vec3) => boolean = () => true,
): Vec3 | null {
  let best: Vec3 | null = null;
  let bestCost = Number.POSITIVE_INFINITY;
  visit(
    nodes,
    view,
    [at[0] - radius, at[1] - radius, at[0] + radius, at[1] + radius],
    (x, y, depth, place) => {
      const off = Math.hypot(x - at[0], y - at[1]);
      if (off > radius) return;
      const cost = depth * (1 + 0.02 * off) + (off > radius / 2 ? depth * 0.05 : 0);
      if (cost >= bestCost) return;
      const found = place();
      if (!shows(found)) return;
      bestCost = cost;
      best = found;
    },
  );
  return best;
}

/** The points in a ring drawn on the screen (pixels). */
export function lassoed(
  nodes: Iterable<LoadedNode>,
  view: ScreenProjection,
  ring: readonly (readonly [number, number])[],
): Vec3[] {
  const xs = ring.map(([x]) => x);
  const ys = ring.map(([, y]) => y);
  const window = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)] as const;
  const points: Vec3[] = [];
  visit(nodes, view, window, (x, y, _, place) => {
    if (inRing(ring, x, y)) points.push(place());
  });
  return points;
}

type Visit = (x: number, y: number, distance: number, place: () => Vec3) => void;

/**
 * Calls back for every point whose pixel lies in the window. The distance is metres along the view: of a
 * perspective camera clip w; of an orthographic one what lies between near and this point.
 */
function visit(
  nodes: Iterable<LoadedNode>,
  view: ScreenProjection,
  [left, top, right, bottom]: readonly [number, number, number, number],
  call: Visit,
): void {
  const { width, height, origin, matrix: m } = view;
  const isPerspective = m[15] !== 1 || m[11] !== 0;
  const x0 = (2 * left) / width - 1;
  const x1 = (2 * right) / width - 1;
  const y0 = 1 - (2 * bottom) / height;
  const y1 = 1 - (2 * top) / height;
  // Metres that one unit of clip z stands for in an orthographic view.
  const depthScale = isPerspective ? 1 : 1 / Math.hypot(m[2]!, m[6]!, m[10]!);
  for (const { cube, payload } of nodes) {
    if (isOutside(cube, view, x0, y0, x1, y1)) continue;
    const { data, step, count } = payload;
    const ox = payload.origin[0] - origin[0];
    const oy = payload.origin[1] - origin[1];
    const oz = payload.origin[2] - origin[2];
    for (let i = 0; i < 4 * count; i += 4) {
      const x = data[i]! * step[0] + ox;
      const y = data[i + 1]! * step[1] + oy;
      const z = data[i + 2]! * step[2] + oz;
      const w = isPerspective ? m[3]! * x + m[7]! * y + m[11]! * z + m[15]! : 1;
      if (w <= 1e-3) continue;
      const cx = (m[0]! * x + m[4]! * y + m[8]! * z + m[12]!) / w;
      if (cx < x0 || cx > x1) continue;
      const cy = (m[1]! * x + m[5]! * y + m[9]! * z + m[13]!) / w;
      if (cy < y0 || cy > y1) continue;
      const cz = (m[2]! * x + m[6]! * y + m[10]! * z + m[14]!) / w;
      if (cz < -1 || cz > 1) continue;
      const distance = isPerspective ? w : (cz + 1) * depthScale;
      const place = (): Vec3 => [x + origin[0], y + origin[1], z + origin[2]];
      call(((cx + 1) / 2) * width, ((1 - cy) / 2) * height, distance, place);
    }
  }
}

/** True if all corners of the cube lie beyond one side of the window (or behind the camera). */
function isOutside(
  cube: Bounds,
  { origin, matrix: m }: ScreenProjection,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
): boolean {
  let [l, r, b, t, n] = [true, true, true, true, true];
  for (let c = 0; c < 8; c++) {
    const x = (c & 1 ? cube.max[0] : cube.min[0]) - origin[0];
    const y = (c & 2 ? cube.max[1] : cube.min[1]) - origin[1];
    const z = (c & 4 ? cube.max[2] : cube.min[2]) - origin[2];
    const w = m[3]! * x + m[7]! * y + m[11]! * z + m[15]!;
    const cx = m[0]! * x + m[4]! * y + m[8]! * z + m[12]!;
    const cy = m[1]! * x + m[5]! * y + m[9]! * z + m[13]!;
    if (cx >= x0 * w) l = false;
    if (cx <= x1 * w) r = false;
    if (cy >= y0 * w) b = false;
    if (cy <= y1 * w) t = false;
    if (w > 0) n = false;
  }
  return l || r || b || t || n;
}
