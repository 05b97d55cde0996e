/** The metadata tier: open versions, hierarchy pages and node validators, with a separate budget. */
import { MemoryTier, type MemoryTierStats } from '../../cache/memory/index.ts';
import { type HierarchyPage, pageBytes } from '../hierarchy/index.ts';
import type { CloudVersion, OpenVersions } from '../versions/index.ts';
import type { NodeValidators } from './stored-nodes.ts';
import { versionPrefix } from './tiles.ts';

type MetadataEntry =
  | { readonly kind: 'version'; readonly cloudVersion: CloudVersion }
  | { readonly kind: 'page'; readonly page: HierarchyPage }
  | { readonly kind: 'etag'; readonly etag: string };

export class MetadataTier {
  readonly #tier: MemoryTier<MetadataEntry>;

  constructor(maxBytes: number) {
    this.#tier = new MemoryTier({ maxBytes, sizeOf: entryBytes });
  }

  stats(): MemoryTierStats {
    return this.#tier.stats();
  }

  cloudVersion(id: string): CloudVersion | undefined {
    const entry = this.#tier.get(`cloud:${id}`);
    return entry?.kind === 'version' ? entry.cloudVersion : undefined;
  }

  keepVersion(id: string, cloudVersion: CloudVersion): void {
    this.#tier.set(`cloud:${id}`, { kind: 'version', cloudVersion });
  }

  /** Forgets the version, if it is still the one that is kept, and in any case its pages and validators. */
  dropVersion(cloudVersion: CloudVersion): void {
    if (this.cloudVersion(cloudVersion.id) === cloudVersion) this.#tier.delete(`cloud:${cloudVersion.id}`);
    this.#tier.deletePrefix(`page:${versionPrefix(cloudVersion)}`);
    this.#tier.deletePrefix(`etag:${versionPrefix(cloudVersion)}`);
  }

  page(cloudVersion: CloudVersion, key: string): HierarchyPage | undefined {
    const entry = this.#tier.get(pageName(cloudVersion, key));
    return entry?.kind === 'page' ? entry.page : undefined;
  }

  keepPage(cloudVersion: CloudVersion, key: string, page: HierarchyPage): void {
    this.#tier.set(pageName(cloudVersion, key), { kind: 'page', page });
  }

  readonly validators: NodeValidators = {
    get: (cloudVersion, key) => {
      const entry = this.#tier.get(`etag:${versionPrefix(cloudVersion)}${key}`);
      return entry?.kind === 'etag' ? entry.etag : undefined;
    },
    set: (cloudVersion, key, etag) =>
      this.#tier.set(`etag:${versionPrefix(cloudVersion)}${key}`, { kind: 'etag', etag }),
  };

  /** As the versions see it. `onDrop` hears of every version that ends. */
  store(onDrop: (cloudVersion: CloudVersion) => void): OpenVersions {
    return {
      get: (id) => this.cloudVersion(id),
      set: (id, cloudVersion) => this.keepVersion(id, cloudVersion),
      drop: (cloudVersion) => {
        this.dropVersion(cloudVersion);
        onDrop(cloudVersion);
      },
    };
  }
}

function pageName(cloudVersion: CloudVersion, key: string): string {
  return `page:${versionPrefix(cloudVersion)}${key}`;
}

function entryBytes(entry: MetadataEntry): number {
  switch (entry.kind) {
    case 'version':
      return entry.cloudVersion.cloud.bytes;
    case 'page':
      return pageBytes(entry.page);
    case 'etag':
      return 2 * entry.etag.length;
  }
}
