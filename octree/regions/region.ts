/**
 * Regions of requests: closed sets of points in the cloud's coordinates. A point on the border belongs to the
 * region. All arithmetic is float64 on differences to the region's own centre, so that large coordinates
 * (UTM) lose no digits.
 */

import { NearboxError } from '../../cache/foundation/index.ts';
import type { Vec3 } from '../geometry/index.ts';
import type { PointSet } from './point-set.ts';
import { cuboidPoints } from './region-cuboid.ts';
import { frustumPoints } from './region-frustum.ts';
import { polygonPoints } from './region-polygon.ts';
import { spherePoints } from './region-sphere.ts';
import { ringTestCost } from './ring.ts';

/** A region as in a request. A click stands for the sphere with the click radius around its position. */
export type Region =
  | { readonly type: 'click'; readonly position: Vec3; readonly also?: readonly unknown[] | undefined }
  | { readonly type: 'sphere'; readonly center: Vec3; readonly radius: number }
  | { readonly type: 'box'; readonly center: Vec3; readonly size: Vec3; readonly yaw: number }
  | {
      readonly type: 'polygon';
      readonly ring: readonly (readonly [number, number])[];
      readonly z?: readonly [number, number] | undefined;
    }
  | {
      readonly type: 'frustum';
      readonly viewProjection: readonly number[];
      readonly ring: readonly (readonly [number, number])[];
    };

export interface RegionOptions {
  /** Radius of a click's sphere, metres. Default: 5. */
  readonly clickRadius?: number | undefined;
}

export const DEFAULT_CLICK_RADIUS = 5;

/** Keeps the point set of a region as long as the region itself: preparing one for many tests takes time. */
const sets = new WeakMap<Region, { readonly clickRadius: number; readonly set: PointSet }>();

/**
 * The point set of a region. Throws `invalid_request` if a number is not finite or beyond 1e12, a size is
 * negative, or a ring has fewer than 3 corners.
 */
export function pointSet(
  region: Region,
  { clickRadius = DEFAULT_CLICK_RADIUS }: RegionOptions = {},
): PointSet {
  const known = sets.get(region);
  if (known?.clickRadius === clickRadius) return known.set;
  const set = newPointSet(region, clickRadius);
  sets.set(region, { clickRadius, set });
  return set;
}

function newPointSet(region: Region, clickRadius: number): PointSet {
  switch (region.type) {
    case 'click':
      return spherePoints(metres3(region.position, 'position'), clickRadius);
    case 'sphere':
      return spherePoints(metres3(region.center, 'center'), extent(region.radius, 'radius'));
    case 'box':
      return cuboidPoints(
        metres3(region.center, 'center'),
        extent3(region.size, 'size'),
        finite(region.yaw, 'yaw'),
      );
    case 'polygon': {
      const ring = finiteRing(region.ring);
      const [low, high] = region.z ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
      if (region.z) metres(low, 'z.0');
      if (region.z) metres(high, 'z.1');
      if (low > high) throw invalid('z', 'the minimum is above the maximum');
      return polygonPoints(ring, low, high);
    }
    case 'frustum': {
      if (region.viewProjection.length !== 16) throw invalid('viewProjection', 'must have 16 numbers');
      const matrix = region.viewProjection.map((value, i) => finite(value, `viewProjection.${i}`));
      return frustumPoints(matrix, finiteRing(region.ring));
    }
  }
}

/**
 * Worst-case cost of testing one point, relative to a sphere: 1 for clicks, spheres and boxes, more for rings
 * with many corners. A rate limit can charge it before anything is read.
 */
function regionCost(region: Region): number {
  return region.type === 'polygon' || region.type === 'frustum' ? ringTestCost(region.ring.length) : 1;
}

/** Test cost that is included in the price of a request: a lasso of 120 corners or fewer. */
const INCLUDED_TEST_COST = 16;

/**
 * What a region costs beyond `price`, in the same unit: nothing for ordinary regions, 32 prices for a ring of
 * 4,096 corners.
 */
export function regionSurcharge(region: Region, price: number): number {
  return Math.ceil(price * Math.max(0, regionCost(region) / INCLUDED_TEST_COST - 1));
}

function finite(value: number, path: string): number {
  if (!Number.isFinite(value)) throw invalid(path, 'must be a finite number');
  return value;
}

/**
 * Largest coordinate or length, metres. Beyond it, differences and squares in float64 are no longer
 * meaningful.
 */
const MAX_METRES = 1e12;

function metres(value: number, path: string): number {
  if (Math.abs(finite(value, path)) > MAX_METRES) throw invalid(path, 'must lie between -1e12 and 1e12');
  return value;
}

function metres3(values: Vec3, path: string): Vec3 {
  return [metres(values[0], `${path}.0`), metres(values[1], `${path}.1`), metres(values[2], `${path}.2`)];
}

function finiteRing(ring: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] {
  if (ring.length < 3) throw invalid('ring', 'must have at least 3 corners');
  return ring.map(([x, y], i) => [metres(x, `ring.${i}.0`), metres(y, `ring.${i}.1`)]);
}

function extent(value: number, path: string): number {
  if (metres(value, path) < 0) throw invalid(path, 'must not be negative');
  return value;
}

function extent3(values: Vec3, path: string): Vec3 {
  return [extent(values[0], `${path}.0`), extent(values[1], `${path}.1`), extent(values[2], `${path}.2`)];
}

function invalid(path: string, message: string): NearboxError {
  const field = { path: `region.${path}`, message };
  return new NearboxError('invalid_request', `${field.path} ${message}`, { fields: [field] });
}
