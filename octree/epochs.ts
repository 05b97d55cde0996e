/**
 * Which version of a cloud is the present one.
 *
 * An epoch is one version as this process has opened it. Everything that is kept of a cloud is kept under its epoch, so that no two versions
 * meet in one answer; when the cloud turns out to have been replaced, the epoch ends and what was kept under it is forgotten.
 */
import { createHash } from 'node:crypto';
import type { ByteSource } from '../cache/byte-source.ts';
import { NearboxError } from '../cache/errors.ts';
import { Singleflight } from '../cache/singleflight.ts';
import { checkCloudId } from './cloud-id.ts';
import type { CloudFormat, FormatCloud, FormatLimits } from './format.ts';

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
  #generations = 0;

  constructor(options: EpochsOptions) {
    this.#options = options;
  }

  /**
   * The present epoch of a cloud, at most `ttlMs` old news, and the bytes that this call fetched to open it (none if it was open,
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
    const epoch = await this.#lookups.run(id, lookUp, signal);
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
      if (await this.#isPresent(known, signal)) return this.#touch(known);
      this.drop(known);
    }
    const opened = await this.#open(id, signal);
    if (opened === null) throw new NearboxError('cloud_not_found', `there is no cloud ${JSON.stringify(id)}`);
    const { cloud, base } = opened;
    const epoch: Epoch = { id, base, version: versionOf(cloud), cloud, generation: ++this.#generations };
    this.#options.store.set(id, epoch);
    return this.#touch(epoch);
  }

  async #open(
    id: string,
    signal: AbortSignal,
  ): Promise<{ readonly cloud: FormatCloud; readonly base: string } | null> {
    const { source, formatsOf, limits } = this.#options;
    // A root that is itself a cloud goes by the name of its folder.
    const bases = id === source.rootName ? ['', `${id}/`] : [`${id}/`];
    for (const base of bases) {
      // All are looked for side by side: one after the other, each would cost a round trip.
      const opening = formatsOf(id).map((format) => format.open({ source, id, base, limits, signal }));
      // Of those behind the first that is there, nothing is to be heard, failures included.
      for (const cloud of opening) cloud.catch(() => {});
      for (const opened of opening) {
        const cloud = await opened;
        if (cloud !== null) return { cloud, base };
      }
    }
    return null;
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
    if (await this.#isPresent(epoch)) {
      this.#touch(epoch);
      return;
    }
    this.drop(epoch);
    throw new NearboxError(
      'cloud_changed',
      `the cloud ${JSON.stringify(epoch.id)} was replaced while it was read`,
    );
  }

  /** True if nothing behind the version has been replaced. */
  async #isPresent({ cloud }: Epoch, signal?: AbortSignal): Promise<boolean> {
    const { source, limits } = this.#options;
    const same = await Promise.all(
      cloud.validators.map(async ({ path, etag }, i) => {
        if (etag !== null) return (await source.stat(path, { signal }))?.etag === etag;
        const stored = await source.read(path, { signal, maxBytes: limits.maxMetadataBytes });
        return stored !== null && Buffer.compare(stored.bytes, cloud.identity[i]!) === 0;
      }),
    );
    return same.every(Boolean);
  }

  #isFresh(epoch: Epoch): boolean {
    const { clock, ttlMs } = this.#options;
    return clock() - (this.#checkedAt.get(epoch) ?? Number.NEGATIVE_INFINITY) < ttlMs;
  }

  #touch(epoch: Epoch): Epoch {
    this.#checkedAt.set(epoch, this.#options.clock());
    return epoch;
  }
}

/** A hash of the cloud's identity; each part with its length before it, so that no two lists of parts look alike. 128 bits of it. */
function versionOf({ format, identity }: FormatCloud): string {
  const hash = createHash('sha256').update(format);
  for (const part of identity) hash.update(`\n${part.byteLength}\n`).update(part);
  return hash.digest().subarray(0, 16).toString('base64url');
}
