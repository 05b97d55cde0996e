/** The door of `octree/regions/`. */
export type { PointSet } from './point-set.ts';
export {
  DEFAULT_CLICK_RADIUS,
  pointSet,
  type Region,
  type RegionOptions,
  regionSurcharge,
} from './region.ts';
