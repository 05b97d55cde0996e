/** Clouds of this thread's own reader. */
import { NearboxError } from '../../cache/index.ts';
import {
  type CloudOptions,
  type CloudPage,
  type CloudReader,
  type CroppedPoints,
  type DescribeOptions,
  Key,
  type ListCloudsOptions,
  type NodeOptions,
  type PlanReadOptions,
  type Region,
} from '../../octree/index.ts';
import { plyFile } from '../../octree/ply/index.ts';
import type { Clouds, CropOptions, PlyCrop, StoredNodeOptions } from './clouds.ts';

/** Nodes that are fetched or decoded at once ahead of need: a click waits for so many of them at the most. */
const WARM_NODES_AT_ONCE = 2;
/** How far past a click the fit looks, metres. */
const FIT_REACH_METRES = 15;
export class LocalClouds implements Clouds {
  readonly files: CloudReader['files'];
  readonly #reader: CloudReader;

  constructor(reader: CloudReader) {
    this.#reader = reader;
    this.files = reader.files;
  }

  cloud(id: string, options?: DescribeOptions) {
    return this.#reader.cloud(id, options);
  }

  clouds(options: ListCloudsOptions): Promise<CloudPage> {
    return this.#reader.clouds(options);
  }

  plan(id: string, regions: readonly Region[], options?: PlanReadOptions) {
    return this.#reader.plan(id, regions, options);
  }

  node(id: string, version: string, key: Key, options?: NodeOptions) {
    return this.#reader.node(id, version, key, options);
  }

  nodesBelow(id: string, version: string, key: Key, limit: number, options?: CloudOptions) {
    return this.#reader.nodesBelow(id, version, key, limit, options);
  }

  storedNode(id: string, version: string, key: Key, options?: StoredNodeOptions) {
    return this.#reader.storedNode(id, version, key, options);
  }

  async crop(id: string, region: Region, { signal, dimensions = [] }: CropOptions = {}): Promise<PlyCrop> {
    const view = await this.#reader.read(id, [region], { signal, dimensions });
    const points = await view.pieces(region, { signal, dimensions });
    if (points.count === 0) {
      points.release();
      throw new NearboxError('region_empty', `no point of ${id} lies in the ${region.type}`);
    }
    const { isTruncated } = view;
    const file = plyFile(points, { isTruncated });
    return { bytes: file.byteLength, isTruncated, ply: file.pieces(signal) };
  }

  async pointsAround(
    id: string,
    region: Region,
    origin: readonly [number, number, number],
    { signal }: CloudOptions = {},
  ): Promise<CroppedPoints> {
    const view = await this.#reader.read(id, [region], { signal, isReleased: true });
    return view.cropInSlices(region, [...origin], { signal }).finally(() => view.release());
  }

  async warm(id: string, region: Region | null, { signal }: CloudOptions = {}): Promise<void> {
    if (region !== null) {
      const view = await this.#reader.read(id, [region, fitReach(region)], {
        signal,
        maxInFlight: WARM_NODES_AT_ONCE,
        isReleased: true,
      });
      view.release();
      return;
    }
    const { version } = await this.#reader.cloud(id, { signal });
    await this.#reader.node(id, version, Key.root, { signal });
  }
}

/** What a fit in the region looks at besides. */
function fitReach(region: Region): Region {
  switch (region.type) {
    case 'click':
      return { type: 'sphere', center: region.position, radius: FIT_REACH_METRES };
    case 'sphere':
      return { type: 'sphere', center: region.center, radius: Math.max(region.radius, FIT_REACH_METRES) };
    case 'box':
      return { type: 'sphere', center: region.center, radius: FIT_REACH_METRES };
    default:
      return region;
  }
}
