/** Hierarchy pages below the root's: from memory, or loaded once however many ask for them. */
import { Singleflight } from '../cache/singleflight.ts';
import type { Epoch, Epochs } from './epochs.ts';
import type { HierarchyPage } from './hierarchy-page.ts';
import { Key } from './key.ts';
import type { MetadataTier } from './metadata-tier.ts';
import type { PageLink } from './plan.ts';
import { epochPrefix } from './tiles.ts';

export interface LoadedPage {
  readonly page: HierarchyPage;
  /** Bytes that this call fetched: 0 from memory, and 0 if it joined a load that was under way. */
  readonly bytes: number;
}

export class Pages {
  readonly #epochs: Epochs;
  readonly #metadata: MetadataTier;
  readonly #loads = new Singleflight<HierarchyPage>();

  constructor(epochs: Epochs, metadata: MetadataTier) {
    this.#epochs = epochs;
    this.#metadata = metadata;
  }

  /** Throws `corrupt_tile` or `cloud_changed`. */
  async load(epoch: Epoch, { root, range }: PageLink, signal: AbortSignal | undefined): Promise<LoadedPage> {
    const key = Key.format(root);
    const known = this.#metadata.page(epoch, key);
    if (known !== undefined) return { page: known, bytes: 0 };
    let isMine = false;
    const load = async (shared: AbortSignal) => {
      isMine = true;
      const [loaded] = await Promise.allSettled([epoch.cloud.loadPage(root, shared, range)]);
      // As with tiles: what came in before the look belongs to the epoch if it still holds then.
      await this.#epochs.verify(epoch);
      if (loaded.status === 'rejected') throw loaded.reason;
      this.#metadata.keepPage(epoch, key, loaded.value);
      return loaded.value;
    };
    const page = await this.#loads.run(`${epochPrefix(epoch)}${key}`, load, signal);
    return { page, bytes: isMine ? page.storedBytes : 0 };
  }
}
