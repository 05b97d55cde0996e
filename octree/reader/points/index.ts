/** The door of `octree/reader/points/`. */
export { PointPieces } from './point-pieces.ts';
export {
  type CroppedPoints,
  type FullPoints,
  PointsView,
  type PointsViewOptions,
  type ReadTimings,
} from './points-view.ts';
export { joinedCost, type ReadCost } from './read-cost.ts';
export type { Selection } from './selection.ts';
