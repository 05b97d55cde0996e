/**
 * Keeps the present version of each cloud.
 *
 * A CloudVersion is one version that this process has opened. All cached data of a cloud belong to a
 * CloudVersion, so no answer has points of two versions. When the cloud was replaced, its CloudVersion is
 * dropped together with all data that belong to it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ByteSource } from '../../cache/byte-source/index.ts';
import { isNearboxError, linked, NearboxError, Singleflight } from '../../cache/foundation/index.ts';
import type { CloudFormat, FormatCloud, FormatLimits } from '../formats/index.ts';
import { checkCloudId } from './cloud-id.ts';
import { isPresent, isSamePlacement, versionOf } from './cloud-version.ts';
import { FormatHints } from './format-hints.ts';
import { type OpenedCloud, openCloud } from './open-cloud.ts';
import { isOneFile, isPinned } from './pinned-etag.ts';
import { RefusedClouds } from './refused-clouds.ts';
import { SharedRevalidations } from './shared-revalidations.ts';

export interface CloudVersion {
  readonly id: string;
  /** The prefix of the paths of its files: `''` or `ID/`. */
  readonly base: string;
  readonly version: string;
  readonly cloud: FormatCloud;
  /** Differs each time the version is opened: node files can be replaced while the metadata stay the same. */
  readonly generation: number;
}

/** A version, and the number of bytes that were fetched to open it. */
interface OpenedVersion {
  readonly cloudVersion: CloudVersion;
  readonly bytes: number;
}

/** Where open versions are kept. */
export interface OpenVersions {
  get(id: string): CloudVersion | undefined;
  set(id: string, cloudVersion: CloudVersion): void;
  /** Drops the version and all data that belong to it. */
  drop(cloudVersion: CloudVersion): void;
}

export interface VersionStoreOptions {
  readonly source: ByteSource;
  /** The formats that the cloud of an id may have. If several exist, the first one counts. */
  readonly formatsOf: (id: string) => readonly CloudFormat[];
  readonly store: OpenVersions;
  readonly limits: FormatLimits;
  /** How long a version is used without revalidation, milliseconds. */
  readonly ttlMs: number;
  /** How long after `ttlMs` a version is still served if the storage fails, milliseconds. */
  readonly staleMs: number;
  /** Timeout of a revalidation; after it the storage counts as failing; milliseconds. */
  readonly revalidateTimeoutMs: number;
  /** Milliseconds, monotonic. */
  readonly clock: () => number;
}

/** A version that is known, and a promise that tells whether it is still the present one. */
export interface KnownVersion extends OpenedVersion {
  /** Resolves if it is still the present version; else rejects. */
  readonly present: Promise<void>;
}

/** Largest difference between the storage's clock, its dates and the clock of this process. */
const CLOCK_MARGIN_MS = 10_000;
/** Added to the settling time of a placement, so that the storage's clock has certainly advanced. */
const SETTLE_MARGIN_MS = 20;

export class VersionStore {
  readonly #options: VersionStoreOptions;
  readonly #hints = new FormatHints();
  readonly #refused: RefusedClouds;
  readonly #lookups = new Singleflight<CloudVersion>();
  readonly #revalidations = new SharedRevalidations<CloudVersion>((cloudVersion) =>
    this.#revalidateOnce(cloudVersion),
  );
  readonly #confirmed = new WeakSet<CloudVersion>();
  /** Confirmations that are running. */
  readonly #confirmations = new WeakMap<CloudVersion, Promise<void>>();
  readonly #checkedAt = new WeakMap<CloudVersion, number>();
  /** Time of the last revalidation that failed because the storage failed. */
  readonly #failedAt = new WeakMap<CloudVersion, number>();
  /** A time at which all files from which the version was opened were in their place. */
  readonly #seenAt = new WeakMap<CloudVersion, number>();
  #generations = 0;

  constructor(options: VersionStoreOptions) {
    this.#options = options;
    this.#refused = new RefusedClouds(options.source);
  }

  /**
   * Returns the present version of a cloud. It was checked at most `ttlMs` ago (while the storage fails,
   * `staleMs` more). `bytes` is what this call fetched to open it: 0 if it was open, or if another call opens
   * it. Throws `invalid_request`, `cloud_not_found` or `cloud_changed`.
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
      // Not if it was dropped meanwhile: its replacement may have been noticed before the storage failed.
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
   * The same as `current`, but a version that has to be revalidated is returned at once, while the
   * revalidation runs. The caller may work on it, but must await `present` before it returns any result.
   * `present` rejects with `cloud_changed` if the cloud was replaced, and with the errors of `current`.
   */
  async known(id: string, signal?: AbortSignal): Promise<KnownVersion> {
    const known = this.#options.store.get(id);
    if (known === undefined || this.#isFresh(known))
      return { ...(await this.current(id, signal)), present: Promise.resolve() };
    const present = this.current(id, signal).then(({ cloudVersion }) => {
      if (cloudVersion !== known) throw replaced(known);
    });
    // If the caller's work fails first, its error is reported instead of this one.
    present.catch(() => {});
    return { cloudVersion: known, bytes: 0, present };
  }

  /**
   * Checks, with requests that are sent after this call, that the version is still the present one. Then all
   * bytes that were read before the call belong to the version. If not, drops the version and throws
   * `cloud_changed`. Calls share the next revalidation. They cannot use one that is already running, because
   * its requests were sent before the call.
   */
  revalidate(cloudVersion: CloudVersion): Promise<void> {
    return this.#revalidations.next(cloudVersion);
  }

  /**
   * True if an object that has just been read certainly belongs to the version: by the storage's own clock
   * (`ObjectStat.unchangedMs`), it was in its place before the version was last seen. Then no revalidation is
   * needed.
   */
  holds(cloudVersion: CloudVersion, unchangedMs: number | undefined): boolean {
    const seenAt = this.#seenAt.get(cloudVersion);
    if (unchangedMs === undefined || seenAt === undefined) return false;
    return unchangedMs >= this.#options.clock() - seenAt + CLOCK_MARGIN_MS;
  }

  /**
   * Checks, with one revalidation after all files were read, that the files from which the version was opened
   * belong together. After that, bytes read with a pinned ETag belong to the version. `pinnedPath`: a file
   * that the caller reads with its pinned ETag now; it needs no request of its own.
   */
  async confirm(cloudVersion: CloudVersion, pinnedPath?: string): Promise<void> {
    const { cloud } = cloudVersion;
    if (this.#confirmed.has(cloudVersion) || this.#seenAt.has(cloudVersion) || isOneFile(cloud)) return;
    if (pinnedPath === undefined) await this.revalidate(cloudVersion);
    else await this.#confirming(cloudVersion, pinnedPath);
    this.#confirmed.add(cloudVersion);
  }

  /** One check for all nodes of a read. */
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
    // Every file was in its place when the first one was requested, so all of them were there at that time.
    const isWhole = wereThere(cloud, this.#options.clock() - began + CLOCK_MARGIN_MS);
    return this.#touch(cloudVersion, isWhole ? began : null);
  }

  /**
   * Opens a cloud. If its metadata file is very new, a second replacement could have the same date, and a
   * node of another version could go unnoticed. So a file that new is read again after a short wait.
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

  /** True for `ttlMs` after a failure, so that not every request waits for a storage that is down. */
  #hasJustFailed(cloudVersion: CloudVersion): boolean {
    const { clock, ttlMs } = this.#options;
    return clock() - (this.#failedAt.get(cloudVersion) ?? Number.NEGATIVE_INFINITY) < ttlMs;
  }

  #touch(cloudVersion: CloudVersion, seenAt: number | null): CloudVersion {
    this.#checkedAt.set(cloudVersion, this.#options.clock());
    // Without an ETag a revalidation compares bytes. These may have changed and changed back in between.
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

/** True if every file from which the cloud was opened was in its place for `ms` or longer. */
function wereThere({ validators }: FormatCloud, ms: number): boolean {
  return validators.every(({ unchangedMs }) => unchangedMs !== undefined && unchangedMs >= ms);
}

/** Milliseconds until a further replacement of any file would get another placement. */
function settleMs({ validators }: FormatCloud): number {
  return Math.max(0, ...validators.map(({ placement }) => placement?.settlesInMs ?? 0));
}
