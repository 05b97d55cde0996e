/** What callers state about a read. */
import type { Dimension } from '../points/index.ts';

export interface CloudOptions {
  readonly signal?: AbortSignal | undefined;
}

/** A stage of a read that has ended, with its duration in milliseconds. */
export interface ReadStage {
  readonly stage: 'resolve' | 'fetch' | 'decode';
  readonly ms: number;
}

/** How much of a region is wanted. */
export interface PlanReadOptions extends CloudOptions {
  /** Point distance that is enough, metres: deeper nodes are left out. Default: all of them are read. */
  readonly spacing?: number | undefined;
  /**
   * Points that are enough, counted as those of whole nodes. A region that has more is then read in part
   * (`PointsView.isTruncated`): near-first if it is a frustum, else coarse-first. Default: frustums are read
   * up to the reader's limits, of all other regions every point.
   */
  readonly pointBudget?: number | undefined;
}

export interface ReadOptions extends PlanReadOptions {
  /**
   * Nodes that are fetched or decoded at once for this read. Default, and at most: the reader's
   * `maxInFlightPerRead`.
   */
  readonly maxInFlight?: number | undefined;
  /** What is to be read besides position and intensity, for `PointsView.values`. Default: nothing. */
  readonly dimensions?: readonly Dimension[] | undefined;
  /**
   * Whether the points are returned before it is known that all of them are of one version, which may take
   * one more round trip. The caller may work on them, must wait for `PointsView.verified` before it gives
   * anything out, and repeats the read if that rejects as `cloud_changed`. Default: false.
   */
  readonly verifiesLater?: boolean | undefined;
  /**
   * Whether `PointsView.release` will be called, after which the memory of its points may be used again. Default:
   * false; the points stay for as long as the view does.
   */
  readonly isReleased?: boolean | undefined;
  /** Called after each stage, in order. */
  readonly onStage?: ((stage: ReadStage) => void) | undefined;
}
