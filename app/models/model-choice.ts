/**
 * Which version of the network answers: the one that a question names, a canary for some callers, the
 * default.
 */
import { createHash } from 'node:crypto';
import type { ModelIdentity } from '../../inference/index.ts';

export interface ModelChoiceOptions {
  /** Every version there is, the default first. */
  readonly models: readonly [ModelIdentity, ...ModelIdentity[]];
  /** A version that answers a share of the callers, 0..1. Default: none. */
  readonly canary?: { readonly version: string; readonly share: number } | undefined;
}

/** Who asks for what. */
export interface ModelQuestion {
  /** The version that the question names. */
  readonly model: string | null;
  /** Name of the caller's key; null without one. */
  readonly caller: string | null;
  readonly cloud: string;
}

const HASH_VALUES = 2 ** 32;

export class ModelChoice {
  /** Every version there is, the default first. */
  readonly models: readonly ModelIdentity[];
  readonly #default: string;
  readonly #canary: ModelChoiceOptions['canary'];

  constructor({ models, canary }: ModelChoiceOptions) {
    this.models = models;
    this.#default = models[0].version;
    this.#canary = canary;
  }

  has(version: string): boolean {
    return this.models.some((model) => model.version === version);
  }

  /**
   * The version that is to answer; one that the question names is not checked. The same on every instance
   * with the same options. Callers without a name are told apart by what they ask about: so a URL has one
   * answer, as shared caches expect.
   */
  versionFor({ model, caller, cloud }: ModelQuestion): string {
    if (model !== null) return model;
    if (this.#canary === undefined) return this.#default;
    const { version, share } = this.#canary;
    const who = caller === null ? `cloud\n${cloud}` : `caller\n${caller}`;
    return placeOf(`${version}\n${who}`) < share ? version : this.#default;
  }
}

/** A number in [0, 1) that is always the same for a text. */
function placeOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE() / HASH_VALUES;
}
