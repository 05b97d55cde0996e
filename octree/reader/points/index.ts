/** The door of `octree/reader/points/`. */
export { PointPieces } from './point-pieces.ts';
export {
  type CroppedPoints,
  type FullPoints,
  PointsView,
  type PointsViewOptions,
  type ReadCost,
  type ReadTimings,
} from './points-view.ts';
export type { Selection } from './selection.ts';
