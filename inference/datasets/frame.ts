/** A frame of a data set, as all readers give it. */
import type { InputFormat } from '../../octree/build/index.ts';
import type { Box, Pose, Vec3 } from '../boxes/index.ts';
import type { Camera } from '../cameras/index.ts';

/** A labelled object. Its box is in the cloud's coordinates. */
export interface DatasetObject extends Box {
  /** Equal in all frames that show the object; null if the data set has no object ids. */
  readonly id: string | null;
  /** The data set's own name of the class. */
  readonly class: string;
}

/** A calibrated camera, and the file of what it saw. */
export interface DatasetCamera extends Camera {
  readonly file: string;
}

export interface DatasetFrame {
  /** The cloud's id below the folder, in the order of time within a scene. */
  readonly id: string;
  /** Frames of one scene show the same objects. */
  readonly scene: string;
  /** The file of points. */
  readonly file: string;
  /** Default: what the file's name says. */
  readonly format?: InputFormat;
  /** Takes the file's coordinates to the cloud's, where they differ. */
  readonly transform?: Pose;
  /** Takes the cloud's coordinates to the world's; null: the data set does not say. */
  readonly pose: Pose | null;
  /** Seconds; null: the data set does not say. */
  readonly timestamp: number | null;
  /** Where the scanner stood, in the cloud's coordinates; null: the data set does not say. */
  readonly sensor: Vec3 | null;
  /** Reads the calibrations of the cameras that have an image of the frame. Default: there are none. */
  readonly cameras?: () => Promise<readonly DatasetCamera[]>;
  /** Reads the labels; null: the frame has none. An empty list: there is nothing to label. */
  readonly objects: (() => Promise<readonly DatasetObject[]>) | null;
}
