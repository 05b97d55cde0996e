/** The door of `inference/`: boxes, the fits, the predictor that answers questions, and the evaluation. */
export { type Box, iou3d, wrapAngle, yawQuaternion } from './boxes/index.ts';
export { LABEL_GROUPS, type LabelGroup } from './classes/index.ts';
export { type DatasetFrame, readDataset, writeCameras, writeLabelledFrames } from './datasets/index.ts';
export { FitEngine } from './engine/index.ts';
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
  type Prediction,
  type PredictionStage,
  Predictor,
  type PredictorOptions,
  type Question,
} from './predictor/index.ts';
export {
  type AcceptedBox,
  DEFAULT_PROFILE_FILE,
  makeProfile,
  PROFILE_REACH_METRES,
  type Profile,
  profileOfBoxes,
  readProfile,
  readProfiles,
} from './profiles/index.ts';
export {
  follow,
  labelledFrameFits,
  labelledTracks,
  requireSound,
  type TrackBox,
  Tracker,
  type TrackLine,
  type TrackLost,
  type TrackQuestion,
  type TrackTask,
} from './tracks/index.ts';
