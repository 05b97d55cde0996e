/** The door of `inference/`: boxes, the fits, the predictor that answers questions, and the evaluation. */
export { type Box, iou3d, iouBev, type Vec3, wrapAngle, yawQuaternion } from './boxes/index.ts';
export { LABEL_GROUPS, type LabelGroup, OBJECT_CLASSES, type ObjectClass } from './classes/index.ts';
export { type EngineAnswer, FitEngine, type FitEngineOptions } from './engine/index.ts';
export {
  type EvaluationPredictor,
  type EvaluationRow,
  evaluateFrames,
  HINT_KINDS,
  type HintKind,
  jsonReport,
  LEGEND,
  markdownReport,
} from './evaluation/index.ts';
export { type LabelledFrame, readLabelledFrames } from './frames/index.ts';
export { type ModelIdentity, readModelIdentity, SHIPPED_MODEL } from './network/index.ts';
export {
  DEFAULT_QUESTION,
  type HintRegion,
  type Prediction,
  type PredictionStage,
  Predictor,
  type PredictorOptions,
  type PreviousBox,
  type Question,
} from './predictor/index.ts';
export {
  type AcceptedBox,
  DEFAULT_PROFILE_FILE,
  makeProfile,
  PROFILE_REACH_METRES,
  type Profile,
  type ProfileFile,
  profileOfBoxes,
  profileSchema,
  readProfile,
  readProfiles,
} from './profiles/index.ts';
export {
  type FrameFits,
  follow,
  labelledFrameFits,
  labelledTracks,
  requireSound,
  type TrackBox,
  type TrackDone,
  type TrackedObject,
  Tracker,
  type TrackerOptions,
  type TrackHead,
  type TrackLine,
  type TrackLost,
  type TrackQuestion,
  type TrackRequest,
} from './tracks/index.ts';
