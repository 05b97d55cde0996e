import type { Box } from '../../boxes/index.ts';
import type { Shape } from '../frames/index.ts';
import type { Residual } from './residual.ts';

/** A keyframe with the evidence of its own frame. */
export interface TrackKey {
  readonly frame: number;
  /** As drawn, in its frame's coordinates. */
  readonly drawn: Box;
  /** Whether its box stays as it was drawn. */
  readonly isFixed: boolean;
  /**
   * In the world, with the track's size. A keyframe that is not fixed lies part of the way to the network's
   * answer, and the residual is what is left of it.
   */
  readonly world: Box;
  readonly residual: Residual;
  /** The object's points; null until its frame has answered, or if it failed. */
  readonly shape: Shape | null;
  /** Points in the box. */
  readonly points: number;
  /** `shownArea` of the box; 0: unknown. */
  readonly area: number;
}
