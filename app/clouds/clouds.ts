/**
 * What the routes ask of clouds. The same before and behind a thread border: arguments and results are plain
 * data, or streams of it.
 */
import type { TileRead } from '../../cache/index.ts';
import type {
  CloudInfo,
  CloudOptions,
  CloudPage,
  CroppedPoints,
  DecodedNode,
  DescribeOptions,
  Dimension,
  FileRequest,
  Key,
  ListCloudsOptions,
  NodeListing,
  NodeOptions,
  PlanReadOptions,
  ReadPlan,
  Region,
  StoredFile,
} from '../../octree/index.ts';

export interface CropOptions extends CloudOptions {
  /** What is written besides position and intensity, where the cloud has it. Default: nothing. */
  readonly dimensions?: readonly Dimension[] | undefined;
}

/** The points of a region as a PLY file. */
export interface PlyCrop {
  /** Length of the file, bytes. */
  readonly bytes: number;
  /** Whether a frustum was not read to its end; the file then has the nearest points. */
  readonly isTruncated: boolean;
  /** The file in pieces. Leaving the loop early frees what is not read yet. */
  readonly ply: AsyncIterable<Uint8Array<ArrayBuffer>>;
}

export interface StoredNodeOptions extends CloudOptions {
  /** `direct`: from disk or the source, without asking another instance or a CDN. Default: `any`. */
  readonly reach?: 'any' | 'direct' | undefined;
}

/** Methods throw what the methods of `CloudReader` with the same name throw. */
export interface Clouds {
  cloud(id: string, options?: DescribeOptions): Promise<CloudInfo>;
  clouds(options: ListCloudsOptions): Promise<CloudPage>;
  plan(id: string, regions: readonly Region[], options?: PlanReadOptions): Promise<ReadPlan>;
  node(id: string, version: string, key: Key, options?: NodeOptions): Promise<DecodedNode>;
  nodesBelow(
    id: string,
    version: string,
    key: Key,
    limit: number,
    options?: CloudOptions,
  ): Promise<NodeListing>;
  storedNode(
    id: string,
    version: string,
    key: Key,
    options?: StoredNodeOptions,
  ): Promise<Pick<TileRead, 'bytes'>>;
  readonly files: {
    /** See `CloudFiles.use`. */
    use<Value>(request: FileRequest, work: (file: StoredFile) => Promise<Value>): Promise<Value>;
  };
  /** All points of a region. Throws `region_empty` if there are none. */
  crop(id: string, region: Region, options?: CropOptions): Promise<PlyCrop>;
  /** The points of a region, relative to `origin`: x, y, z interleaved, metres. */
  pointsAround(
    id: string,
    region: Region,
    origin: readonly [number, number, number],
    options?: CloudOptions,
  ): Promise<CroppedPoints>;
  /** Reads ahead what a click in the region needs; null: what every click of the cloud needs. */
  warm(id: string, region: Region | null, options?: CloudOptions): Promise<void>;
}
