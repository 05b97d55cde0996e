/** The answer of a read: points in memory, to be counted, cropped and copied out by region. */
import { atOnce, inSlices, type Sliced } from '../../../cache/foundation/index.ts';
import type { Vec3 } from '../../geometry/index.ts';
import type { DecodedNode, Dimension } from '../../points/index.ts';
import { pointSet, type Region } from '../../regions/index.ts';
import type { CloudInfo } from '../../versions/index.ts';
import { copyIntensity, copyingPositions, copyPositions, copyValues } from './copy-points.ts';
import { PointPieces } from './point-pieces.ts';
import { type Selection, select, selecting } from './selection.ts';

/** Where the nodes of an answer came from. */
export interface ReadCost {
  /** Nodes with points that the answer needed. */
  readonly nodes: number;
  /**
   * Bytes fetched from the origin for this answer: metadata, hierarchy pages, nodes. Those of a load that
   * another request began are counted there.
   */
  readonly bytes: number;
  readonly memory: number;
  readonly disk: number;
  /** Nodes fetched from the origin, by this request or together with another one. */
  readonly origin: number;
}

/**
 * Wall time of a read's stages, milliseconds; they follow each other, so their sum is the time of the read.
 */
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

/** How long work in slices goes on: until the signal aborts. Default: to its end. */
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
  /** Default: they are. */
  readonly verified?: Promise<void> | undefined;
  readonly onRelease?: (() => void) | undefined;
}

/**
 * The nodes that a read brought in. Regions asked of it must lie in the regions of that read (a click's own
 * box, say): of others, only the points that happen to be in those nodes are found. Points come in no
 * particular, but in a repeatable order.
 */
export class PointsView {
  readonly cloud: CloudInfo;
  readonly cost: ReadCost;
  readonly timings: ReadTimings;
  /**
   * True if a region was not read to its end, for a budget: what is missing is far away (frustums) or fine
   * detail.
   */
  readonly isTruncated: boolean;
  /**
   * Resolves once it is known that all points are of one version; see `ReadOptions.verifiesLater`, without
   * which that is known already.
   */
  readonly verified: Promise<void>;
  /** null once they are released. */
  #held: readonly DecodedNode[] | null;
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
   * Says that the points are not needed any more. No method may be running, and later ones throw. Without
   * `ReadOptions.isReleased` it need not be called.
   */
  release(): void {
    this.#held = null;
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
   * A dimension that the read asked for, of the points of `points(region)` and in their order: of the colour
   * red, green and blue, 16 bits each. null if no node has it; 0 for points of nodes that have not.
   */
  values(region: Region, dimension: Dimension): Uint16Array<ArrayBuffer> | null {
    const selection = this.#select(region);
    const values = copyValues(selection, dimension);
    selection.release();
    return values;
  }

  /**
   * The points of `points(region)`, in their order, piece by piece: for writing them out without holding all
   * of them twice. They are selected in slices. Rejects with the signal's reason. To be released.
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
    const selection = yield* selecting(this.#nodes, this.#setOf(region));
    selection.release();
    return selection.count;
  }

  *#cropping(region: Region, origin: Vec3): Sliced<CroppedPoints> {
    const selection = yield* selecting(this.#nodes, this.#setOf(region));
    try {
      const positions = new Float32Array(3 * selection.count);
      yield* copyingPositions(selection, origin, positions);
      return { positions, count: selection.count };
    } finally {
      selection.release();
    }
  }

  #select(region: Region): Selection {
    return select(this.#nodes, this.#setOf(region));
  }

  #setOf(region: Region) {
    return pointSet(region, { clickRadius: this.#clickRadius });
  }

  get #nodes(): readonly DecodedNode[] {
    if (this.#held === null) throw new Error('the points of this view were released');
    return this.#held;
  }
}
