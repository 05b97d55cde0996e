/**
 * Which version of a cloud is the present one.
 *
 * An epoch is one version as this process has opened it. Everything that is kept of a cloud is kept under its epoch, so that no two versions
 * meet in one answer; when the cloud turns out to have been replaced, the epoch ends and what was kept under it is forgotten.
 */
import type { ByteSource } from '../cache/byte-source.ts';
import { isNearboxError, NearboxError } from '../cache/errors.ts';
import { Singleflight } from '../cache/singleflight.ts';
import { checkCloudId } from './cloud-id.ts';
import { isPresent, versionOf } from './cloud-version.ts';
import type { CloudFormat, FormatCloud, FormatLimits } from './format.ts';
import { openCloud } from './open-cloud.ts';

export interface Epoch {
  readonly id: string;
  /** What the paths of its files begin with: `''` or `ID/`. */
  readonly base: string;
  readonly version: string;
  readonly cloud: FormatCloud;
  /** Sets apart two epochs of one version: node files may have been replaced under the same metadata. */
  readonly generation: number;
}

/** Where open epochs are kept. */
export interface EpochStore {
  get(id: string): Epoch | undefined;
  set(id: string, epoch: Epoch): void;
  /** Forgets the epoch and all that was kept under it. */
  drop(epoch: Epoch): void;
}

export interface EpochsOptions {
  readonly source: ByteSource;
  /** Those that a cloud of an id may have, the first that is there being its own. */
  readonly formatsOf: (id: string) => readonly CloudFormat[];
  readonly store: EpochStore;
  readonly limits: FormatLimits;
  /** How long an epoch is taken for the present one before its validators are looked up again, milliseconds. */
  readonly ttlMs: number;
  /** How long beyond `ttlMs` it is still served while the storage fails, milliseconds. */
  readonly staleMs: number;
  /** How long such a look is waited for before the storage is taken to fail, milliseconds. */
  readonly patienceMs: number;
  /** Milliseconds, monotonic. */
  readonly clock: () => number;
}

interface Check {
  running: Promise<void> | null;
  next: Promise<void> | null;
}

export class Epochs {
  readonly #options: EpochsOptions;
  readonly #lookups = new Singleflight<Epoch>();
  readonly #checks = new Map<number, Check>();
  readonly #checkedAt = new WeakMap<Epoch, number>();
  /** When a look last failed for want of the storage. */
  readonly #failedAt = new WeakMap<Epoch, number>();
  #generations = 0;

  constructor(options: EpochsOptions) {
    this.#options = options;
  }

  /**
   * The present epoch of a cloud, at most `ttlMs` old news (while the storage fails, at most `staleMs` more), and the bytes that this call fetched to open it (none if it was open,
   * or another call is opening it). Throws `invalid_request` or `cloud_not_found`.
   */
  async current(
    id: string,
    signal?: AbortSignal,
  ): Promise<{ readonly epoch: Epoch; readonly bytes: number }> {
    checkCloudId(id);
    signal?.throwIfAborted();
    const known = this.#options.store.get(id);
    if (known !== undefined && this.#isFresh(known)) return { epoch: known, bytes: 0 };
    let isMine = false;
    const lookUp = (shared: AbortSignal) => {
      isMine = true;
      return this.#lookUp(id, shared);
    };
    const mayStay = known !== undefined && this.#isFresh(known, this.#options.staleMs);
    if (mayStay && this.#hasJustFailed(known)) return { epoch: known, bytes: 0 };
    let epoch: Epoch;
    try {
      const look = (patient: AbortSignal | undefined) => this.#lookups.run(id, lookUp, patient);
      epoch = mayStay ? await within(this.#options.patienceMs, signal, look) : await look(signal);
    } catch (error) {
      signal?.throwIfAborted();
      const isOutage = isNearboxError(error, 'source_unavailable');
      // Only if it is still the present one: it may have been found to be gone before the storage failed.
      if (!mayStay || !isOutage || this.#options.store.get(id) !== known) throw error;
      this.#failedAt.set(known, this.#options.clock());
      return { epoch: known, bytes: 0 };
    }
    const isOpenedHere = isMine && epoch !== known;
    const bytes = isOpenedHere ? epoch.cloud.identity.reduce((sum, part) => sum + part.byteLength, 0) : 0;
    return { epoch, bytes };
  }

  /**
   * Resolves if the epoch is still the present one, by a look that begins after this call: what was read before it then belongs to the epoch.
   * Else the epoch is dropped, and `cloud_changed` is thrown. Calls that come while a look is under way share the next one.
   */
  verify(epoch: Epoch): Promise<void> {
    const check = this.#checks.get(epoch.generation) ?? { running: null, next: null };
    this.#checks.set(epoch.generation, check);
    if (check.next !== null) return check.next;
    if (check.running === null) return this.#look(epoch, check);
    const again = () => {
      check.next = null;
      return this.#look(epoch, check);
    };
    check.next = check.running.then(again, again);
    return check.next;
  }

  drop(epoch: Epoch): void {
    this.#options.store.drop(epoch);
  }

  async #lookUp(id: string, signal: AbortSignal): Promise<Epoch> {
    const known = this.#options.store.get(id);
    if (known !== undefined) {
      if (this.#isFresh(known)) return known;
      if (await isPresent(known.cloud, this.#options.source, this.#options.limits, signal))
        return this.#touch(known);
      this.drop(known);
    }
    const opened = await openCloud(this.#options, id, signal);
    if (opened === null) throw new NearboxError('cloud_not_found', `there is no cloud ${JSON.stringify(id)}`);
    const { cloud, base } = opened;
    const epoch: Epoch = { id, base, version: versionOf(cloud), cloud, generation: ++this.#generations };
    this.#options.store.set(id, epoch);
    return this.#touch(epoch);
  }

  #look(epoch: Epoch, check: Check): Promise<void> {
    const look = this.#lookOnce(epoch);
    check.running = look;
    const done = () => {
      if (check.running === look) check.running = null;
      if (check.running === null && check.next === null) this.#checks.delete(epoch.generation);
    };
    look.then(done, done);
    return look;
  }

  async #lookOnce(epoch: Epoch): Promise<void> {
    if (await isPresent(epoch.cloud, this.#options.source, this.#options.limits)) {
      this.#touch(epoch);
      return;
    }
    this.drop(epoch);
    throw new NearboxError(
      'cloud_changed',
      `the cloud ${JSON.stringify(epoch.id)} was replaced while it was read`,
    );
  }

  #isFresh(epoch: Epoch, graceMs = 0): boolean {
    const { clock, ttlMs } = this.#options;
    return clock() - (this.#checkedAt.get(epoch) ?? Number.NEGATIVE_INFINITY) < ttlMs + graceMs;
  }

  /** So that not every request waits for a storage that is down. */
  #hasJustFailed(epoch: Epoch): boolean {
    const { clock, ttlMs } = this.#options;
    return clock() - (this.#failedAt.get(epoch) ?? Number.NEGATIVE_INFINITY) < ttlMs;
  }

  #touch(epoch: Epoch): Epoch {
    this.#checkedAt.set(epoch, this.#options.clock());
    return epoch;
  }
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
