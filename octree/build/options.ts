/** The options of a build and their defaults; docs/node-size.md explains them. */
import { NearboxError } from '../../cache/foundation/index.ts';
import type { Vec3 } from '../geometry/index.ts';
import type { WildPoints } from './ingest/index.ts';
import type { InputFormat } from './inputs/index.ts';
import type { BuildEncoding, CloudPose } from './output/index.ts';
import { checkScale } from './points/index.ts';

/** The stage of a build: reading the inputs, writing node files, publishing the cloud. */
export type BuildStage = 'read' | 'write' | 'publish';

export interface BuildOptions {
  /** The format: an EPT folder, or one COPC file. Default: `ept`. */
  readonly to?: BuildFormat;
  /** The encoding of the nodes of an EPT. Default: `zstandard`. */
  readonly encoding?: BuildEncoding;
  /**
   * Metres; coordinates are rounded to the nearest step. Default: 0.001, or the scale of the inputs if that
   * is finer.
   */
  readonly scale?: number;
  /** Cells of a node's sampling grid along one edge, a power of two. */
  readonly span?: number;
  /**
   * A node with at most this many points in and below it is a leaf. Default: 16,384 for large clouds; a cloud
   * of up to 200,000 points is one node.
   */
  readonly maxNodePoints?: number;
  /** The format of all inputs. Default: by each file's name. */
  readonly format?: InputFormat;
  /** Treatment of points far away from all others. Default: `drop`. */
  readonly wildPoints?: WildPoints;
  /** Position of the scanner in the cloud's coordinates; stored with the cloud. */
  readonly sensor?: Vec3;
  /** Transforms the cloud's coordinates to world coordinates; stored with the cloud. */
  readonly pose?: CloudPose;
  /** Time of the scan, seconds; stored with the cloud. */
  readonly timestamp?: number;
  /** A JSON file with the poses that transform the inputs of one cloud to a common world. */
  readonly poses?: string;
  /** Replaces a cloud that exists already. Default: false. */
  readonly force?: boolean;
  /** Most points in memory; larger clouds use temporary files beside the output. */
  readonly memoryPoints?: number;
  readonly signal?: AbortSignal;
  /** Called with the progress of the whole work, 0..1, never falling. */
  readonly onProgress?: (fraction: number, stage: BuildStage) => void;
}

export interface ResolvedBuildOptions {
  readonly to: BuildFormat;
  readonly encoding: BuildEncoding;
  readonly scale: number | null;
  readonly span: number;
  readonly maxNodePoints: number;
  readonly maxSingleNodePoints: number;
  readonly minNodePoints: number;
  readonly format: InputFormat | undefined;
  readonly wildPoints: WildPoints;
  readonly sensor: Vec3 | null;
  readonly pose: CloudPose | null;
  readonly timestamp: number | null;
  readonly poses: string | null;
  readonly force: boolean;
  readonly memoryPoints: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (fraction: number, stage: BuildStage) => void;
}

export const BUILD_FORMATS = ['ept', 'copc'] as const;
export type BuildFormat = (typeof BUILD_FORMATS)[number];
export const ENCODINGS: readonly BuildEncoding[] = ['zstandard', 'binary', 'laszip'];

const DEFAULT_SPAN = 64;
const DEFAULT_MAX_NODE_POINTS = 16_384;
/**
 * A cloud with at most this many points, such as a single sweep of a scanner, is one node (measured:
 * docs/node-size.md).
 */
const DEFAULT_MAX_SINGLE_NODE_POINTS = 200_000;
/** In all some 300 MB of memory during the build of a cloud of any size (measured: docs/build.md). */
const DEFAULT_MEMORY_POINTS = 4 * 1024 * 1024;
/** A subtree with a smaller fraction of a full node's points does not get its own file. */
const MIN_SHARE = 1 / 16;
const LARGEST_SPAN = 256;

export function resolveBuildOptions(options: BuildOptions): ResolvedBuildOptions {
  const { span = DEFAULT_SPAN, maxNodePoints = DEFAULT_MAX_NODE_POINTS, sensor } = options;
  const { memoryPoints = DEFAULT_MEMORY_POINTS, encoding = 'zstandard' } = options;
  const { to = 'ept' } = options;
  if (!BUILD_FORMATS.includes(to))
    throw invalid(`the output format must be ${BUILD_FORMATS.join(' or ')}, not ${String(to)}`);
  if (!ENCODINGS.includes(encoding))
    throw invalid(`encoding must be one of ${ENCODINGS.join(', ')}, not ${String(encoding)}`);
  if (to === 'copc' && options.encoding !== undefined && encoding !== 'laszip')
    throw invalid(`a COPC file is always laszip, not ${encoding}`);
  if (!Number.isInteger(span) || span < 2 || span > LARGEST_SPAN || !Number.isInteger(Math.log2(span))) {
    throw invalid(`span must be a power of two between 2 and ${LARGEST_SPAN}, not ${span}`);
  }
  if (!Number.isInteger(maxNodePoints) || maxNodePoints < 1) {
    throw invalid(`maxNodePoints must be a whole number above 0, not ${maxNodePoints}`);
  }
  if (!Number.isInteger(memoryPoints) || memoryPoints < 1) {
    throw invalid(`memoryPoints must be a whole number above 0, not ${memoryPoints}`);
  }
  if (sensor !== undefined && !(sensor.length === 3 && sensor.every(Number.isFinite))) {
    throw invalid(`sensor must be three finite numbers, not ${sensor.join(',')}`);
  }
  return {
    to,
    encoding,
    scale: options.scale === undefined ? null : checkScale(options.scale),
    span,
    maxNodePoints,
    maxSingleNodePoints: options.maxNodePoints ?? DEFAULT_MAX_SINGLE_NODE_POINTS,
    minNodePoints: Math.max(1, Math.floor(maxNodePoints * MIN_SHARE)),
    format: options.format,
    wildPoints: options.wildPoints ?? 'drop',
    sensor: sensor ?? null,
    pose: options.pose ?? null,
    timestamp: options.timestamp ?? null,
    poses: options.poses ?? null,
    force: options.force ?? false,
    memoryPoints,
    signal: options.signal,
    onProgress: options.onProgress ?? (() => undefined),
  };
}

function invalid(message: string): NearboxError {
  return new NearboxError('invalid_request', message);
}
