/**
 * Runs a box through the passes of the refining network. `training/pipeline.py` (begun, passed, finished)
 * does the same.
 */
import type { Box, Vec3 } from '../boxes/index.ts';
import { REFINE_POINT } from '../crop-grid/index.ts';
import { type KeptPart, keepParts } from '../fit/index.ts';
import type { GroundPlane } from '../ground/index.ts';
import { decodeRefine } from './decode.ts';
import type { NetworkQuestion } from './features.ts';
import { REFINE_GLOBALS, refineFeatures } from './features.ts';
import { feeds, type RunNetwork } from './run-network.ts';

/** Number and size of the passes; chosen on held-out simulation (docs/experiments.md). */
export const PASSES = {
  /** Most points of the first pass, which need not be exact. */
  firstPoints: 128,
  /** Most points of later passes. */
  points: 256,
  /** Passes that every box gets. */
  least: 2,
  /** After those, a pass that moves no face farther than this is the last, metres. */
  settledMetres: 0.1,
  /** Most passes. */
  most: 3,
} as const;
/**
 * The ground is fitted again if the box moves farther than this from the place of the last ground fit,
 * metres.
 */
const GROUND_REUSE_METRES = 0.75;

/** A question and the box that refinement starts from. */
export interface Start {
  readonly question: NetworkQuestion;
  readonly seed: Box;
  /** Parts of the seed that no pass moves. Default: none. */
  readonly keep?: readonly KeptPart[];
}

/** Result of a pass. */
export interface Refined {
  readonly question: NetworkQuestion;
  readonly box: Box;
  readonly score: number;
  /** Index in OBJECT_CLASSES. */
  readonly class: number;
  readonly ground: GroundPlane | null;
  /** Points of the crop (`index`) and the logit that each belongs to the object. */
  readonly mask: { readonly index: Int32Array; readonly logits: Float32Array };
}

/** The box after some passes, with what the next pass needs. */
export interface Underway extends Refined {
  /** Place of the last ground fit. */
  readonly fittedAt: Vec3;
  readonly passes: number;
  /** Largest move of a face in the last pass, metres. */
  readonly movedMetres: number;
  /** The drawn box and its parts that no pass moves. */
  readonly kept: { readonly drawn: Box; readonly keep: readonly KeptPart[] };
}

export class Refinement {
  readonly #refine: RunNetwork;

  constructor(refine: RunNetwork) {
    this.#refine = refine;
  }

  /** Runs the first pass; null if no point is near the box. */
  begin({ question, seed, keep = [] }: Start): Promise<Underway | null> {
    const fittedAt = question.clicks[0]?.position ?? seed.center;
    const kept = { drawn: seed, keep };
    return this.#pass({ question, box: seed, ground: question.ground, fittedAt, passes: 0, kept });
  }

  /** Runs the remaining passes. */
  async finish(underway: Underway): Promise<Refined> {
    let at = underway;
    while (at.passes < PASSES.most) {
      if (at.passes >= PASSES.least && at.movedMetres < PASSES.settledMetres) break;
      const next = await this.#pass(at);
      if (next === null) break;
      at = next;
    }
    return at;
  }

  async #pass({
    question,
    box,
    ground,
    fittedAt,
    passes,
    kept,
  }: Pick<
    Underway,
    'question' | 'box' | 'ground' | 'fittedAt' | 'passes' | 'kept'
  >): Promise<Underway | null> {
    const { grid, size } = question;
    const [x, y] = box.center;
    const isFar = Math.hypot(x - fittedAt[0], y - fittedAt[1]) > GROUND_REUSE_METRES;
    const floor = isFar ? (grid.estimateGround([x, y]) ?? ground) : ground;
    const points = passes === 0 ? PASSES.firstPoints : PASSES.points;
    const features = refineFeatures({ ...question, ground: floor }, box, points);
    if (features.used === 0) return null;
    const index = features.index.slice();
    const { out, mask } = await this.#refine(
      feeds(features, REFINE_POINT, REFINE_GLOBALS, question.convention),
    );
    const decoded = decodeRefine(out.data, box, size);
    return {
      ...decoded,
      box: keepParts(decoded.box, kept.drawn, kept.keep),
      kept,
      question,
      ground: floor,
      mask: { index, logits: mask.data.slice(0, features.used) },
      fittedAt: isFar ? box.center : fittedAt,
      passes: passes + 1,
    };
  }
}
