/**
 * Which version of a cloud is the present one.
 *
 * A CloudVersion is one version as this process has opened it. Everything that is kept of a cloud is kept
 * under its CloudVersion, so that points of two versions never meet in one answer. When the cloud turns out
 * to have been replaced, the CloudVersion ends and everything kept under it is forgotten.
 */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { ByteSource } from '../../cache/byte-source/index.ts';
import { isNearboxError, linked, NearboxError, Singleflight } from '../../cache/foundation/index.ts';
import type { CloudFormat, FormatCloud, FormatLimits } from '../formats/index.ts';
import { checkCloudId } from './cloud-id.ts';
import { isPresent, isSamePlacement, versionOf } from './cloud-version.ts';
import { FormatHints } from './format-hints.ts';
import { type OpenedCloud, openCloud } from './open-cloud.ts';
import { isOneFile, isPinned } from './pinned-etag.ts';
import { RefusedClouds } from './refused-clouds.ts';

export interface CloudVersion {
  readonly id: string;
  /** What the paths of its files begin with: `''` or `ID/`. */
  readonly base: string;
  readonly version: string;
  readonly cloud: FormatCloud;
  /** Tells two openings of one version apart: node files may have been replaced under the same metadata. */
  readonly generation: number;
}

/** A version, and the bytes that were fetched to open it. */
interface OpenedVersion {
  readonly cloudVersion: CloudVersion;
  readonly bytes: number;
}

/** Where open versions are kept. */
export interface OpenVersions {
  get(id: string): CloudVersion | undefined;
  set(id: string, cloudVersion: CloudVersion): void;
  /** Forgets the version and everything kept under it. */
  drop(cloudVersion: CloudVersion): void;
}

export interface VersionStoreOptions {
  readonly source: ByteSource;
  /** The formats that a cloud of an id may have; of several that are there the first counts. */
  readonly formatsOf: (id: string) => readonly CloudFormat[];
  readonly store: OpenVersions;
  readonly limits: FormatLimits;
  /** How long a version is believed before it is revalidated, milliseconds. */
  readonly ttlMs: number;
  /** How long beyond `ttlMs` a version is still served while the storage fails, milliseconds. */
  readonly staleMs: number;
  /** How long a revalidation may take before the storage counts as failing, milliseconds. */
  readonly revalidateTimeoutMs: number;
  /** Milliseconds, monotonic. */
  readonly clock: () => number;
}

/** A version that may have been looked up a while ago. */
export interface KnownVersion extends OpenedVersion {
  /** Resolves if it is the present one. */
  readonly present: Promise<void>;
}

interface Revalidations {
  /** Those under way; they never reject. */
  readonly running: Set<Promise<void>>;
  /** The one that has not begun yet. */
  next: Promise<void> | null;
  /** When the last one began, on the clock of `performance.now()`. */
  beganAt: number;
}

/** Revalidations of one version begin at least so far apart while one is under way. */
const REVALIDATION_SPACING_MS = 10;
/** How far the clocks of the storage, its dates and the clock of this process may disagree. */
const CLOCK_MARGIN_MS = 10_000;
/** Revalidations of one version under way at once. */
const MAX_REVALIDATIONS = 8;
/** Added to the time in which a placement settles, so that the storage's clock has certainly moved on. */
const SETTLE_MARGIN_MS = 20;

export class VersionStore {
  readonly #options: VersionStoreOptions;
  readonly #hints = new FormatHints();
  readonly #refused: RefusedClouds;
  readonly #lookups = new Singleflight<CloudVersion>();
  readonly #revalidations = new Map<number, Revalidations>();
  readonly #confirmed = new WeakSet<CloudVersion>();
  /** Confirmations under way. */
  readonly #confirmations = new WeakMap<CloudVersion, Promise<void>>();
  readonly #checkedAt = new WeakMap<CloudVersion, number>();
  /** When a revalidation last failed because the storage failed. */
  readonly #failedAt = new WeakMap<CloudVersion, number>();
  /** A time at which everything that the version was opened from was in its place. */
  readonly #seenAt = new WeakMap<CloudVersion, number>();
  #generations = 0;

  constructor(options: VersionStoreOptions) {
    this.#options = options;
    this.#refused = new RefusedClouds(options.source);
  }

  /**
   * The present version of a cloud, known for at most `ttlMs` (and `staleMs` more while the storage fails),
   * and the bytes that this call fetched to open it: 0 if it was open or another call is opening it. Throws
   * `invalid_request`, `cloud_not_found` or `cloud_changed`.
   */
  async current(id: string, signal?: AbortSignal): Promise<OpenedVersion> {
    checkCloudId(id);
    signal?.throwIfAborted();
    const known = this.#options.store.get(id);
    if (known !== undefined && this.#isFresh(known)) return { cloudVersion: known, bytes: 0 };
    let isMine = false;
    const lookUp = (shared: AbortSignal) => {
      isMine = true;
      return this.#lookUp(id, shared);
    };
    const mayStay = known !== undefined && this.#isFresh(known, this.#options.staleMs);
    if (mayStay && this.#hasJustFailed(known)) return { cloudVersion: known, bytes: 0 };
    let cloudVersion: CloudVersion;
    try {
      const run = (within: AbortSignal | undefined) => this.#lookups.run(id, lookUp, within);
      cloudVersion = mayStay ? await this.#inTime(signal, run) : await run(signal);
    } catch (error) {
      signal?.throwIfAborted();
      const isOutage = isNearboxError(error, 'source_unavailable');
      // Only if it is still the present one: it may have been found replaced before the storage failed.
      if (!mayStay || !isOutage || this.#options.store.get(id) !== known) throw error;
      this.#failedAt.set(known, this.#options.clock());
      return { cloudVersion: known, bytes: 0 };
    }
    const isOpenedHere = isMine && cloudVersion !== known;
    const bytes = isOpenedHere
      ? cloudVersion.cloud.identity.reduce((sum, part) => sum + part.byteLength, 0)
      : 0;
    return { cloudVersion, bytes };
  }

  /**
   * As `current`, but a version that would have to be looked at first is returned at once, with that look under
   * way: whoever works on it must wait for `present` before he gives anything out. It rejects as `cloud_changed`
   * if the version is not the present one any more, and as `current` does.
   */
  async known(id: string, signal?: AbortSignal): Promise<KnownVersion> {
    const known = this.#options.store.get(id);
    if (known === undefined || this.#isFresh(known))
      return { ...(await this.current(id, signal)), present: Promise.resolve() };
    const present = this.current(id, signal).then(({ cloudVersion }) => {
      if (cloudVersion !== known) throw replaced(known);
    });
    // If the work fails meanwhile, its error counts.
    present.catch(() => {});
    return { cloudVersion: known, bytes: 0, present };
  }

  /**
   * Resolves if the version is still the present one, by requests that are sent after this call: what was
   * read before it then belongs to the version. Else the version is dropped and `cloud_changed` is thrown.
   * Calls share the next revalidation. They do not wait for one that is under way, which would make them wait
   * twice.
   */
  revalidate(cloudVersion: CloudVersion): Promise<void> {
    const { generation } = cloudVersion;
    const own = this.#revalidations.get(generation) ?? { running: new Set(), next: null, beganAt: 0 };
    this.#revalidations.set(generation, own);
    own.next ??= this.#revalidateSoon(cloudVersion, own);
    return own.next;
  }

  /**
   * True if an object that has just been read belongs to the version because, by the storage's own clock
   * (`ObjectStat.unchangedMs`), it was in its place already when the version was last seen there. Then no
   * revalidation is needed.
   */
  holds(cloudVersion: CloudVersion, unchangedMs: number | undefined): boolean {
    const seenAt = this.#seenAt.get(cloudVersion);
    if (unchangedMs === undefined || seenAt === undefined) return false;
    return unchangedMs >= this.#options.clock() - seenAt + CLOCK_MARGIN_MS;
  }

  /**
   * Resolves if the files that the version was opened from were of one version, by one revalidation after all
   * of them were read. Then what is read under a pinned ETag belongs to the version. `pinnedPath`: a file of
   * the version that is now read under its pinned ETag, which tells as much about it as a request of its own
   * would.
   */
  async confirm(cloudVersion: CloudVersion, pinnedPath?: string): Promise<void> {
    const { cloud } = cloudVersion;
    if (this.#confirmed.has(cloudVersion) || this.#seenAt.has(cloudVersion) || isOneFile(cloud)) return;
    if (pinnedPath === undefined) await this.revalidate(cloudVersion);
    else await this.#confirming(cloudVersion, pinnedPath);
    this.#confirmed.add(cloudVersion);
  }

  /** Once for all nodes of a read. */
  #confirming(cloudVersion: CloudVersion, pinnedPath: string): Promise<void> {
    const waiting = this.#confirmations.get(cloudVersion);
    if (waiting !== undefined) return waiting;
    const confirming = this.#revalidateOnce(cloudVersion, pinnedPath).finally(() =>
      this.#confirmations.delete(cloudVersion),
    );
    this.#confirmations.set(cloudVersion, confirming);
    return confirming;
  }

  drop(cloudVersion: CloudVersion): void {
    this.#options.store.drop(cloudVersion);
  }

  async #lookUp(id: string, signal: AbortSignal): Promise<CloudVersion> {
    const known = this.#options.store.get(id);
    const began = this.#options.clock();
    if (known !== undefined) {
      if (this.#isFresh(known)) return known;
      if (await isPresent(known.cloud, this.#options, signal)) return this.#touch(known, began);
      this.drop(known);
    }
    const opened = await this.#open(id, signal);
    if (opened === null) throw new NearboxError('cloud_not_found', `there is no cloud ${JSON.stringify(id)}`);
    const { cloud, base } = opened;
    const cloudVersion: CloudVersion = {
      id,
      base,
      version: versionOf(cloud),
      cloud,
      generation: ++this.#generations,
    };
    this.#options.store.set(id, cloudVersion);
    // Each file was in its place when the first of them was asked for, so all of them were at that time.
    const isWhole = wereThere(cloud, this.#options.clock() - began + CLOCK_MARGIN_MS);
    return this.#touch(cloudVersion, isWhole ? began : null);
  }

  /**
   * Opens a cloud. Its metadata may have been put in its place so recently that a second replacement would
   * show the same date: then a node of another version could go unnoticed. Such metadata is read again once
   * that time is over.
   */
  async #open(id: string, signal: AbortSignal): Promise<OpenedCloud | null> {
    const open = () =>
      this.#refused.open(id, signal, (source) =>
        openCloud({ ...this.#options, source, hints: this.#hints }, id, signal),
      );
    const opened = await open();
    const settlesInMs = opened === null || isPinned(opened.cloud) ? 0 : settleMs(opened.cloud);
    if (opened === null || settlesInMs === 0) return opened;
    await sleep(settlesInMs + SETTLE_MARGIN_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
    const again = await open();
    if (again === null || settleMs(again.cloud) === 0 || isSamePlacement(opened.cloud, again.cloud))
      return again;
    throw new NearboxError('cloud_changed', `the cloud ${JSON.stringify(id)} is being replaced`);
  }

  /**
   * Waits until the callers of this turn have called, and while the last one is too recent or too many are
   * under way.
   */
  async #revalidateSoon(cloudVersion: CloudVersion, own: Revalidations): Promise<void> {
    await nextTurn();
    const pauseMs = own.beganAt + REVALIDATION_SPACING_MS - performance.now();
    if (own.running.size > 0 && pauseMs > 0) await sleep(pauseMs);
    while (own.running.size >= MAX_REVALIDATIONS) await Promise.race(own.running);
    own.next = null;
    own.beganAt = performance.now();
    const revalidation = this.#revalidateOnce(cloudVersion);
    const running = revalidation.then(
      () => {},
      () => {},
    );
    own.running.add(running);
    void running.then(() => {
      own.running.delete(running);
      if (own.running.size === 0 && own.next === null) this.#revalidations.delete(cloudVersion.generation);
    });
    return revalidation;
  }

  async #revalidateOnce(cloudVersion: CloudVersion, pinnedPath?: string): Promise<void> {
    const began = this.#options.clock();
    if (await isPresent(cloudVersion.cloud, this.#options, undefined, pinnedPath)) {
      if (pinnedPath === undefined) this.#touch(cloudVersion, began);
      return;
    }
    this.drop(cloudVersion);
    throw replaced(cloudVersion);
  }

  #isFresh(cloudVersion: CloudVersion, graceMs = 0): boolean {
    const { clock, ttlMs } = this.#options;
    return clock() - (this.#checkedAt.get(cloudVersion) ?? Number.NEGATIVE_INFINITY) < ttlMs + graceMs;
  }

  /** True for a while after a failure, so that not every request waits for a storage that is down. */
  #hasJustFailed(cloudVersion: CloudVersion): boolean {
    const { clock, ttlMs } = this.#options;
    return clock() - (this.#failedAt.get(cloudVersion) ?? Number.NEGATIVE_INFINITY) < ttlMs;
  }

  #touch(cloudVersion: CloudVersion, seenAt: number | null): CloudVersion {
    this.#checkedAt.set(cloudVersion, this.#options.clock());
    // Without an ETag a revalidation compares bytes, which may have been others in between.
    if (seenAt !== null && cloudVersion.cloud.validators.every(({ etag }) => etag !== null))
      this.#seenAt.set(cloudVersion, seenAt);
    return cloudVersion;
  }

  /** Runs `work` under a signal that aborts with `source_unavailable` after `revalidateTimeoutMs`. */
  #inTime<Value>(
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<Value>,
  ): Promise<Value> {
    const { revalidateTimeoutMs: ms } = this.#options;
    return linked(signal, work, {
      afterMs: ms,
      reason: () => new NearboxError('source_unavailable', `the storage did not answer within ${ms} ms`),
    });
  }
}

function replaced({ id }: CloudVersion): NearboxError {
  return new NearboxError('cloud_changed', `the cloud ${JSON.stringify(id)} was replaced while it was read`);
}

/** True if every file that the cloud was opened from had been in its place for `ms`. */
function wereThere({ validators }: FormatCloud, ms: number): boolean {
  return validators.every(({ unchangedMs }) => unchangedMs !== undefined && unchangedMs >= ms);
}

/** How long it takes until a further replacement of any file would show in its placement, milliseconds. */
function settleMs({ validators }: FormatCloud): number {
  return Math.max(0, ...validators.map(({ placement }) => placement?.settlesInMs ?? 0));
}
