/** The door of `octree/build/points/`: points on their way through the builder. */
export { ColumnScratch } from './column-scratch.ts';
export {
  type Attribute,
  BuildColumns,
  INTENSITY_BYTES,
  type IntensityKind,
  NUMBER_ARRAYS,
  type NumberColumn,
  type NumberType,
  type PlaceColumns,
} from './columns.ts';
export {
  commonIntensity,
  intensityKind,
  NUMBER_BYTES,
  numberReader,
  type ReadNumber,
  readColumn,
} from './number-type.ts';
export { PointStore } from './point-store.ts';
export {
  checkScale,
  chooseSteps,
  FINEST_SCALE,
  NEAR_ZERO,
  pointAt,
  type StepExtent,
  type Steps,
  scaleTooFine,
} from './steps.ts';
