/** What an annotator does, without the DOM. */
export { CloudVersions, framesAround } from './cloud-versions.ts';
export { Frames } from './frames.ts';
export { isOfOtherVersion, withBoxesOfOtherVersion, withUnknownVersion } from './other-versions.ts';
export {
  type AnnotatorHint,
  type FramePoints,
  type LocalFit,
  PredictionController,
} from './prediction-controller.ts';
export { type BoxEdit, type Decision, Session } from './session.ts';
export type {
  AnswerReport,
  LearntProfile,
  PageState,
  PendingQuestion,
  SaveState,
  Store,
  Theme,
  Tool,
} from './state.ts';
