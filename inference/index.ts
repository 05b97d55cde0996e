/** The door of `inference/`: boxes, the fits, the predictor that answers questions, and the evaluation. */
export { type Box, iou3d, iouBev, type Vec3, wrapAngle } from './box.ts';
export { type EngineAnswer, FitEngine, type FitEngineOptions } from './engine.ts';
export {
  type EvaluationRow,
  evaluateFrames,
  HINT_KINDS,
  type HintKind,
  jsonReport,
  LEGEND,
  markdownReport,
  type Predictor as EvaluationPredictor,
} from './evaluation/index.ts';
export { LABEL_GROUPS, type LabelGroup } from './label-classes.ts';
export { type LabelledFrame, readLabelledFrames } from './labelled-frames.ts';
export type { ModelIdentity } from './model-files.ts';
export { yawQuaternion } from './pose.ts';
export {
  type HintRegion,
  type Prediction,
  type PredictionStage,
  Predictor,
  type PredictorOptions,
  type Question,
  UNSAID,
} from './predictor.ts';
export {
  DEFAULT_PROFILE_FILE,
  makeProfile,
  type Profile,
  readProfile,
  readProfiles,
} from './profiles/index.ts';
export { OBJECT_CLASSES, type ObjectClass } from './types.ts';
