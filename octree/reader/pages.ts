/** Hierarchy pages below the root page: from memory, or loaded once for all concurrent callers. */
import { isNearboxError, NearboxError, Singleflight } from '../../cache/foundation/index.ts';
import { Key } from '../geometry/index.ts';
import type { HierarchyPage } from '../hierarchy/index.ts';
import type { PageLink } from '../plan/index.ts';
import { type CloudVersion, isPinned, type VersionStore } from '../versions/index.ts';
import type { MetadataTier } from './metadata-tier.ts';
import { versionPrefix } from './tiles.ts';
import { Unverified, type Verifiable } from './unverified.ts';

/**
 * A loaded page. `verify` checks that it is of the version; nothing that was found by the page may be
 * returned to a client before. Nodes may be read before, because otherwise every level of pages would cost
 * one more round trip.
 */
export interface LoadedPage extends Verifiable {
  readonly page: HierarchyPage;
  /** Bytes that this call fetched: 0 from memory, and 0 if it joined a running load. */
  readonly bytes: number;
}

type PageLoad = Omit<LoadedPage, 'bytes'>;

const isKnown = () => Promise.resolve();
/**
 * How long an invalid page is not read again, milliseconds, so that not every request pays for parsing it.
 */
const REFUSED_MS = 2_000;
/** Most invalid pages that are remembered. */
const MAX_REFUSED = 1_000;

export class Pages {
  readonly #versions: VersionStore;
  readonly #metadata: MetadataTier;
  readonly #loads = new Singleflight<PageLoad>();
  readonly #unverified = new Unverified<Pick<PageLoad, 'page'>>();

  /** Invalid pages, the oldest first. */
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
    if (known !== undefined) return { page: known, bytes: 0, verify: isKnown };
    const name = `${versionPrefix(cloudVersion)}${key}`;
    const waiting = this.#unverified.get(name);
    if (waiting !== undefined) return { ...waiting, bytes: 0 };
    this.#throwIfRefused(name);
    let isMine = false;
    const load = async (shared: AbortSignal): Promise<PageLoad> => {
      isMine = true;
      const [loaded] = await Promise.allSettled([cloudVersion.cloud.loadPage(root, shared, range)]);
      if (loaded.status === 'rejected') {
        // An invalid page may be of the next version: then the error says so.
        await this.#versions.revalidate(cloudVersion);
        if (isNearboxError(loaded.reason, 'corrupt_tile')) this.#refuse(name, loaded.reason.message);
        throw loaded.reason;
      }
      return this.#received(cloudVersion, key, name, loaded.value);
    };
    const { page, verify } = await this.#loads.run(name, load, signal);
    return { page, verify, bytes: isMine ? page.storedBytes : 0 };
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

  /**
   * As with tiles: a page belongs to the version if that is still the present one after the read. Only then
   * it is kept.
   */
  #received(cloudVersion: CloudVersion, key: string, name: string, page: HierarchyPage): PageLoad {
    const keep = () => this.#metadata.keepPage(cloudVersion, key, page);
    if (this.#versions.holds(cloudVersion, page.unchangedMs)) {
      keep();
      return { page, verify: isKnown };
    }
    // Of packed formats a page is read under a pinned ETag, as the nodes are.
    const check = () =>
      isPinned(cloudVersion.cloud)
        ? this.#versions.confirm(cloudVersion)
        : this.#versions.revalidate(cloudVersion);
    return this.#unverified.add(name, { page }, { check, keep });
  }
}
