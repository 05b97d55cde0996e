/** What a pixel of an image is about: the points of the cloud on its line of sight. */
import type { Vec2, Vec3 } from '../../../inference/boxes/index.ts';
import type { CameraProjection } from '../../../inference/cameras/index.ts';
import type { LoadedNode } from '../cloud/index.ts';

/** So many points so near behind each other are something, and not a stray one: metres. */
const SMALLEST_GROUP = { points: 3, depth: 0.8 };
/** The cone around the line of sight is wider than the circle of pixels: pixels of a lens are not even. */
const CONE_ROOM = { share: 2, metres: 0.05 };

interface SeenPoint {
  readonly place: Vec3;
  readonly off: number;
  readonly depth: number;
}

/**
 * The place that is seen at a pixel: of the points up to `reach` pixels from it, the nearest group to the
 * camera, and of that the point nearest to the pixel. Where there are too few for a group: the frontmost.
 * null if there is none.
 */
export function placeInImage(
  nodes: Iterable<LoadedNode>,
  projection: CameraProjection,
  pixel: Vec2,
  reach: number,
): Vec3 | null {
  const found = candidates(nodes, projection, pixel, reach).sort((a, b) => a.depth - b.depth);
  const first = found.findIndex(
    ({ depth }, k) =>
      (found[k + SMALLEST_GROUP.points - 1]?.depth ?? Infinity) <= depth + SMALLEST_GROUP.depth,
  );
  if (first === -1) return found[0]?.place ?? null;
  const end = found[first]!.depth + SMALLEST_GROUP.depth;
  const group = found.slice(first).filter(({ depth }) => depth <= end);
  return group.reduce((best, one) => (one.off < best.off ? one : best)).place;
}

function candidates(
  nodes: Iterable<LoadedNode>,
  projection: CameraProjection,
  pixel: Vec2,
  reach: number,
): SeenPoint[] {
  const ray = projection.ray(pixel);
  if (ray === null) return [];
  const { focal } = projection.camera;
  const [dx, dy, dz] = ray.direction;
  const squared = dx * dx + dy * dy + dz * dz;
  const slope = (CONE_ROOM.share * reach * Math.sqrt(squared)) / Math.min(...focal);
  const found: SeenPoint[] = [];
  for (const { payload } of nodes) {
    const { data, step, count, origin } = payload;
    const [ox, oy, oz] = [origin[0] - ray.from[0], origin[1] - ray.from[1], origin[2] - ray.from[2]];
    for (let i = 0; i < 4 * count; i += 4) {
      const x = data[i]! * step[0] + ox;
      const y = data[i + 1]! * step[1] + oy;
      const z = data[i + 2]! * step[2] + oz;
      const ahead = (x * dx + y * dy + z * dz) / squared;
      if (ahead <= 0) continue;
      const [ax, ay, az] = [x - ahead * dx, y - ahead * dy, z - ahead * dz];
      const room = slope * ahead + CONE_ROOM.metres;
      if (ax * ax + ay * ay + az * az > room * room) continue;
      const place: Vec3 = [x + ray.from[0], y + ray.from[1], z + ray.from[2]];
      const seen = projection.project(place);
      const off = seen === null ? Infinity : Math.hypot(seen.x - pixel[0], seen.y - pixel[1]);
      if (off <= reach) found.push({ place, off, depth: seen!.depth });
    }
  }
  return found;
}
