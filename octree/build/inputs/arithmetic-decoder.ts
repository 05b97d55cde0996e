/**
 * LASzip's arithmetic decoder, as far as the chunk table needs it: adaptive models, raw bits and 32-bit integers.
 * Source: the LASzip code base (arithmeticdecoder, arithmeticmodel, integercompressor), after A. Said's FastAC.
 */
const MIN_LENGTH = 0x01000000;
const MAX_LENGTH = 0xffffffff;
const BIT_SHIFT = 13;
const BIT_MAX_COUNT = 1 << BIT_SHIFT;
const BIT_LONGEST_CYCLE = 64;
const SYMBOL_SHIFT = 15;
const SYMBOL_MAX_COUNT = 1 << SYMBOL_SHIFT;

/** Probability of a single bit. */
class BitModel {
  probability = 1 << (BIT_SHIFT - 1);
  zeros = 1;
  #count = 2;
  #cycle = 4;
  #untilUpdate = 4;

  counted(): void {
    if (--this.#untilUpdate > 0) return;
    this.#count += this.#cycle;
    if (this.#count > BIT_MAX_COUNT) {
      this.#count = (this.#count + 1) >>> 1;
      this.zeros = (this.zeros + 1) >>> 1;
      if (this.zeros === this.#count) this.#count++;
    }
    const scale = Math.floor(0x80000000 / this.#count);
    this.probability = Math.floor((this.zeros * scale) / 2 ** (31 - BIT_SHIFT));
    this.#cycle = Math.min((5 * this.#cycle) >>> 2, BIT_LONGEST_CYCLE);
    this.#untilUpdate = this.#cycle;
  }
}

/** Probabilities of `symbols` symbols. */
class SymbolModel {
  /** Below which share of the interval, of 2^15, each symbol begins. */
  readonly starts: Uint32Array;
  readonly symbols: number;
  readonly #counts: Uint32Array;
  readonly #longestCycle: number;
  #total = 0;
  #cycle: number;
  #untilUpdate = 0;

  constructor(symbols: number) {
    this.symbols = symbols;
    this.starts = new Uint32Array(symbols);
    this.#counts = new Uint32Array(symbols).fill(1);
    this.#longestCycle = (symbols + 6) << 3;
    this.#cycle = symbols;
    this.#update();
    this.#cycle = (symbols + 6) >>> 1;
    this.#untilUpdate = this.#cycle;
  }

  counted(symbol: number): void {
    this.#counts[symbol]! += 1;
    if (--this.#untilUpdate === 0) this.#update();
  }

  #update(): void {
    const counts = this.#counts;
    this.#total += this.#cycle;
    if (this.#total > SYMBOL_MAX_COUNT) {
      this.#total = 0;
      for (let i = 0; i < counts.length; i++) {
        counts[i] = (counts[i]! + 1) >>> 1;
        this.#total += counts[i]!;
      }
    }
    const scale = Math.floor(0x80000000 / this.#total);
    for (let i = 0, sum = 0; i < counts.length; i++) {
      this.starts[i] = Math.floor((scale * sum) / 2 ** (31 - SYMBOL_SHIFT));
      sum += counts[i]!;
    }
    this.#cycle = Math.min((5 * this.#cycle) >>> 2, this.#longestCycle);
    this.#untilUpdate = this.#cycle;
  }
}

class ArithmeticDecoder {
  readonly #bytes: Uint8Array;
  #at: number;
  #value = 0;
  #length = MAX_LENGTH;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
    for (let i = 0; i < 4; i++) this.#value = this.#value * 256 + this.#nextByte();
  }

  bit(model: BitModel): number {
    const split = model.probability * (this.#length >>> BIT_SHIFT);
    const bit = this.#value >= split ? 1 : 0;
    if (bit === 0) {
      this.#length = split;
      model.zeros++;
    } else {
      this.#value -= split;
      this.#length -= split;
    }
    this.#widen();
    model.counted();
    return bit;
  }

  symbol(model: SymbolModel): number {
    const { starts } = model;
    const whole = this.#length;
    const unit = whole >>> SYMBOL_SHIFT;
    let symbol = 0;
    for (let end = model.symbols; end - symbol > 1; ) {
      const middle = (symbol + end) >>> 1;
      if (unit * starts[middle]! > this.#value) end = middle;
      else symbol = middle;
    }
    const from = unit * starts[symbol]!;
    const to = symbol + 1 === model.symbols ? whole : unit * starts[symbol + 1]!;
    this.#value -= from;
    this.#length = to - from;
    this.#widen();
    model.counted(symbol);
    return symbol;
  }

  /** Up to 32 raw bits, the low 16 first where there are more than 19. */
  bits(count: number): number {
    if (count > 19) {
      const low = this.#raw(16);
      return this.bits(count - 16) * 65536 + low;
    }
    return this.#raw(count);
  }

  #raw(count: number): number {
    this.#length = this.#length >>> count;
    const bits = Math.floor(this.#value / this.#length);
    this.#value -= bits * this.#length;
    this.#widen();
    return bits;
  }

  #widen(): void {
    while (this.#length < MIN_LENGTH) {
      if (this.#length === 0) throw new Error('the compressed numbers are damaged');
      this.#value = ((this.#value << 8) | this.#nextByte()) >>> 0;
      this.#length = (this.#length << 8) >>> 0;
    }
  }

  #nextByte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new Error('the compressed numbers are cut off');
    return byte;
  }
}

const INTEGER_BITS = 32;
const HIGH_BITS = 8;

/**
 * Decodes 32-bit integers, each given as its difference from a prediction. Contexts have lengths of their own, but share correctors.
 * Throws an Error where the bytes are damaged or end early.
 */
export class IntegerDecoder {
  readonly #decoder: ArithmeticDecoder;
  readonly #lengths: SymbolModel[];
  readonly #zero = new BitModel();
  readonly #correctors: SymbolModel[];

  /** Begins at byte `at`. */
  constructor(bytes: Uint8Array, at: number, contexts: number) {
    this.#decoder = new ArithmeticDecoder(bytes, at);
    this.#lengths = Array.from({ length: contexts }, () => new SymbolModel(INTEGER_BITS + 1));
    this.#correctors = Array.from(
      { length: INTEGER_BITS },
      (_, length) => new SymbolModel(2 ** Math.min(length, HIGH_BITS)),
    );
  }

  /** An integer modulo 2^32, unsigned. */
  next(prediction: number, context: number): number {
    return (prediction + this.#correction(context)) >>> 0;
  }

  #correction(context: number): number {
    const length = this.#decoder.symbol(this.#lengths[context]!);
    if (length === 0) return this.#decoder.bit(this.#zero);
    if (length === INTEGER_BITS) return -(2 ** 31);
    let value = this.#decoder.symbol(this.#correctors[length]!);
    if (length > HIGH_BITS) {
      const low = length - HIGH_BITS;
      value = value * 2 ** low + this.#decoder.bits(low);
    }
    return value >= 2 ** (length - 1) ? value + 1 : value - (2 ** length - 1);
  }
}
