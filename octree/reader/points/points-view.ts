/** The points of a read, in memory, to be counted, cropped and copied by region. */
import { atOnce, inSlices, type Sliced } from '../../../cache/foundation/index.ts';
import type { Vec3 } from '../../geometry/index.ts';
import type { DecodedNode, Dimension } from '../../points/index.ts';
import { type PointSet, pointSet, type Region } from '../../regions/index.ts';
import type { CloudInfo } from '../../versions/index.ts';
import { copyIntensity, copyingPositions, copyPositions, copyValues } from './copy-points.ts';
import { gather } from './gather.ts';
import { PointPieces } from './point-pieces.ts';
import type { ReadCost } from './read-cost.ts';
import { type Selection, select, selecting } from './selection.ts';

/**
 * Wall time of a read's stages, milliseconds; they follow each other, so their sum is the time of the read.
 */
export interface ReadTimings {
  /** Looking up the cloud's version, its hierarchy pages, and planning. */
  readonly resolveMs: number;
  /** From then until the last stored byte had arrived. */
  readonly fetchMs: number;
  /** From then until the last node was decoded. */
  readonly decodeMs: number;
}

/** Points around an origin, small enough for float32. */
export interface CroppedPoints {
  /** x, y, z minus the origin (subtracted in float64), interleaved. */
  readonly positions: Float32Array<ArrayBuffer>;
  readonly count: number;
}

/** Points in the cloud's coordinates. */
export interface FullPoints {
  /** x, y, z in the cloud's coordinates, interleaved. */
  readonly xyz: Float64Array<ArrayBuffer>;
  /** As stored; 0 if the cloud has none. */
  readonly intensity: Float32Array<ArrayBuffer>;
  readonly count: number;
}

/** Aborts work in slices. Default: it runs to its end. */
export interface SliceSignal {
  readonly signal?: AbortSignal | undefined;
}

export interface PointsViewOptions {
  readonly cloud: CloudInfo;
  readonly nodes: readonly DecodedNode[];
  readonly isTruncated: boolean;
  readonly clickRadius: number;
  readonly cost: ReadCost;
  readonly timings: ReadTimings;
  /** Default: already verified. */
  readonly verified?: Promise<void> | undefined;
  readonly onRelease?: (() => void) | undefined;
}

/**
 * The nodes of a read. Regions in calls must lie in the regions of that read (the box around a click, for
 * example); of other regions, only the points in these nodes are found. The order of the points is arbitrary
 * but reproducible.
 */
export class PointsView {
  readonly cloud: CloudInfo;
  readonly cost: ReadCost;
  readonly timings: ReadTimings;
  /**
   * True if a region was read in part, because of a budget: distant points (frustums) or fine detail are
   * missing.
   */
  readonly isTruncated: boolean;
  /**
   * Resolves when all points are verified to be of one version; see `ReadOptions.verifiesLater`. Without that
   * option they are already verified.
   */
  readonly verified: Promise<void>;
  /** null after `release`. */
  #held: readonly DecodedNode[] | null;
  /** The points of the last crop: places inside it are looked for among them. */
  #cropped: { readonly set: PointSet; readonly nodes: readonly DecodedNode[] } | null = null;
  readonly #clickRadius: number;
  readonly #onRelease: () => void;

  constructor(options: PointsViewOptions) {
    const { cloud, nodes, isTruncated, clickRadius, cost, timings, verified, onRelease } = options;
    this.cloud = cloud;
    this.cost = cost;
    this.timings = timings;
    this.isTruncated = isTruncated;
    this.verified = verified ?? Promise.resolve();
    this.#held = nodes;
    this.#clickRadius = clickRadius;
    this.#onRelease = onRelease ?? (() => {});
  }

  /**
   * Ends the use of the points. No method may be running, and later calls throw. Only needed with
   * `ReadOptions.isReleased`.
   */
  release(): void {
    this.#held = null;
    this.#cropped = null;
    this.#onRelease();
  }

  /** Points in the region. */
  count(region: Region): number {
    return atOnce(this.#counting(region));
  }

  /** The same in slices. Rejects with the signal's reason. */
  countInSlices(region: Region, { signal }: SliceSignal = {}): Promise<number> {
    return inSlices(this.#counting(region), { signal });
  }

  crop(region: Region, origin: Vec3): CroppedPoints {
    return atOnce(this.#cropping(region, origin));
  }

  /** The same in slices. Rejects with the signal's reason. */
  cropInSlices(region: Region, origin: Vec3, { signal }: SliceSignal = {}): Promise<CroppedPoints> {
    return inSlices(this.#cropping(region, origin), { signal });
  }

  points(region: Region): FullPoints {
    const selection = this.#select(region);
    const xyz = new Float64Array(3 * selection.count);
    const intensity = new Float32Array(selection.count);
    copyPositions(selection, [0, 0, 0], xyz);
    copyIntensity(selection, intensity);
    selection.release();
    return { xyz, intensity, count: selection.count };
  }

  /**
   * Values of a requested dimension, for the points of `points(region)` in their order; for the colour red,
   * green and blue, 16 bits each. null if no node has it; 0 for points of nodes without it.
   */
  values(region: Region, dimension: Dimension): Uint16Array<ArrayBuffer> | null {
    const selection = this.#select(region);
    const values = copyValues(selection, dimension);
    selection.release();
    return values;
  }

  /**
   * The points of `points(region)`, in their order, in pieces: for writing them without holding all of them
   * twice. They are selected in slices. Rejects with the signal's reason. Must be released.
   */
  async pieces(
    region: Region,
    { signal, dimensions = [] }: SliceSignal & { readonly dimensions?: readonly Dimension[] } = {},
  ): Promise<PointPieces> {
    return new PointPieces(
      await inSlices(selecting(this.#nodes, this.#setOf(region)), { signal }),
      dimensions,
    );
  }

  *#counting(region: Region): Sliced<number> {
    const set = this.#setOf(region);
    const selection = yield* selecting(this.#nodesAround(set), set);
    selection.release();
    return selection.count;
  }

  *#cropping(region: Region, origin: Vec3): Sliced<CroppedPoints> {
    const set = this.#setOf(region);
    const selection = yield* selecting(this.#nodes, set);
    try {
      const points = gather(selection);
      const positions = new Float32Array(3 * points.count);
      yield* copyingPositions(points, origin, positions);
      if (points !== selection) this.#cropped = { set, nodes: points.nodes.map(({ node }) => node) };
      return { positions, count: points.count };
    } finally {
      selection.release();
    }
  }

  #select(region: Region): Selection {
    return select(this.#nodes, this.#setOf(region));
  }

  /** Nodes that have all points of the set; those of the last crop if it lies inside that. */
  #nodesAround({ bounds }: PointSet): readonly DecodedNode[] {
    const nodes = this.#nodes;
    return this.#cropped?.set.holds(bounds) ? this.#cropped.nodes : nodes;
  }

  #setOf(region: Region) {
    return pointSet(region, { clickRadius: this.#clickRadius });
  }

  get #nodes(): readonly DecodedNode[] {
    if (this.#held === null) throw new Error('the points of this view were released');
    return this.#held;
  }
}
