/** Reads the points in a lasso and turns it into a hint. */
import type { PointsView, Region } from '../../octree/index.ts';
import type { Box, Vec3 } from '../boxes/index.ts';
import { smallestRectangle } from '../boxes/index.ts';
import type { LassoHint } from '../fit/index.ts';
import { findInLasso, type LassoProjection, type LassoTarget } from './lasso.ts';

export type LassoRegion = Extract<Region, { type: 'polygon' | 'frustum' }>;

/** `origin` is in the cloud's coordinates, the hint relative to it; `count` are the points in the lasso. */
export interface ReadLasso {
  readonly origin: Vec3;
  readonly hint: LassoHint;
  readonly count: number;
}

/** Outlines have a margin; the box in one is smaller by this factor. */
const OUTLINE_SHRINK = 1 / 1.25;
/** A longer outline holds more than one object, metres. */
const LONGEST_OUTLINE = 25;

/**
 * null if no point lies in the lasso. Rejects with the signal's reason.
 */
export async function readLasso(
  view: Pick<PointsView, 'cropInSlices' | 'cloud'>,
  region: LassoRegion,
  signal?: AbortSignal,
): Promise<ReadLasso | null> {
  // Any origin near the points will do: float32 is exact enough over some kilometres.
  const from = region.type === 'polygon' ? amidRing(region, view) : view.cloud.bounds.min;
  const { positions, count } = await view.cropInSlices(region, from, { signal });
  const target = findInLasso(positions, count, region.type === 'frustum' ? projectionOf(region, from) : null);
  if (target === null) return null;
  const { click } = target;
  const shift: Vec3 = [-click[0], -click[1], -click[2]];
  return {
    origin: [click[0] + from[0], click[1] + from[1], click[2] + from[2]],
    hint: {
      type: 'lasso',
      click: [0, 0, 0],
      outline: region.type === 'polygon' ? outlineOf(region, from, target, shift) : null,
    },
    count,
  };
}

function amidRing(
  { ring }: Extract<LassoRegion, { type: 'polygon' }>,
  { cloud }: Pick<PointsView, 'cloud'>,
): Vec3 {
  return [ring[0]![0], ring[0]![1], cloud.bounds.min[2]];
}

/** The smallest rectangle round the ring, without its margin, as high as the object's points. */
function outlineOf(
  { ring }: Extract<LassoRegion, { type: 'polygon' }>,
  from: Vec3,
  { around }: LassoTarget,
  shift: Vec3,
): Box | null {
  const { center, length, width, yaw } = smallestRectangle(ring.map(([x, y]) => [x - from[0], y - from[1]]));
  if (length > LONGEST_OUTLINE) return null;
  return {
    center: [center[0] + shift[0], center[1] + shift[1], around.center[2] + shift[2]],
    size: [Math.max(0.1, length * OUTLINE_SHRINK), Math.max(0.1, width * OUTLINE_SHRINK), around.size[2]],
    yaw,
  };
}

/**
 * Projects points, relative to `from`, through a frustum. Depth is the distance along the view's axis (clip
 * w, or z).
 */
export function projectionOf(
  { viewProjection: m }: Extract<LassoRegion, { type: 'frustum' }>,
  [ox, oy, oz]: Vec3,
): LassoProjection {
  const row = (k: number, x: number, y: number, z: number) =>
    m[k]! * x + m[k + 4]! * y + m[k + 8]! * z + m[k + 12]!;
  // The depth of an orthographic view is its z; in a perspective w grows with the distance.
  const isOrthographic = m[3] === 0 && m[7] === 0 && m[11] === 0;
  return (px, py, pz) => {
    const [x, y, z] = [px + ox, py + oy, pz + oz];
    const w = row(3, x, y, z);
    return [row(0, x, y, z) / w, row(1, x, y, z) / w, isOrthographic ? row(2, x, y, z) : w];
  };
}
