/** The door of `inference/datasets/`: folders of data sets as frames with poses, times and labels. */
export { writeCameras } from './cameras/index.ts';
export { readDataset } from './dataset.ts';
export type { DatasetFrame } from './frame.ts';
export { writeLabelledFrames } from './write-labelled-frames.ts';
