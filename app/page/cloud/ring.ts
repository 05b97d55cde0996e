/** A lasso on the screen: which points it holds, and the fewest corners that draw it. */
import type { Vec2 } from '../../../inference/boxes/index.ts';

/** Even-odd; the ring is closed implicitly. */
export function inRing(ring: readonly Vec2[], x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [ax, ay] = ring[i]!;
    const [bx, by] = ring[j]!;
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

/**
 * Fewer corners for the same shape: drops those within `tolerance` of the line between their neighbours
 * (Ramer-Douglas-Peucker).
 */
export function simplified(ring: readonly Vec2[], tolerance: number): Vec2[] {
  if (ring.length < 4) return [...ring];
  const keep = new Uint8Array(ring.length);
  keep[0] = keep[ring.length - 1] = 1;
  const stretches: [number, number][] = [[0, ring.length - 1]];
  for (let s = stretches.pop(); s !== undefined; s = stretches.pop()) {
    const [from, to] = s;
    let [worst, at] = [tolerance, -1];
    for (let i = from + 1; i < to; i++) {
      const d = distanceToSegment(ring[i]!, ring[from]!, ring[to]!);
      if (d > worst) [worst, at] = [d, i];
    }
    if (at === -1) continue;
    keep[at] = 1;
    stretches.push([from, at], [at, to]);
  }
  return ring.filter((_, i) => keep[i] === 1);
}

function distanceToSegment(p: Vec2, a: Vec2, b: Vec2): number {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const length = dx * dx + dy * dy;
  const t = length === 0 ? 0 : Math.max(0, Math.min(1, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length));
  return Math.hypot(p[0] - a[0] - t * dx, p[1] - a[1] - t * dy);
}
