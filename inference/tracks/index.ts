/** The door of `inference/tracks/`: objects carried through a sequence of frames. */

export { follow } from './follow.ts';
export { memoryFrames } from './frames/index.ts';
export { labelledFrameFits, labelledTracks } from './labelled-tracks.ts';
export type {
  TrackBox,
  TrackLine,
  TrackLost,
} from './lines.ts';
export type { TrackedObject, TrackTask } from './sequence.ts';
export { requireSound, type TrackQuestion } from './track-question.ts';
export { Tracker } from './tracker.ts';
