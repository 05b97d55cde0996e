/** What a predictor answers, in the cloud's coordinates. */
import type { ReadCost } from '../../octree/index.ts';
import type { Box } from '../boxes/index.ts';
import type { ObjectClass } from '../classes/index.ts';
import type { Alternative } from '../fit/index.ts';

export interface Prediction {
  readonly box: Box;
  readonly class: ObjectClass;
  readonly score: number;
  /** The score before it was calibrated, where the network answered. */
  readonly rawScore?: number | undefined;
  /** How many points there are where the hint points, where the network answered. */
  readonly nearPoints?: number | undefined;
  readonly method: 'model' | 'geometric';
  readonly fallback: string | undefined;
  /** Index in `previous` of the box that gave the size; undefined where none did. */
  readonly sizeFrom?: number | undefined;
  /** There if a lasso on the screen was not read to its end; `points.region` counts what was read. */
  readonly truncated?: true;
  readonly points: { readonly region: number; readonly inside: number };
  readonly ground: number | null;
  readonly cloud: { readonly id: string; readonly version: string };
  readonly model: { readonly name: string; readonly version: string };
  readonly cost: ReadCost;
  readonly timings: {
    readonly resolveMs: number;
    readonly fetchMs: number;
    readonly decodeMs: number;
    readonly cropMs: number;
    readonly queueMs: number;
    readonly inferMs: number;
  };
  readonly alternatives: readonly Alternative[];
}
