/** The door of `inference/tracks/`: objects carried through a sequence of frames. */

export { type FollowOptions, follow } from './follow.ts';
export {
  type FitAsk,
  type FitBox,
  type FitReply,
  type FrameAnswer,
  type FrameCost,
  type FrameFits,
  memoryFrames,
  type PointFrame,
} from './frames/index.ts';
export { type LabelledTrackOptions, labelledFrameFits, labelledTracks } from './labelled-tracks.ts';
export {
  type Disagreement,
  LOST_REASONS,
  type LostReason,
  TRACK_STATUSES,
  type TrackBox,
  type TrackDone,
  type TrackHead,
  type TrackLine,
  type TrackLost,
  type TrackStatus,
} from './lines.ts';
export type { Keyframe, SequenceFrame, TrackedObject, TrackRequest } from './sequence.ts';
export { requireSound, type TrackFrame, type TrackQuestion } from './track-question.ts';
export { Tracker, type TrackerOptions } from './tracker.ts';
