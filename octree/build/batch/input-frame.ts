/** Metadata of a frame from its data set. Structured-cloneable, for worker threads. */
import type { Vec3 } from '../../geometry/index.ts';
import { composePoses } from '../ingest/index.ts';
import type { BuildPose, InputFormat } from '../inputs/index.ts';
import type { BuildOptions } from '../options.ts';
import type { CloudPose } from '../output/index.ts';

export interface InputFrame {
  /** Default: the format by the file name. */
  readonly format?: InputFormat;
  /** Selects one cloud of a file with several. */
  readonly part?: string;
  /** Transforms coordinates of the file to those of the cloud, if they differ. */
  readonly transform?: BuildPose;
  /** Transforms coordinates of the cloud to world coordinates. */
  readonly pose?: CloudPose;
  /** Seconds. */
  readonly timestamp?: number;
  /** Position of the scanner, in the coordinates of the cloud. */
  readonly sensor?: Vec3;
}

/** The options for the cloud of a frame. Options of the call override values of the data set. */
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

/** The transformation from file coordinates to world coordinates; null if the data set has none. */
export function frameToWorld({ pose, transform }: InputFrame): BuildPose | null {
  if (pose === undefined) return null;
  return transform === undefined ? pose : composePoses(pose, transform);
}
