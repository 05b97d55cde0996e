/**
 * W-TinyLFU (Einziger et al., 2017), as in Caffeine but with a window that stays as it is: new keys go
 * through an LRU window (1 %); what falls out of it enters the main part only if it was asked for more often,
 * of late, than what would have to go. The main part is a segmented LRU, four fifths of it for keys that were
 * hit there.
 */
import { FrequencySketch } from './frequency-sketch.ts';
import type { Policy } from './policy.ts';

/** An LRU queue with a sum of bytes. */
class Queue {
  readonly entries = new Map<string, number>();
  bytes = 0;

  push(key: string, bytes: number): void {
    this.entries.set(key, bytes);
    this.bytes += bytes;
  }

  remove(key: string): number | undefined {
    const bytes = this.entries.get(key);
    if (bytes === undefined) return undefined;
    this.entries.delete(key);
    this.bytes -= bytes;
    return bytes;
  }

  oldest(): [key: string, bytes: number] | undefined {
    for (const entry of this.entries) return entry;
    return undefined;
  }
}

export class WTinyLfu implements Policy {
  readonly #maxBytes: number;
  readonly #windowBytes: number;
  readonly #protectedBytes: number;
  readonly #sketch: FrequencySketch;
  readonly #window = new Queue();
  readonly #probation = new Queue();
  readonly #protected = new Queue();

  /** @param meanBytes What a key takes, roughly: for the size of the sketch. */
  constructor(maxBytes: number, meanBytes: number) {
    this.#maxBytes = maxBytes;
    this.#windowBytes = maxBytes / 100;
    this.#protectedBytes = (maxBytes - this.#windowBytes) * 0.8;
    this.#sketch = new FrequencySketch(maxBytes / meanBytes);
  }

  get bytes(): number {
    return this.#window.bytes + this.#probation.bytes + this.#protected.bytes;
  }

  request(key: string, bytes: number): boolean {
    this.#sketch.add(key);
    if (this.#hit(key)) return true;
    if (bytes > this.#maxBytes) return false;
    this.#window.push(key, bytes);
    while (this.#window.bytes > this.#windowBytes) this.#leaveWindow();
    return false;
  }

  #hit(key: string): boolean {
    for (const queue of [this.#window, this.#protected]) {
      const bytes = queue.remove(key);
      if (bytes === undefined) continue;
      queue.push(key, bytes);
      return true;
    }
    const bytes = this.#probation.remove(key);
    if (bytes === undefined) return false;
    this.#protected.push(key, bytes);
    while (this.#protected.bytes > this.#protectedBytes) {
      const [oldest, size] = this.#protected.oldest()!;
      this.#protected.remove(oldest);
      this.#probation.push(oldest, size);
    }
    return true;
  }

  /**
   * The oldest of the window moves to the main part if all that it would push out is asked for less than it.
   */
  #leaveWindow(): void {
    const [candidate, bytes] = this.#window.oldest()!;
    this.#window.remove(candidate);
    const room = this.#maxBytes - this.#windowBytes - this.#probation.bytes - this.#protected.bytes;
    const victims: string[] = [];
    let freed = room;
    for (const [key, size] of [...this.#iterateVictims(bytes - room)]) {
      victims.push(key);
      freed += size;
    }
    const frequency = this.#sketch.estimate(candidate);
    if (freed < bytes || victims.some((victim) => this.#sketch.estimate(victim) >= frequency)) return;
    for (const victim of victims) this.#probation.remove(victim) ?? this.#protected.remove(victim);
    this.#probation.push(candidate, bytes);
  }

  *#iterateVictims(needed: number): Iterable<[string, number]> {
    let left = needed;
    for (const queue of [this.#probation, this.#protected]) {
      for (const entry of queue.entries) {
        if (left <= 0) return;
        left -= entry[1];
        yield entry;
      }
    }
  }
}
