/** Options of a CloudReader. Every limit has a finite default. */
import { availableParallelism } from 'node:os';
import type { ByteSource } from '../../cache/byte-source/index.ts';
import type { DiskTier } from '../../cache/disk/index.ts';
import type { TileUpstream } from '../../cache/tiles/index.ts';
import type { NodeDecoders } from '../decode/index.ts';
import { DEFAULT_CLICK_RADIUS } from '../regions/index.ts';

export interface CloudReaderOptions {
  /** The storage of the clouds. */
  readonly source: ByteSource;
  /** The disk tier of stored nodes; the caller closes it. Default: null, no disk tier. */
  readonly disk?: DiskTier | null;
  /** Upstreams that are tried for a node before `source`; the caller closes them. Default: none. */
  readonly upstreams?: readonly TileUpstream[];
  /** Memory for decoded nodes, bytes; 0 keeps none. A point takes 12 to 28. Default: 512 MiB. */
  readonly tileMemoryBytes?: number;
  /**
   * Memory for nodes as they are stored, bytes: they take less than half of the decoded ones, and decoding
   * again is far cheaper than reading again. Default: 0, or 64 MiB with upstreams.
   */
  readonly storedMemoryBytes?: number | undefined;
  /** Memory for metadata, hierarchy pages and validators, bytes. Tiles never evict these. Default: 64 MiB. */
  readonly metadataBytes?: number;
  /** Threads that decode. Default: one per core, less one, at least 1, at most 4. */
  readonly decodeWorkers?: number;
  /**
   * Decoders that replace the reader's own threads; the reader's `ready` and `close` are passed on to them.
   * Default: null, `decodeWorkers` threads.
   */
  readonly decoders?: NodeDecoders | null;
  /** Nodes that are fetched or decoded at the same time, over all requests. Default: 96. */
  readonly maxInFlight?: number;
  /**
   * Nodes that are fetched or decoded at the same time for one read, so that a large region leaves room for
   * clicks. A click needs fewer nodes, so they are all requested at once. Default: 48.
   */
  readonly maxInFlightPerRead?: number;
  /**
   * After a click on a cloud with at most so many points, the rest of the cloud is read in the background, so
   * that the next click finds it in memory; 0: never. Default: 0.
   */
  readonly readAheadPoints?: number;
  /**
   * Called before the nodes of a read are fetched, with the approximate bytes that they and the work on them
   * need, with the signal of the read and with the id of the cloud. The read waits until it resolves, and
   * fails if it rejects. Default: null, reads are not limited.
   */
  readonly admitRead?:
    | ((bytes: number, signal: AbortSignal | undefined, cloud: string) => Promise<void>)
    | null;
  /** Most nodes of one answer. Default: 4,096. */
  readonly maxNodes?: number;
  /** Most points of those nodes, counted as whole nodes. Default: 20,000,000. */
  readonly maxPoints?: number;
  /** Most unpacked bytes of those nodes, if they are known before the read (not for LAZ). Default: 1 GiB. */
  readonly maxBytes?: number;
  /** Largest stored node, bytes; a larger one is `corrupt_tile`. Default: 64 MiB. */
  readonly maxNodeBytes?: number;
  /** Largest metadata file or hierarchy page, stored and unpacked, bytes. Default: 32 MiB. */
  readonly maxMetadataBytes?: number;
  /** How long a version of a cloud is used before it is revalidated, milliseconds. Default: 5,000. */
  readonly versionTtlMs?: number;
  /**
   * How long after that a known version is still served if the storage fails or does not answer in time,
   * milliseconds; 0: not at all. Default: 60,000.
   */
  readonly versionStaleMs?: number;
  /** Timeout of a revalidation; after it the known version is served, milliseconds. Default: 1,000. */
  readonly revalidateTimeoutMs?: number;
  /** Radius of the sphere of a click, metres. Default: 5. */
  readonly clickRadius?: number;
  /** The clock of `versionTtlMs`: milliseconds, monotonic. Default: `performance.now`. */
  readonly clock?: () => number;
}

const MIB = 1024 * 1024;

/** Defaults that the options of the server and the commands have as well. */
export const READ_DEFAULTS = {
  maxNodes: 4_096,
  maxPoints: 20_000_000,
  versionTtlMs: 5_000,
  versionStaleMs: 60_000,
  clickRadius: DEFAULT_CLICK_RADIUS,
} as const;

const DEFAULTS = {
  ...READ_DEFAULTS,
  tileMemoryBytes: 512 * MIB,
  metadataBytes: 64 * MIB,
  maxInFlight: 96,
  maxInFlightPerRead: 48,
  readAheadPoints: 0,
  maxBytes: 1024 * MIB,
  maxNodeBytes: 64 * MIB,
  maxMetadataBytes: 32 * MIB,
  revalidateTimeoutMs: 1_000,
} as const;

/** Options that may be 0: keep nothing, revalidate every time, take the point alone. */
const MAY_BE_ZERO = new Set([
  'tileMemoryBytes',
  'readAheadPoints',
  'versionTtlMs',
  'versionStaleMs',
  'clickRadius',
]);
const MAY_BE_FRACTIONAL = new Set(['versionTtlMs', 'clickRadius']);

/** What is not in `DEFAULTS` has one that depends on other options. */
export type AllReaderOptions = Required<Omit<CloudReaderOptions, 'storedMemoryBytes'>> &
  Pick<CloudReaderOptions, 'storedMemoryBytes'>;

/** The options with their defaults. Throws a TypeError that names the option in backticks. */
export function readerOptions(options: CloudReaderOptions): AllReaderOptions {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const all = {
    ...DEFAULTS,
    decodeWorkers: Math.min(4, Math.max(1, availableParallelism() - 1)),
    clock: () => performance.now(),
    decoders: null,
    admitRead: null,
    disk: null,
    upstreams: [] as readonly TileUpstream[],
    ...given,
  } as AllReaderOptions;
  if (typeof all.source?.read !== 'function') throw new TypeError('`source` must be a byte source');
  if (typeof all.clock !== 'function') throw new TypeError('`clock` must be a function');
  for (const name of ['decodeWorkers', ...Object.keys(DEFAULTS)] as (
    | keyof typeof DEFAULTS
    | 'decodeWorkers'
  )[]) {
    const value = all[name];
    const isWhole = MAY_BE_FRACTIONAL.has(name) ? Number.isFinite(value) : Number.isSafeInteger(value);
    if (!isWhole || value < (MAY_BE_ZERO.has(name) ? 0 : 1)) {
      throw new TypeError(
        `\`${name}\` must be a finite ${MAY_BE_ZERO.has(name) ? 'number, 0 or more' : 'number, 1 or more'}`,
      );
    }
  }
  return all;
}
