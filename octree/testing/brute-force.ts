/** Regions by the letter of CONTRACT.md, over all points, written a second time. */

import type { FullPoints } from '../reader/index.ts';
import type { Region } from '../regions/index.ts';
import type { TestPoint } from './ept-cloud.ts';

export function belongs(
  region: Region,
  { x, y, z }: Pick<TestPoint, 'x' | 'y' | 'z'>,
  clickRadius = 5,
): boolean {
  switch (region.type) {
    case 'click':
      return inSphere(region.position, clickRadius, x, y, z);
    case 'sphere':
      return inSphere(region.center, region.radius, x, y, z);
    case 'box': {
      const [dx, dy, dz] = [x - region.center[0], y - region.center[1], z - region.center[2]];
      const [cos, sin] = [unrounded(Math.cos(region.yaw)), unrounded(Math.sin(region.yaw))];
      const u = dx * cos + dy * sin;
      const v = dy * cos - dx * sin;
      const [length, width, height] = region.size;
      return Math.abs(u) <= length / 2 && Math.abs(v) <= width / 2 && Math.abs(dz) <= height / 2;
    }
    case 'polygon': {
      if (region.z && (z < region.z[0] || z > region.z[1])) return false;
      return inRing(region.ring, x, y);
    }
    case 'frustum': {
      const [cx, cy, cz, w] = [0, 1, 2, 3].map((row) => {
        const [a, b, c, d] = [0, 4, 8, 12].map((column) => region.viewProjection[column + row]!);
        return a! * x + b! * y + c! * z + d!;
      }) as [number, number, number, number];
      return w > 0 && Math.abs(cz / w) <= 1 && inRing(region.ring, cx / w, cy / w);
    }
  }
}

/** A quarter turn is meant exactly, though pi / 2 is not: a point on the border of such a box belongs. */
function unrounded(value: number): number {
  return Math.abs(value) < 1e-15 ? 0 : value;
}

function inSphere(
  center: readonly [number, number, number],
  radius: number,
  x: number,
  y: number,
  z: number,
) {
  return (x - center[0]) ** 2 + (y - center[1]) ** 2 + (z - center[2]) ** 2 <= radius ** 2;
}

function inRing(ring: readonly (readonly [number, number])[], x: number, y: number): boolean {
  let crossings = 0;
  for (let i = 0; i < ring.length; i++) {
    const [ax, ay] = ring[i]!;
    const [bx, by] = ring[(i + 1) % ring.length]!;
    const cross = (bx - ax) * (y - ay) - (by - ay) * (x - ax);
    const dot = (x - ax) * (x - bx) + (y - ay) * (y - by);
    if (cross === 0 && dot <= 0) return true;
    const above = ay > y;
    if (above === by > y) continue;
    if (ax + ((y - ay) / (by - ay)) * (bx - ax) > x) crossings += 1;
  }
  return crossings % 2 === 1;
}

/** Points as comparable text, in an order of their own. */
export function sorted(points: Iterable<Pick<TestPoint, 'x' | 'y' | 'z' | 'intensity'>>): string[] {
  return [...points].map(({ x, y, z, intensity }) => `${x} ${y} ${z} ${intensity}`).sort();
}

export function listed({
  xyz,
  intensity,
  count,
}: FullPoints): Pick<TestPoint, 'x' | 'y' | 'z' | 'intensity'>[] {
  return Array.from({ length: count }, (_, i) => ({
    x: xyz[3 * i]!,
    y: xyz[3 * i + 1]!,
    z: xyz[3 * i + 2]!,
    intensity: intensity[i]!,
  }));
}
