/** Options of a read. */
import type { Dimension } from '../points/index.ts';

export interface CloudOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface DescribeOptions extends CloudOptions {
  /** Whether a file is read where the metadata do not say if points have colours. Default: they may have. */
  readonly looksForColour?: boolean | undefined;
}

export interface NodeOptions extends CloudOptions {
  /** What is read besides position and intensity, where the cloud has it. Default: nothing. */
  readonly dimensions?: readonly Dimension[] | undefined;
}

/** A finished stage of a read, with its duration in milliseconds. */
export interface ReadStage {
  readonly stage: 'resolve' | 'fetch' | 'decode';
  readonly ms: number;
}

/** Limits of a plan or read. */
export interface PlanReadOptions extends CloudOptions {
  /** Sufficient distance between points, metres: deeper nodes are left out. Default: all nodes are read. */
  readonly spacing?: number | undefined;
  /**
   * Sufficient number of points, counted as whole nodes. A region with more is read in part
   * (`PointsView.isTruncated`): a frustum near-first, others coarse-first. Default: frustums are read up to
   * the reader's limits, other regions completely.
   */
  readonly pointBudget?: number | undefined;
}

export interface ReadOptions extends PlanReadOptions {
  /**
   * Nodes that are fetched or decoded at the same time for this read. Default, and at most: the reader's
   * `maxInFlightPerRead`.
   */
  readonly maxInFlight?: number | undefined;
  /** Dimensions to read besides position and intensity, for `PointsView.values`. Default: none. */
  readonly dimensions?: readonly Dimension[] | undefined;
  /**
   * Whether the points are returned before they are verified to be of one version, which can take one more
   * round trip. The caller can work on them, but must await `PointsView.verified` before it returns any
   * result, and must repeat the read if that rejects with `cloud_changed`. Default: false.
   */
  readonly verifiesLater?: boolean | undefined;
  /**
   * Whether the caller will call `PointsView.release`; then the memory of the points is reused. Default:
   * false, the points stay as long as the view.
   */
  readonly isReleased?: boolean | undefined;
  /** Called after each stage, in order. */
  readonly onStage?: ((stage: ReadStage) => void) | undefined;
}
