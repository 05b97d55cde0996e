/**
 * Which version of a cloud is the present one.
 *
 * An version is one version as this process has opened it. Everything that is kept of a cloud is kept under its version, so that no two versions
 * meet in one answer; when the cloud turns out to have been replaced, the version ends and what was kept under it is forgotten.
 */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { ByteSource } from '../../cache/byte-source/index.ts';
import { isNearboxError, NearboxError, Singleflight } from '../../cache/foundation/index.ts';
import type { CloudFormat, FormatCloud, FormatLimits } from '../formats/index.ts';
import { checkCloudId } from './cloud-id.ts';
import { isPresent, versionOf } from './cloud-version.ts';
import { openCloud } from './open-cloud.ts';
import { isOneFile } from './pinned-etag.ts';
import { RefusedClouds } from './refused-clouds.ts';

export interface CloudVersion {
  readonly id: string;
  /** What the paths of its files begin with: `''` or `ID/`. */
  readonly base: string;
  readonly version: string;
  readonly cloud: FormatCloud;
  /** Sets apart two versions of one version: node files may have been replaced under the same metadata. */
  readonly generation: number;
}

/** Where open versions are kept. */
export interface OpenVersions {
  get(id: string): CloudVersion | undefined;
  set(id: string, cloudVersion: CloudVersion): void;
  /** Forgets the version and all that was kept under it. */
  drop(cloudVersion: CloudVersion): void;
}

export interface VersionStoreOptions {
  readonly source: ByteSource;
  /** Those that a cloud of an id may have, the first that is there being its own. */
  readonly formatsOf: (id: string) => readonly CloudFormat[];
  readonly store: OpenVersions;
  readonly limits: FormatLimits;
  /** How long an version is taken for the present one before its validators are looked up again, milliseconds. */
  readonly ttlMs: number;
  /** How long beyond `ttlMs` it is still served while the storage fails, milliseconds. */
  readonly staleMs: number;
  /** How long such a look is waited for before the storage is taken to fail, milliseconds. */
  readonly revalidateTimeoutMs: number;
  /** Milliseconds, monotonic. */
  readonly clock: () => number;
}

interface Checks {
  /** Looks under way; they never reject. */
  readonly running: Set<Promise<void>>;
  /** The one that has not begun yet. */
  next: Promise<void> | null;
  /** When the last one began, on the clock of `performance.now()`. */
  beganAt: number;
}

/** Looks at one version begin at least so far apart while one is under way. */
const REVALIDATION_SPACING_MS = 10;
/** The storage's clocks, and the dates that they leave, are taken to agree with each other and with the time that passes here to this much. */
const CLOCK_MARGIN_MS = 10_000;
/** Looks at one version under way at once. */
const MAX_REVALIDATIONS = 8;

export class VersionStore {
  readonly #options: VersionStoreOptions;
  readonly #lookups = new Singleflight<CloudVersion>();
  readonly #checks = new Map<number, Checks>();
  readonly #confirmed = new WeakSet<CloudVersion>();
  readonly #checkedAt = new WeakMap<CloudVersion, number>();
  /** When a look last failed for want of the storage. */
  readonly #failedAt = new WeakMap<CloudVersion, number>();
  /** A time at which all that the version was opened from was in its place. */
  readonly #seenAt = new WeakMap<CloudVersion, number>();
  #generations = 0;

  readonly #refused: RefusedClouds;

  constructor(options: VersionStoreOptions) {
    this.#options = options;
    this.#refused = new RefusedClouds(options.source);
  }

  /**
   * The present version of a cloud, at most `ttlMs` old news (while the storage fails, at most `staleMs` more), and the bytes that this call fetched to open it (none if it was open,
   * or another call is opening it). Throws `invalid_request` or `cloud_not_found`.
   */
  async current(
    id: string,
    signal?: AbortSignal,
  ): Promise<{ readonly cloudVersion: CloudVersion; readonly bytes: number }> {
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
      const look = (patient: AbortSignal | undefined) => this.#lookups.run(id, lookUp, patient);
      cloudVersion = mayStay
        ? await within(this.#options.revalidateTimeoutMs, signal, look)
        : await look(signal);
    } catch (error) {
      signal?.throwIfAborted();
      const isOutage = isNearboxError(error, 'source_unavailable');
      // Only if it is still the present one: it may have been found to be gone before the storage failed.
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
   * Resolves if the version is still the present one, by a look that begins after this call: what was read before it then belongs to the version.
   * Else the version is dropped, and `cloud_changed` is thrown. Calls share the next look. That does not wait for one under way: of
   * the nodes of a read, the last to come in would wait twice.
   */
  verify(cloudVersion: CloudVersion): Promise<void> {
    const checks = this.#checks.get(cloudVersion.generation) ?? {
      running: new Set(),
      next: null,
      beganAt: 0,
    };
    this.#checks.set(cloudVersion.generation, checks);
    checks.next ??= this.#revalidateSoon(cloudVersion, checks);
    return checks.next;
  }

  /**
   * True if an object that has just been read belongs to the version because it was in its place already when the version was last seen there, by the
   * storage's own clock (`ObjectStat.unchangedMs`): whoever had read it then would have got the same. Then no look is needed.
   */
  holds(cloudVersion: CloudVersion, unchangedMs: number | undefined): boolean {
    const seenAt = this.#seenAt.get(cloudVersion);
    if (unchangedMs === undefined || seenAt === undefined) return false;
    return unchangedMs >= this.#options.clock() - seenAt + CLOCK_MARGIN_MS;
  }

  /**
   * Resolves if what the version was opened from, several files perhaps, was of one version: by one look that began after all of them were read.
   * With that, what is read under a validator of the version (pinned-etag.ts) belongs to it.
   */
  async confirm(cloudVersion: CloudVersion): Promise<void> {
    if (this.#confirmed.has(cloudVersion) || this.#seenAt.has(cloudVersion) || isOneFile(cloudVersion.cloud))
      return;
    await this.verify(cloudVersion);
    this.#confirmed.add(cloudVersion);
  }

  drop(cloudVersion: CloudVersion): void {
    this.#options.store.drop(cloudVersion);
  }

  async #lookUp(id: string, signal: AbortSignal): Promise<CloudVersion> {
    const known = this.#options.store.get(id);
    const began = this.#options.clock();
    if (known !== undefined) {
      if (this.#isFresh(known)) return known;
      if (await isPresent(known.cloud, this.#options.source, this.#options.limits, signal))
        return this.#touch(known, began);
      this.drop(known);
    }
    const opened = await this.#refused.open(id, signal, (source) =>
      openCloud({ ...this.#options, source }, id, signal),
    );
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
    // Each of the files was there when the first of them was asked for: all of them at that time, then.
    const isWhole = wereThere(cloud, this.#options.clock() - began + CLOCK_MARGIN_MS);
    return this.#touch(cloudVersion, isWhole ? began : null);
  }

  /** Once those who ask at this moment have asked, not too soon after the last look, and not beside too many others. */
  async #revalidateSoon(cloudVersion: CloudVersion, checks: Checks): Promise<void> {
    await nextTurn();
    const pauseMs = checks.beganAt + REVALIDATION_SPACING_MS - performance.now();
    if (checks.running.size > 0 && pauseMs > 0) await sleep(pauseMs);
    while (checks.running.size >= MAX_REVALIDATIONS) await Promise.race(checks.running);
    checks.next = null;
    checks.beganAt = performance.now();
    const look = this.#revalidateOnce(cloudVersion);
    const running = look.then(
      () => {},
      () => {},
    );
    checks.running.add(running);
    void running.then(() => {
      checks.running.delete(running);
      if (checks.running.size === 0 && checks.next === null) this.#checks.delete(cloudVersion.generation);
    });
    return look;
  }

  async #revalidateOnce(cloudVersion: CloudVersion): Promise<void> {
    const began = this.#options.clock();
    if (await isPresent(cloudVersion.cloud, this.#options.source, this.#options.limits)) {
      this.#touch(cloudVersion, began);
      return;
    }
    this.drop(cloudVersion);
    throw new NearboxError(
      'cloud_changed',
      `the cloud ${JSON.stringify(cloudVersion.id)} was replaced while it was read`,
    );
  }

  #isFresh(cloudVersion: CloudVersion, graceMs = 0): boolean {
    const { clock, ttlMs } = this.#options;
    return clock() - (this.#checkedAt.get(cloudVersion) ?? Number.NEGATIVE_INFINITY) < ttlMs + graceMs;
  }

  /** So that not every request waits for a storage that is down. */
  #hasJustFailed(cloudVersion: CloudVersion): boolean {
    const { clock, ttlMs } = this.#options;
    return clock() - (this.#failedAt.get(cloudVersion) ?? Number.NEGATIVE_INFINITY) < ttlMs;
  }

  #touch(cloudVersion: CloudVersion, seenAt: number | null): CloudVersion {
    this.#checkedAt.set(cloudVersion, this.#options.clock());
    // Without a validator a look compares contents, which may have been away in between.
    if (seenAt !== null && cloudVersion.cloud.validators.every(({ etag }) => etag !== null))
      this.#seenAt.set(cloudVersion, seenAt);
    return cloudVersion;
  }
}

/** True if every file that the cloud was opened from had been in its place for so long. */
function wereThere({ validators }: FormatCloud, ms: number): boolean {
  return validators.every(({ unchangedMs }) => unchangedMs !== undefined && unchangedMs >= ms);
}

/** Runs `look` under a signal that aborts with `source_unavailable` after `ms`, or as the caller's does. */
async function within<Value>(
  ms: number,
  outer: AbortSignal | undefined,
  look: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const controller = new AbortController();
  const leave = () => controller.abort(outer?.reason);
  const timer = setTimeout(() => {
    controller.abort(new NearboxError('source_unavailable', `the storage did not answer within ${ms} ms`));
  }, ms);
  outer?.addEventListener('abort', leave, { once: true });
  try {
    return await look(controller.signal);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', leave);
  }
}
