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

/** @param points at least one */
export function smallestRectangle(points: readonly Vec2[]): Rectangle {
  const hull = convexHull(points);
  let best: (Rectangle & { readonly area: number }) | null = null;
  for (let i = 0; i < hull.length; i++) {
    const [ax, ay] = hull[i]!;
    const [bx, by] = hull[(i + 1) % hull.length]!;
    const yaw = hull.length === 1 ? 0 : Math.atan2(by - ay, bx - ax);
    const found = rectangleAlong(hull, yaw);
    if (best === null || found.area < best.area) best = found;
  }
  if (best === null) throw new TypeError('a rectangle needs a point');
  const { center, length, width, yaw } = best;
  return width > length
    ? { center, length: width, width: length, yaw: yaw + Math.PI / 2 }
    : { center, length, width, yaw };
}

function rectangleAlong(hull: readonly Vec2[], yaw: number): Rectangle & { readonly area: number } {
  const [c, s] = [Math.cos(yaw), Math.sin(yaw)];
  let [u0, v0] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  let [u1, v1] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  // Allocates nothing: a lasso may have thousands of corners, and this runs once for each.
  for (let i = 0; i < hull.length; i++) {
    const [x, y] = hull[i]!;
    const along = x * c + y * s;
    const across = y * c - x * s;
    if (along < u0) u0 = along;
    if (along > u1) u1 = along;
    if (across < v0) v0 = across;
    if (across > v1) v1 = across;
  }
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
