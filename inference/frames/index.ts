/** The door of `inference/frames/`. */
export {
  type LabelledFrame,
  type LabelledObject,
  offsetsInside,
  readFramePoints,
  readLabelledFrames,
} from './labelled-frames.ts';
