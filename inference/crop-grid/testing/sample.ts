/**
 * Picks a bounded number of points out of a crop, evenly over the surfaces and the same ones whatever the
 * order of the points: one point per voxel (the one with the smallest hash of its millimetre coordinates),
 * then per tier the smallest hashes. No randomness. `training/kernels/sampling.c` does the
 * same.
 */

/** Tier 0 matters most, then 1, then 2. */
export type Tier = 0 | 1 | 2;

const SLOTS = 131072;
/** At most so many voxels are kept; what comes after them is passed over. */
const MOST = SLOTS / 2;

export class Sampler {
  readonly #slots = new Int32Array(SLOTS);
  readonly #keys = new Int32Array(3 * MOST);
  readonly #points = new Int32Array(MOST);
  readonly #hashes = new Uint32Array(MOST);
  readonly #tiers = new Uint8Array(MOST);
  #count = 0;
  #voxel = 0.1;

  /** Starts a new sample with cubes of `voxel` metres. */
  reset(voxel: number): void {
    this.#slots.fill(-1);
    this.#count = 0;
    this.#voxel = voxel;
  }

  /** Offers point `index` at x, y, z (metres in the crop). */
  offer(index: number, x: number, y: number, z: number, tier: Tier): void {
    if (this.#count >= MOST) return;
    const kx = Math.floor(x / this.#voxel) | 0;
    const ky = Math.floor(y / this.#voxel) | 0;
    const kz = Math.floor(z / this.#voxel) | 0;
    let slot = mix(Math.imul(kx, 73856093) ^ Math.imul(ky, 19349663) ^ Math.imul(kz, 83492791)) & (SLOTS - 1);
    const hash = pointHash(x, y, z);
    for (;;) {
      const at = this.#slots[slot]!;
      if (at < 0) {
        const n = this.#count++;
        this.#slots[slot] = n;
        this.#keys[3 * n] = kx;
        this.#keys[3 * n + 1] = ky;
        this.#keys[3 * n + 2] = kz;
        this.#points[n] = index;
        this.#hashes[n] = hash;
        this.#tiers[n] = tier;
        return;
      }
      if (this.#keys[3 * at] === kx && this.#keys[3 * at + 1] === ky && this.#keys[3 * at + 2] === kz) {
        if (hash < this.#hashes[at]!) {
          this.#points[at] = index;
          this.#hashes[at] = hash;
          this.#tiers[at] = tier;
        }
        return;
      }
      slot = (slot + 1) & (SLOTS - 1);
    }
  }

  /**
   * The indices of at most `total` of the points offered: up to `quota` of each tier, the places left over to
   * tiers 0, 1, 2 in turn.
   */
  choose(quota: readonly [number, number, number], total: number): Int32Array {
    const lists: [number[], number[], number[]] = [[], [], []];
    for (let i = 0; i < this.#count; i++) lists[this.#tiers[i] as Tier].push(i);
    const take = [0, 0, 0];
    let left = total;
    for (let t = 0; t < 3; t++) {
      take[t] = Math.min(lists[t as Tier].length, quota[t]!);
      left -= take[t]!;
    }
    for (let t = 0; t < 3; t++) {
      const more = Math.min(left, lists[t as Tier].length - take[t]!);
      take[t] = take[t]! + more;
      left -= more;
    }
    const out = new Int32Array(take[0]! + take[1]! + take[2]!);
    let n = 0;
    for (let t = 0; t < 3; t++) {
      const list = lists[t as Tier];
      const wanted = take[t]!;
      if (wanted < list.length) {
        const keys = this.#smallest(list, wanted);
        for (let i = 0; i < wanted; i++) out[n++] = this.#points[keys[i]! % MOST]!;
      } else {
        for (const i of list) out[n++] = this.#points[i]!;
      }
    }
    return out;
  }

  /** Sorted keys hash * MOST + place of (at least) the `wanted` candidates with the smallest hashes. */
  #smallest(list: readonly number[], wanted: number): Float64Array {
    // Hashes are spread evenly: those below a little more than the expected limit hold the smallest.
    for (let share = (1.25 * wanted + 8) / list.length; ; share *= 2) {
      const limit = share >= 1 ? 0xffffffff : share * 0xffffffff;
      const keys: number[] = [];
      for (const i of list) if (this.#hashes[i]! <= limit) keys.push(this.#hashes[i]! * MOST + i);
      if (keys.length >= wanted) return Float64Array.from(keys).sort();
    }
  }
}

/** A 32-bit finaliser ("lowbias32"). */
function mix(value: number): number {
  let h = value | 0;
  h ^= h >>> 16;
  h = Math.imul(h, 0x7feb352d);
  h ^= h >>> 15;
  h = Math.imul(h, 0x846ca68b);
  h ^= h >>> 16;
  return h >>> 0;
}

function pointHash(x: number, y: number, z: number): number {
  let h = Math.imul(Math.floor(x * 1000) | 0, 73856093);
  h = mix(h ^ Math.imul(Math.floor(y * 1000) | 0, 19349663));
  return mix(h ^ Math.imul(Math.floor(z * 1000) | 0, 83492791));
}
