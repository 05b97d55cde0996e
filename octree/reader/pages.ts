/** Hierarchy pages below the root's: from memory, or loaded once however many ask for them. */
import { isNearboxError, NearboxError, Singleflight } from '../../cache/foundation/index.ts';
import { Key } from '../geometry/index.ts';
import type { HierarchyPage } from '../hierarchy/index.ts';
import type { PageLink } from '../plan/index.ts';
import type { CloudVersion, VersionStore } from '../versions/index.ts';
import type { MetadataTier } from './metadata-tier.ts';
import { versionPrefix } from './tiles.ts';

export interface LoadedPage {
  readonly page: HierarchyPage;
  /** Bytes that this call fetched: 0 from memory, and 0 if it joined a load that was under way. */
  readonly bytes: number;
  /**
   * Resolves once it is known that the page is of the version; rejects as `cloud_changed`. To be waited for before anything that was found by the page
   * is given out, but not before it is looked for: that would cost a round trip for every level of pages.
   */
  readonly verified: Promise<void>;
}

type Load = Pick<LoadedPage, 'page' | 'verified'>;

const VERIFIED = Promise.resolve();
/** So long a page that is not valid is not read again: every request would pay for parsing it. */
const REFUSED_MS = 2_000;
/** Such pages that are remembered. */
const MAX_REFUSED = 1_000;

export class Pages {
  readonly #versions: VersionStore;
  readonly #metadata: MetadataTier;
  /** Loads under way, and loaded pages that are not verified yet. */
  readonly #loads = new Singleflight<Load>();
  readonly #unverified = new Map<string, Load>();

  /** Pages that are not valid, the oldest first. */
  readonly #refused = new Map<string, { readonly message: string; readonly until: number }>();

  constructor(versions: VersionStore, metadata: MetadataTier) {
    this.#versions = versions;
    this.#metadata = metadata;
  }

  /** Throws `corrupt_tile` or `cloud_changed`. */
  async load(
    cloudVersion: CloudVersion,
    { root, range }: PageLink,
    signal: AbortSignal | undefined,
  ): Promise<LoadedPage> {
    const key = Key.format(root);
    const known = this.#metadata.page(cloudVersion, key);
    if (known !== undefined) return { page: known, bytes: 0, verified: VERIFIED };
    const name = `${versionPrefix(cloudVersion)}${key}`;
    const waiting = this.#unverified.get(name);
    if (waiting !== undefined) return { ...waiting, bytes: 0 };
    this.#throwIfRefused(name);
    let isMine = false;
    const load = async (shared: AbortSignal): Promise<Load> => {
      isMine = true;
      const [loaded] = await Promise.allSettled([cloudVersion.cloud.loadPage(root, shared, range)]);
      if (loaded.status === 'rejected') {
        await this.#versions.verify(cloudVersion);
        if (isNearboxError(loaded.reason, 'corrupt_tile')) this.#refuse(name, loaded.reason.message);
        throw loaded.reason;
      }
      return this.#verify(cloudVersion, key, name, loaded.value);
    };
    const { page, verified } = await this.#loads.run(name, load, signal);
    return { page, verified, bytes: isMine ? page.storedBytes : 0 };
  }

  #throwIfRefused(name: string): void {
    const refused = this.#refused.get(name);
    if (refused === undefined) return;
    if (performance.now() < refused.until) throw new NearboxError('corrupt_tile', refused.message);
    this.#refused.delete(name);
  }

  #refuse(name: string, message: string): void {
    this.#refused.set(name, { message, until: performance.now() + REFUSED_MS });
    const [oldest] = this.#refused.keys();
    if (this.#refused.size > MAX_REFUSED && oldest !== undefined) this.#refused.delete(oldest);
  }

  /** As with tiles: what came in before the look belongs to the version if it still holds then. Only then is the page kept. */
  #verify(cloudVersion: CloudVersion, key: string, name: string, page: HierarchyPage): Load {
    if (this.#versions.holds(cloudVersion, page.unchangedMs)) {
      this.#metadata.keepPage(cloudVersion, key, page);
      return { page, verified: VERIFIED };
    }
    const verified = this.#versions
      .verify(cloudVersion)
      .then(() => this.#metadata.keepPage(cloudVersion, key, page));
    const load = { page, verified };
    this.#unverified.set(name, load);
    const forget = () => this.#unverified.delete(name);
    verified.then(forget, forget);
    return load;
  }
}
