/** The answer of a read: points in memory, to be counted, cropped and copied out by region. */
import type { Vec3 } from '../geometry/index.ts';
import type { AxisArray, DecodedNode } from '../points/index.ts';
import { type Dimension, valuesPerPoint } from '../points/index.ts';
import { pointSet, type Region } from '../regions/index.ts';
import { copyAround } from '../regions/scan/index.ts';
import type { CloudInfo } from '../versions/index.ts';
import { type Selection, select } from './selection.ts';

/** Where the nodes of an answer came from. */
export interface ReadCost {
  /** Nodes with points that the answer needed. */
  readonly nodes: number;
  /** Bytes fetched from the origin for this answer: metadata, hierarchy pages, nodes. Those of a load that another request began are counted there. */
  readonly bytes: number;
  readonly memory: number;
  readonly disk: number;
  /** Nodes fetched from the origin, by this request or together with another one. */
  readonly origin: number;
}

/** Wall time of a read's stages, milliseconds; they follow each other, so their sum is the time of the read. */
export interface ReadTimings {
  /** Looking up the cloud's version, its hierarchy pages, and planning. */
  readonly resolveMs: number;
  /** From there until the last stored byte had come in. */
  readonly fetchMs: number;
  /** From there until the last node was decoded. */
  readonly decodeMs: number;
}

/** Points around an origin, small enough for float32. */
export interface CroppedPoints {
  /** x, y, z minus the origin (subtracted in float64), interleaved. */
  readonly positions: Float32Array<ArrayBuffer>;
  readonly count: number;
}

/** Points as they are. */
export interface FullPoints {
  /** x, y, z in the cloud's coordinates, interleaved. */
  readonly xyz: Float64Array<ArrayBuffer>;
  /** As stored; 0 where the cloud has none. */
  readonly intensity: Float32Array<ArrayBuffer>;
  readonly count: number;
}

export interface PointsViewOptions {
  readonly cloud: CloudInfo;
  readonly nodes: readonly DecodedNode[];
  readonly isTruncated: boolean;
  readonly clickRadius: number;
  readonly cost: ReadCost;
  readonly timings: ReadTimings;
  /** Default: they are. */
  readonly verified?: Promise<void> | undefined;
}

/**
 * The nodes that a read brought in. Regions asked of it must lie in the regions of that read (a click's own box, say):
 * of others, only the points that happen to be in those nodes are found. Points come in no particular, but in a repeatable order.
 */
export class PointsView {
  readonly cloud: CloudInfo;
  readonly cost: ReadCost;
  readonly timings: ReadTimings;
  /** True if a region was not read to its end, for a budget: what is missing is far away (frustums) or fine detail. */
  readonly isTruncated: boolean;
  /** Resolves once it is known that all points are of one version; see `ReadOptions.verifiesLater`, without which that is known already. */
  readonly verified: Promise<void>;
  readonly #nodes: readonly DecodedNode[];
  readonly #clickRadius: number;

  constructor({ cloud, nodes, isTruncated, clickRadius, cost, timings, verified }: PointsViewOptions) {
    this.cloud = cloud;
    this.cost = cost;
    this.timings = timings;
    this.isTruncated = isTruncated;
    this.verified = verified ?? Promise.resolve();
    this.#nodes = nodes;
    this.#clickRadius = clickRadius;
  }

  /** Points in the region. */
  count(region: Region): number {
    return this.#select(region).count;
  }

  crop(region: Region, origin: Vec3): CroppedPoints {
    const selection = this.#select(region);
    const positions = new Float32Array(3 * selection.count);
    copyPositions(selection, origin, positions);
    return { positions, count: selection.count };
  }

  points(region: Region): FullPoints {
    const selection = this.#select(region);
    const xyz = new Float64Array(3 * selection.count);
    const intensity = new Float32Array(selection.count);
    copyPositions(selection, [0, 0, 0], xyz);
    copyIntensity(selection, intensity);
    return { xyz, intensity, count: selection.count };
  }

  /**
   * A dimension that the read asked for, of the points of `points(region)` and in their order: of the colour red, green and blue, 16 bits each.
   * null if no node has it; 0 for points of nodes that have not.
   */
  values(region: Region, dimension: Dimension): Uint16Array<ArrayBuffer> | null {
    const { nodes, indices, count } = this.#select(region);
    if (!nodes.some(({ node }) => node.dimensions?.[dimension] !== undefined)) return null;
    const width = valuesPerPoint(dimension);
    const out = new Uint16Array(width * count);
    let at = 0;
    for (const { node, isWhole, from, length } of nodes) {
      const channel = node.dimensions?.[dimension];
      if (channel !== undefined) {
        const { raw, scale, offset } = channel;
        for (let k = 0; k < length; k++) {
          const i = isWhole ? k : indices[from + k]!;
          for (let j = 0; j < width; j++) out[at + width * k + j] = raw[width * i + j]! * scale + offset;
        }
      }
      at += width * length;
    }
    return out;
  }

  #select(region: Region): Selection {
    return select(this.#nodes, pointSet(region, { clickRadius: this.#clickRadius }));
  }
}

function copyPositions({ nodes, indices }: Selection, origin: Vec3, out: Float32Array | Float64Array): void {
  let at = 0;
  for (const { node, isWhole, from, length } of nodes) {
    const chosen = isWhole ? null : indices.subarray(from, from + length);
    if (!(out instanceof Float32Array && copyAround(node, chosen, origin, out, at))) {
      copyAxis(node.x, node.scale[0], node.offset[0], origin[0], chosen, out, at);
      copyAxis(node.y, node.scale[1], node.offset[1], origin[1], chosen, out, at + 1);
      copyAxis(node.z, node.scale[2], node.offset[2], origin[2], chosen, out, at + 2);
    }
    at += 3 * length;
  }
}

/** Writes one coordinate of the chosen points (null: of all) to every third place of `out`, from `at` on. */
function copyAxis(
  raw: AxisArray,
  scale: number,
  offset: number,
  center: number,
  chosen: Int32Array | null,
  out: Float32Array | Float64Array,
  at: number,
): void {
  if (chosen === null) {
    for (let i = 0, to = at; i < raw.length; i++, to += 3) out[to] = raw[i]! * scale + offset - center;
  } else {
    for (let k = 0, to = at; k < chosen.length; k++, to += 3)
      out[to] = raw[chosen[k]!]! * scale + offset - center;
  }
}

function copyIntensity({ nodes, indices }: Selection, out: Float32Array): void {
  let at = 0;
  for (const { node, isWhole, from, length } of nodes) {
    const channel = node.intensity;
    if (channel !== null) {
      const { raw, scale, offset } = channel;
      for (let k = 0; k < length; k++) out[at + k] = raw[isWhole ? k : indices[from + k]!]! * scale + offset;
    }
    at += length;
  }
}
