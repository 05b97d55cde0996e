/** What is kept of clouds besides points: open epochs, hierarchy pages, node validators. One budget, apart from that of the tiles. */
import { MemoryTier, type MemoryTierStats } from '../cache/memory-tier.ts';
import type { Epoch, EpochStore } from './epochs.ts';
import { type HierarchyPage, pageBytes } from './hierarchy-page.ts';
import { epochPrefix, type NodeValidators } from './tiles.ts';

type Entry =
  | { readonly kind: 'epoch'; readonly epoch: Epoch }
  | { readonly kind: 'page'; readonly page: HierarchyPage }
  | { readonly kind: 'etag'; readonly etag: string };

export class MetadataTier {
  readonly #tier: MemoryTier<Entry>;

  constructor(maxBytes: number) {
    this.#tier = new MemoryTier({ maxBytes, sizeOf: entryBytes });
  }

  stats(): MemoryTierStats {
    return this.#tier.stats();
  }

  epoch(id: string): Epoch | undefined {
    const entry = this.#tier.get(`cloud:${id}`);
    return entry?.kind === 'epoch' ? entry.epoch : undefined;
  }

  keepEpoch(id: string, epoch: Epoch): void {
    this.#tier.set(`cloud:${id}`, { kind: 'epoch', epoch });
  }

  /** Forgets the epoch, if it is still the one that is kept, and in any case its pages and validators. */
  dropEpoch(epoch: Epoch): void {
    if (this.epoch(epoch.id) === epoch) this.#tier.delete(`cloud:${epoch.id}`);
    this.#tier.deletePrefix(`page:${epochPrefix(epoch)}`);
    this.#tier.deletePrefix(`etag:${epochPrefix(epoch)}`);
  }

  page(epoch: Epoch, key: string): HierarchyPage | undefined {
    const entry = this.#tier.get(pageName(epoch, key));
    return entry?.kind === 'page' ? entry.page : undefined;
  }

  keepPage(epoch: Epoch, key: string, page: HierarchyPage): void {
    this.#tier.set(pageName(epoch, key), { kind: 'page', page });
  }

  readonly validators: NodeValidators = {
    get: (epoch, key) => {
      const entry = this.#tier.get(`etag:${epochPrefix(epoch)}${key}`);
      return entry?.kind === 'etag' ? entry.etag : undefined;
    },
    set: (epoch, key, etag) => this.#tier.set(`etag:${epochPrefix(epoch)}${key}`, { kind: 'etag', etag }),
  };

  /** As the epochs see it. `onDrop` hears of every epoch that ends. */
  store(onDrop: (epoch: Epoch) => void): EpochStore {
    return {
      get: (id) => this.epoch(id),
      set: (id, epoch) => this.keepEpoch(id, epoch),
      drop: (epoch) => {
        this.dropEpoch(epoch);
        onDrop(epoch);
      },
    };
  }
}

function pageName(epoch: Epoch, key: string): string {
  return `page:${epochPrefix(epoch)}${key}`;
}

function entryBytes(entry: Entry): number {
  switch (entry.kind) {
    case 'epoch':
      return entry.epoch.cloud.bytes;
    case 'page':
      return pageBytes(entry.page);
    case 'etag':
      return 2 * entry.etag.length;
  }
}
