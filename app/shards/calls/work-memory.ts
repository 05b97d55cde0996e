/**
 * The memory of a shard for work in progress: every call takes what its reads need and gives it back when it
 * ends.
 */
import { ByteBudget, type ByteBudgetStats, type Release } from '../../../cache/index.ts';

/** What a call holds. */
interface Held {
  readonly deadline: number;
  bytes: number;
  readonly releases: Release[];
}

export class WorkMemory {
  readonly #budget: ByteBudget;
  readonly #onUse: (usedBytes: number) => void;
  /** By the signal of the call, which every read of it passes on. */
  readonly #held = new WeakMap<AbortSignal, Held>();

  /** `onUse` is called with the reserved bytes whenever they change. */
  constructor(limitBytes: number, onUse: (usedBytes: number) => void = () => {}) {
    this.#budget = new ByteBudget(limitBytes);
    this.#onUse = onUse;
  }

  /** A call begins. `deadline` on the clock of `performance.now()`. */
  begin(signal: AbortSignal, deadline: number): void {
    this.#held.set(signal, { deadline, bytes: 0, releases: [] });
  }

  /**
   * A call is about to read so many bytes of a cloud. What it holds already counts: a second read of a call
   * is of what the first one read, and more.
   * @throws NearboxError `region_too_large` or `overloaded`, as `ByteBudget.reserve` does; the signal's
   *   reason.
   */
  async take(bytes: number, signal: AbortSignal | undefined, cloud: string): Promise<void> {
    const held = signal === undefined ? undefined : this.#held.get(signal);
    if (held === undefined || bytes <= held.bytes) return;
    const more = bytes - held.bytes;
    const isMore = held.bytes > 0;
    held.bytes = bytes;
    const { deadline } = held;
    const release = await this.#budget.reserve(more, { signal, deadline, share: cloud, isMore });
    // The call may have ended while it waited.
    if (this.#held.get(signal!) === held) held.releases.push(release);
    else release();
    this.#tell();
  }

  /** A call has ended: everything that it holds is given back. */
  end(signal: AbortSignal): void {
    const held = this.#held.get(signal);
    this.#held.delete(signal);
    if (held === undefined || held.releases.length === 0) return;
    for (const release of held.releases) release();
    this.#tell();
  }

  stats(): ByteBudgetStats {
    return this.#budget.stats();
  }

  #tell(): void {
    this.#onUse(this.#budget.stats().usedBytes);
  }
}
