/** What a data set says of a frame beside its points. Cloneable: it goes to worker threads. */
import type { Vec3 } from '../../geometry/index.ts';
import { type BuildPose, composePoses } from '../ingest/index.ts';
import type { InputFormat } from '../inputs/index.ts';
import type { BuildOptions } from '../options.ts';
import type { CloudPose } from '../output/index.ts';

export interface InputFrame {
  /** Default: what the file's name says. */
  readonly format?: InputFormat;
  /** Which of the file's clouds, where it has several. */
  readonly part?: string;
  /** Takes the file's coordinates to the cloud's, where they differ. */
  readonly transform?: BuildPose;
  /** Takes the cloud's coordinates to the world's. */
  readonly pose?: CloudPose;
  /** Seconds. */
  readonly timestamp?: number;
  /** Where the scanner stood, in the cloud's coordinates. */
  readonly sensor?: Vec3;
}

/** The options of a frame's cloud: what the call states goes before what the data set says. */
export function withFrameOptions<
  Options extends Pick<BuildOptions, 'format' | 'sensor' | 'pose' | 'timestamp'>,
>(options: Options, frame: InputFrame | undefined): Options {
  if (frame === undefined) return options;
  const { format, pose, timestamp, sensor } = frame;
  const said = {
    ...(format && { format }),
    ...(pose && { pose }),
    ...(timestamp !== undefined && { timestamp }),
    ...(sensor && { sensor }),
  };
  return { ...said, ...options };
}

/** What takes the file's coordinates to the world's; null if the data set does not say. */
export function frameToWorld({ pose, transform }: InputFrame): BuildPose | null {
  if (pose === undefined) return null;
  return transform === undefined ? pose : composePoses(pose, transform);
}
