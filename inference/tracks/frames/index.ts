/** The door of `inference/tracks/frames/`. */
export type { FitBox } from './answer-ask.ts';
export { CloudFrames } from './cloud-frames.ts';
export type {
  CloudExtent,
  FitAsk,
  FitAtPlace,
  FitReply,
  Fitted,
  FrameAnswer,
  FrameCost,
  FrameFits,
  FrameTimings,
  StartEvidence,
} from './frame-fits.ts';
export { memoryFrames } from './memory-frames.ts';
export { isInPlace } from './registration.ts';
export type { Shape } from './shape.ts';
