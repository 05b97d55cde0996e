/** Calls of the server. */

export { type BusyRetryOptions, retriedWhileBusy } from './busy-retry.ts';
export { ApiClient } from './client.ts';
export { pause } from './pause.ts';
export { Reachability } from './reachability.ts';
export {
  ApiError,
  type CloudSummary,
  type FeedbackNote,
  type FramePlace,
  type LabelsBox,
  type PageAnswer,
  type PageLabels,
  type PageQuestion,
  type ProfileOf,
  type TrackAnswerLine,
  type TrackAsk,
  type WireRegion,
} from './types.ts';
