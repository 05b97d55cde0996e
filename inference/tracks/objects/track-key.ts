import type { Box } from '../../boxes/index.ts';
import type { Shape } from '../frames/index.ts';
import type { Residual } from './residual.ts';

/** A keyframe, and what its own frame says of it. */
export interface TrackKey {
  readonly frame: number;
  /** As it was drawn, in its frame's coordinates. */
  readonly drawn: Box;
  /** Whether its box stays as it was drawn. */
  readonly isFixed: boolean;
  /**
   * In the world, with the track's size. One that is not fixed lies half way to where the network puts it.
   */
  readonly world: Box;
  readonly residual: Residual;
  /** The object's points; null until its frame was asked, or if that failed. */
  readonly shape: Shape | null;
  /** Points in the box. */
  readonly points: number;
  /** `shownArea` of the box; 0: unknown. */
  readonly area: number;
}
