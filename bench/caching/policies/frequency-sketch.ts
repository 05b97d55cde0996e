/**
 * How often keys were asked for of late, roughly: a count-min sketch of 4-bit counters that are halved now
 * and then (TinyLFU).
 */
export class FrequencySketch {
  readonly #counters: Uint8Array;
  readonly #mask: number;
  readonly #sampleSize: number;
  #additions = 0;

  /** @param expectedKeys Keys that the cache holds at a time, roughly. */
  constructor(expectedKeys: number) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(64, expectedKeys * 4)));
    this.#counters = new Uint8Array(size);
    this.#mask = size - 1;
    this.#sampleSize = Math.max(640, expectedKeys * 10);
  }

  add(key: string): void {
    const hash = hashOf(key);
    for (let row = 0; row < 4; row += 1) {
      const at = this.#at(hash, row);
      if (this.#counters[at]! < 15) this.#counters[at]! += 1;
    }
    this.#additions += 1;
    if (this.#additions < this.#sampleSize) return;
    this.#additions = 0;
    for (let i = 0; i < this.#counters.length; i += 1) this.#counters[i]! >>= 1;
  }

  estimate(key: string): number {
    const hash = hashOf(key);
    let least = 15;
    for (let row = 0; row < 4; row += 1) least = Math.min(least, this.#counters[this.#at(hash, row)]!);
    return least;
  }

  #at(hash: number, row: number): number {
    return mix(hash + Math.imul(row, 0x9e3779b9)) & this.#mask;
  }
}

/** FNV-1a. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i += 1) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return hash;
}

/** The end of MurmurHash3. */
function mix(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
