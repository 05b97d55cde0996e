/**
 * The smallest rectangle round points in the plane: one of its sides lies on a side of their convex hull
 * (Freeman and Shapira, 1975).
 */
import type { Vec2 } from './box.ts';

/** `length` is the longer side and lies along `yaw`, radians. */
export interface Rectangle {
  readonly center: Vec2;
  readonly length: number;
  readonly width: number;
  readonly yaw: number;
}

/**
 * Rotating calipers (Toussaint, 1983): as the side turns, the farthest corners only move on round the hull. A
 * lasso may have thousands of corners; the work grows with their number, not with its square.
 *
 * @param points at least one
 */
export function smallestRectangle(points: readonly Vec2[]): Rectangle {
  const hull = convexHull(points);
  const calipers: Calipers = { ahead: 0, across: 0, behind: 0 };
  let best: (Rectangle & { readonly area: number }) | null = null;
  for (let i = 0; i < hull.length; i++) {
    const found = rectangleOnSide(hull, i, calipers);
    if (best === null || found.area < best.area) best = found;
  }
  if (best === null) throw new TypeError('a rectangle needs a point');
  const { center, length, width, yaw } = best;
  return width > length
    ? { center, length: width, width: length, yaw: yaw + Math.PI / 2 }
    : { center, length, width, yaw };
}

/**
 * Corners of the hull, counted on past its end: the farthest along a side, across it, and against it. A side
 * begins at corner `i`, so `i < ahead <= across <= behind <= i + n`.
 */
interface Calipers {
  ahead: number;
  across: number;
  behind: number;
}

/** The rectangle with a side on the hull's side from corner `i`. Moves the calipers on. */
function rectangleOnSide(
  hull: readonly Vec2[],
  i: number,
  calipers: Calipers,
): Rectangle & { readonly area: number } {
  const n = hull.length;
  const [ax, ay] = hull[i]!;
  const [bx, by] = hull[(i + 1) % n]!;
  const yaw = n === 1 ? 0 : Math.atan2(by - ay, bx - ax);
  const [c, s] = [Math.cos(yaw), Math.sin(yaw)];
  const along = (k: number) => hull[k % n]![0] * c + hull[k % n]![1] * s;
  const across = (k: number) => hull[k % n]![1] * c - hull[k % n]![0] * s;
  // By the direction of the next side: its differences are exact where corners lie close together.
  const climb = (from: number, dx: number, dy: number) => {
    let k = from;
    while (k < i + n) {
      const [px, py] = hull[k % n]!;
      const [qx, qy] = hull[(k + 1) % n]!;
      if ((qx - px) * dx + (qy - py) * dy < 0) break;
      k += 1;
    }
    return k;
  };
  calipers.ahead = climb(Math.max(calipers.ahead, i + 1), c, s);
  calipers.across = climb(Math.max(calipers.across, calipers.ahead), -s, c);
  calipers.behind = climb(Math.max(calipers.behind, calipers.across), -c, -s);
  const [u0, u1] = [along(calipers.behind), along(calipers.ahead)];
  const [v0, v1] = [Math.min(across(i), across(i + 1)), across(calipers.across)];
  const [u, v] = [(u0 + u1) / 2, (v0 + v1) / 2];
  const [length, width] = [u1 - u0, v1 - v0];
  return { center: [u * c - v * s, u * s + v * c], length, width, yaw, area: length * width };
}

/** Counter-clockwise, without repeated points (Andrew's monotone chain). */
export function convexHull(points: readonly Vec2[]): Vec2[] {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const distinct = sorted.filter(
    (p, i) => i === 0 || p[0] !== sorted[i - 1]![0] || p[1] !== sorted[i - 1]![1],
  );
  if (distinct.length < 3) return distinct;
  const half = (list: readonly Vec2[]) => {
    const kept: Vec2[] = [];
    for (const p of list) {
      while (kept.length >= 2 && turn(kept[kept.length - 2]!, kept[kept.length - 1]!, p) <= 0) kept.pop();
      kept.push(p);
    }
    kept.pop();
    return kept;
  };
  return [...half(distinct), ...half(distinct.toReversed())];
}

function turn(a: Vec2, b: Vec2, c: Vec2): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}
