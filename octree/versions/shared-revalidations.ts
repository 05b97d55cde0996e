/**
 * Revalidations of versions, shared by the callers of one turn of the event loop. A caller cannot share one
 * that is already running, because its requests were sent before the call.
 */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

interface Revalidations {
  /** Revalidations that are running; these promises never reject. */
  readonly running: Set<Promise<void>>;
  /** The next revalidation, not started yet; callers share it. */
  next: Promise<void> | null;
  /** Start of the last one, on the clock of `performance.now()`. */
  beganAt: number;
}

/** While a revalidation is running, the next one starts at least this long after it. */
const REVALIDATION_SPACING_MS = 10;
/** Revalidations of one version that run at the same time, at most. */
const MAX_REVALIDATIONS = 8;

export class SharedRevalidations<Version extends { readonly generation: number }> {
  readonly #revalidate: (version: Version) => Promise<void>;
  /** By generation of the version. */
  readonly #ofVersions = new Map<number, Revalidations>();

  constructor(revalidate: (version: Version) => Promise<void>) {
    this.#revalidate = revalidate;
  }

  /** The next revalidation of the version; its requests are sent after this call. */
  next(version: Version): Promise<void> {
    const { generation } = version;
    const own = this.#ofVersions.get(generation) ?? { running: new Set(), next: null, beganAt: 0 };
    this.#ofVersions.set(generation, own);
    own.next ??= this.#start(version, own);
    return own.next;
  }

  /**
   * Starts the next revalidation: after this turn of the event loop, so that all calls of the turn share it;
   * not too soon after the last one; and not while `MAX_REVALIDATIONS` are running.
   */
  async #start(version: Version, own: Revalidations): Promise<void> {
    await nextTurn();
    const pauseMs = own.beganAt + REVALIDATION_SPACING_MS - performance.now();
    if (own.running.size > 0 && pauseMs > 0) await sleep(pauseMs);
    while (own.running.size >= MAX_REVALIDATIONS) await Promise.race(own.running);
    own.next = null;
    own.beganAt = performance.now();
    const revalidation = this.#revalidate(version);
    const running = revalidation.then(
      () => {},
      () => {},
    );
    own.running.add(running);
    void running.then(() => {
      own.running.delete(running);
      if (own.running.size === 0 && own.next === null) this.#ofVersions.delete(version.generation);
    });
    return revalidation;
  }
}
