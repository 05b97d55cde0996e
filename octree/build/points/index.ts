/** The door of `octree/build/points/`: points on their way through the builder. */
export {
  INTENSITY_BYTES,
  type IntensityColumn,
  type IntensityKind,
  PointColumns,
} from './columns.ts';
export { PointStore } from './point-store.ts';
export {
  checkScale,
  chooseSteps,
  FINEST_SCALE,
  fitsSteps,
  pointAt,
  type StepExtent,
  type Steps,
  scaleTooFine,
} from './steps.ts';
