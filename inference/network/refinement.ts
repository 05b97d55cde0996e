/** A box on its way through the passes of the refining network. `training/pipeline.py` (begun, passed, finished) does the same. */
import type { Box, Vec3 } from '../boxes/index.ts';
import { REFINE_POINT } from '../crop-grid/index.ts';
import { type KeptPart, keepParts } from '../fit/index.ts';
import type { GroundPlane } from '../ground/index.ts';
import { decodeRefine } from './decode.ts';
import type { NetworkQuestion } from './features.ts';
import { REFINE_GLOBALS, refineFeatures } from './features.ts';
import { feeds, type RunNetwork } from './run-network.ts';

/** How long a box is refined; measured on held-out simulation (docs/experiments.md). */
export const PASSES = {
  /** Points that the first pass looks at, at most: it only has to come near. */
  firstPoints: 128,
  /** Points that the others look at. */
  points: 256,
  /** So many passes are always made. */
  least: 2,
  /** Then one that moved no face farther than this is the last. */
  settledMetres: 0.1,
  /** The most of them. */
  most: 3,
} as const;
/** Ground is fitted anew when the box stands farther than this from where it was fitted. */
const GROUND_REUSE_METRES = 0.75;

/** A question, and the box that its refinement starts from. */
export interface Start {
  readonly question: NetworkQuestion;
  readonly seed: Box;
  /** Parts of the seed that every pass leaves where they are. Default: none. */
  readonly keep?: readonly KeptPart[];
}

/** What a pass answered. */
export interface Refined {
  readonly question: NetworkQuestion;
  readonly box: Box;
  readonly score: number;
  /** Place in OBJECT_CLASSES. */
  readonly class: number;
  readonly ground: GroundPlane | null;
  /** Logit of "belongs to the object" for some of the crop's points: which points, and how sure. */
  readonly mask: { readonly index: Int32Array; readonly logits: Float32Array };
}

/** The answer so far, and what the next pass goes on from. */
export interface Underway extends Refined {
  /** Where the ground was fitted. */
  readonly fittedAt: Vec3;
  readonly passes: number;
  /** How far the last pass moved a face. */
  readonly movedMetres: number;
  /** What every pass leaves as it was drawn. */
  readonly kept: { readonly drawn: Box; readonly keep: readonly KeptPart[] };
}

export class Refinement {
  readonly #refine: RunNetwork;

  constructor(refine: RunNetwork) {
    this.#refine = refine;
  }

  /** The answer after the first pass; null if no point is near the box. */
  begin({ question, seed, keep = [] }: Start): Promise<Underway | null> {
    const fittedAt = question.clicks[0]?.position ?? seed.center;
    const kept = { drawn: seed, keep };
    return this.#pass({ question, box: seed, ground: question.ground, fittedAt, passes: 0, kept });
  }

  /** The answer after the passes that are left. */
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
    const { out, mask } = await this.#refine(feeds(features, REFINE_POINT, REFINE_GLOBALS));
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
