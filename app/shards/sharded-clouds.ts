/** Clouds and predictions by shards: every question goes to the shard of its cloud. */
import { type ByteRange, isNearboxError } from '../../cache/index.ts';
import type { Prediction, Question, TrackLine, TrackQuestion } from '../../inference/index.ts';
import {
  type CloudInfo,
  type CloudOptions,
  type CloudPage,
  type CroppedPoints,
  cloudOfPath,
  type DecodedNode,
  type DescribeOptions,
  type FileRequest,
  type Key,
  type ListCloudsOptions,
  type NodeListing,
  type NodeOptions,
  type PlanReadOptions,
  type ReadPlan,
  type Region,
  type StoredFile,
} from '../../octree/index.ts';
import type { Clouds, CropOptions, PlyCrop, StoredNodeOptions } from '../clouds/index.ts';
import type { Called, EndedStorageCall, FileRange, OpenedFile, ShardCallOptions } from './calls/index.ts';

/** Calls a method of the shard of `cloud`. */
type CallShard = (
  cloud: string,
  method: string,
  args: readonly unknown[],
  options: ShardCallOptions,
) => Promise<Called>;

export interface ShardedCloudsOptions {
  readonly call: CallShard;
  /** Lists the clouds below the root; the main thread does that itself. */
  readonly list: (options: ListCloudsOptions) => Promise<CloudPage>;
  /**
   * Whether calls of the storage are to be told one by one, each in the context of the request that it
   * belongs to.
   */
  readonly isTraced: boolean;
  readonly onStorageCall: (call: EndedStorageCall) => void;
}

export class ShardedClouds implements Clouds {
  readonly files: Clouds['files'] = { use: (request, work) => this.#useFile(request, work) };
  readonly #options: ShardedCloudsOptions;

  constructor(options: ShardedCloudsOptions) {
    this.#options = options;
  }

  async predict({ signal, deadline, onStage, ...question }: Question): Promise<Prediction> {
    const { value } = await this.#call(question.cloud, 'predict', [question], { signal, deadline }, onStage);
    return value as Prediction;
  }

  /**
   * A track is made whole by the shard of its first frame: its frames are read there, whichever shard has
   * their clouds.
   */
  async *track({ signal, deadline, ...question }: TrackQuestion): AsyncGenerator<TrackLine> {
    const { cloud } = question.frames[0]!;
    const { items } = await this.#call(cloud, 'track', [question], { signal, deadline });
    yield* items as AsyncIterable<TrackLine>;
  }

  cloud(id: string, { signal, ...options }: DescribeOptions = {}): Promise<CloudInfo> {
    return this.#value(id, 'cloud', [id, options], { signal });
  }

  clouds(options: ListCloudsOptions): Promise<CloudPage> {
    return this.#options.list(options);
  }

  plan(
    id: string,
    regions: readonly Region[],
    { signal, ...options }: PlanReadOptions = {},
  ): Promise<ReadPlan> {
    return this.#value(id, 'plan', [id, regions, options], { signal });
  }

  node(
    id: string,
    version: string,
    key: Key,
    { signal, ...options }: NodeOptions = {},
  ): Promise<DecodedNode> {
    return this.#value(id, 'node', [id, version, key, options], { signal });
  }

  nodesBelow(
    id: string,
    version: string,
    key: Key,
    limit: number,
    { signal }: CloudOptions = {},
  ): Promise<NodeListing> {
    return this.#value(id, 'nodesBelow', [id, version, key, limit], { signal });
  }

  storedNode(
    id: string,
    version: string,
    key: Key,
    { signal, ...options }: StoredNodeOptions = {},
  ): Promise<{ readonly bytes: Uint8Array<ArrayBuffer> }> {
    return this.#value(id, 'storedNode', [id, version, key, options], { signal });
  }

  async crop(id: string, region: Region, { signal, ...options }: CropOptions = {}): Promise<PlyCrop> {
    const { value, items } = await this.#call(id, 'crop', [id, region, options], { signal });
    return { ...(value as Omit<PlyCrop, 'ply'>), ply: items as PlyCrop['ply'] };
  }

  pointsAround(
    id: string,
    region: Region,
    origin: readonly [number, number, number],
    { signal }: CloudOptions = {},
  ): Promise<CroppedPoints> {
    return this.#value(id, 'pointsAround', [id, region, origin], { signal });
  }

  warm(id: string, region: Region | null, { signal }: CloudOptions = {}): Promise<void> {
    return this.#value(id, 'warm', [id, region], { signal });
  }

  /**
   * As `CloudFiles.use`: if the cloud is replaced while `work` reads, once more with the file of the next
   * version.
   */
  async #useFile<Value>(request: FileRequest, work: (file: StoredFile) => Promise<Value>): Promise<Value> {
    const { signal, ...asked } = request;
    const cloud = cloudOfPath(asked.path);
    const open = async (): Promise<StoredFile> => {
      const opened: OpenedFile = await this.#value(cloud, 'openFile', [asked], { signal });
      const read = (range: ByteRange, reading?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> => {
        const stretch: FileRange = { opened, request: { path: asked.path }, range };
        return this.#value(cloud, 'readFile', [stretch], { signal: reading });
      };
      return { ...opened.head, read };
    };
    try {
      return await work(await open());
    } catch (error) {
      if (!isNearboxError(error, 'cloud_changed')) throw error;
      return await work(await open());
    }
  }

  async #value<Value>(
    cloud: string,
    method: string,
    args: readonly unknown[],
    options: ShardCallOptions,
  ): Promise<Value> {
    const { value } = await this.#call(cloud, method, args, options);
    return value as Value;
  }

  async #call(
    cloud: string,
    method: string,
    args: readonly unknown[],
    options: ShardCallOptions,
    onStage?: Question['onStage'],
  ): Promise<Called> {
    const { call, isTraced, onStorageCall } = this.#options;
    const called = await call(cloud, method, args, { ...options, isTraced });
    // Here, in the context of the request, and not where the message came in.
    for (const ended of called.own?.storage ?? []) onStorageCall(ended);
    for (const stage of called.own?.stages ?? []) onStage?.(stage);
    if (called.error !== null) throw called.error;
    return called;
  }
}
