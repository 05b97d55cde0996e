/**
 * XXH64 with seed 0. Zstandard stores its low 32 bits as the checksum of a frame. Source: xxHash
 * specification, "XXH64 algorithm".
 *
 * Uses 32-bit halves, because 64-bit integers of JavaScript are a hundred times slower. Only `build` on Node
 * versions without zstandard needs it.
 */

/** A 64-bit number as high and low half. Mutable, so that hashing allocates nothing. */
class Word {
  hi: number;
  lo: number;

  constructor(hi = 0, lo = 0) {
    this.hi = hi | 0;
    this.lo = lo | 0;
  }

  set({ hi, lo }: Word): this {
    this.hi = hi;
    this.lo = lo;
    return this;
  }

  add({ hi, lo }: Word): this {
    const low = (this.lo >>> 0) + (lo >>> 0);
    this.hi = (this.hi + hi + (low > 0xffff_ffff ? 1 : 0)) | 0;
    this.lo = low | 0;
    return this;
  }

  xor({ hi, lo }: Word): this {
    this.hi ^= hi;
    this.lo ^= lo;
    return this;
  }

  times({ hi, lo }: Word): this {
    const [a, b] = [this.lo & 0xffff, this.lo >>> 16];
    const [c, d] = [lo & 0xffff, lo >>> 16];
    const low = Math.imul(a, c) >>> 0;
    const middle = (Math.imul(b, c) >>> 0) + (low >>> 16);
    const rest = (middle & 0xffff) + (Math.imul(a, d) >>> 0);
    const carried = (Math.imul(b, d) >>> 0) + Math.floor(middle / 0x1_0000) + Math.floor(rest / 0x1_0000);
    this.hi = (carried + Math.imul(this.hi, lo) + Math.imul(this.lo, hi)) | 0;
    this.lo = (rest << 16) | (low & 0xffff) | 0;
    return this;
  }

  /** Rotates left by 1 to 31 bits. */
  rotate(bits: number): this {
    const { hi, lo } = this;
    this.hi = (hi << bits) | (lo >>> (32 - bits));
    this.lo = (lo << bits) | (hi >>> (32 - bits));
    return this;
  }

  /** x ^ (x >>> 33) */
  fold33(): this {
    this.lo ^= this.hi >>> 1;
    return this;
  }

  /** x ^ (x >>> 29) */
  fold29(): this {
    this.lo ^= (this.lo >>> 29) | (this.hi << 3);
    this.hi ^= this.hi >>> 29;
    return this;
  }
}

const PRIME_1 = new Word(0x9e3779b1, 0x85ebca87);
const PRIME_2 = new Word(0xc2b2ae3d, 0x27d4eb4f);
const PRIME_3 = new Word(0x165667b1, 0x9e3779f9);
const PRIME_4 = new Word(0x85ebca77, 0xc2b2ae63);
const PRIME_5 = new Word(0x27d4eb2f, 0x165667c5);
const ZERO = new Word();
const MINUS_PRIME_1 = new Word(~0x9e3779b1, -0x85ebca87);
const STRIPE_BYTES = 32;

/** The low 32 bits of the hash. */
export function xxhash64Low(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const input = new Word();
  const read = (at: number): Word => {
    input.lo = view.getInt32(at, true);
    input.hi = view.getInt32(at + 4, true);
    return input;
  };
  const hash = new Word();
  let at = 0;
  if (bytes.length >= STRIPE_BYTES) {
    const lanes = [
      new Word().set(PRIME_1).add(PRIME_2),
      new Word().set(PRIME_2),
      new Word(),
      new Word().set(MINUS_PRIME_1),
    ];
    for (; at + STRIPE_BYTES <= bytes.length; at += STRIPE_BYTES)
      for (let lane = 0; lane < 4; lane++) round(lanes[lane]!, read(at + 8 * lane));
    const turned = new Word();
    for (const [index, bits] of [1, 7, 12, 18].entries()) hash.add(turned.set(lanes[index]!).rotate(bits));
    for (const lane of lanes)
      hash
        .xor(round(turned.set(ZERO), lane))
        .times(PRIME_1)
        .add(PRIME_4);
  } else {
    hash.set(PRIME_5);
  }
  hash.add(new Word(0, bytes.length));
  const part = new Word();
  for (; at + 8 <= bytes.length; at += 8)
    hash
      .xor(round(part.set(ZERO), read(at)))
      .rotate(27)
      .times(PRIME_1)
      .add(PRIME_4);
  if (at + 4 <= bytes.length) {
    hash
      .xor(new Word(0, view.getInt32(at, true)).times(PRIME_1))
      .rotate(23)
      .times(PRIME_2)
      .add(PRIME_3);
    at += 4;
  }
  for (; at < bytes.length; at++) hash.xor(new Word(0, bytes[at]!).times(PRIME_5)).rotate(11).times(PRIME_1);
  hash.fold33().times(PRIME_2).fold29().times(PRIME_3);
  // The last step, x ^ (x >>> 32), for the low half.
  return (hash.lo ^ hash.hi) >>> 0;
}

/** Mixes eight bytes of input into a lane. */
function round(lane: Word, input: Word): Word {
  return lane.add(input.times(PRIME_2)).rotate(31).times(PRIME_1);
}
