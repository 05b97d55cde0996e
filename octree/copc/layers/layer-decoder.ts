/** The arithmetic decoder of one layer. It never reads past the layer's end, and says whether the layer was used up. */
import { BIT_SHIFT, type BitModel, SYMBOL_SHIFT, type SymbolModel } from './models.ts';

const LEAST_LENGTH = 0x0100_0000;
/** Places of the coder's state: the value within the interval, and the interval's length. */
const VALUE = 0;
const LENGTH = 1;
/** Zeros that an encoder may leave behind what a decoder takes. LASzip, laz-perf and lazrs leave none. */
const MOST_PADDING = 4;

export class LayerDecoder {
  readonly #bytes: Uint8Array;
  /** A typed array, as its numbers stay unsigned 32-bit integers where those of object fields do not. */
  readonly #state = new Uint32Array(2);
  #at = 0;

  /** `bytes` are those of the layer. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    let value = 0;
    for (let i = 0; i < 4; i++) value = (value << 8) | (i < bytes.length ? bytes[i]! : 0);
    this.#at = 4;
    this.#state[VALUE] = value;
    this.#state[LENGTH] = 0xffff_ffff;
  }

  symbol(model: SymbolModel): number {
    const state = this.#state;
    const { starts, table } = model;
    const value = state[VALUE]!;
    const unit = state[LENGTH]! >>> SYMBOL_SHIFT;
    const share = (value / unit) >>> 0;
    const cell = share >>> model.tableShift;
    if (cell >= table.length - 1) throw damaged();
    let symbol = table[cell]!;
    for (let end = table[cell + 1]! + 1; end - symbol > 1; ) {
      const middle = (symbol + end) >>> 1;
      if (starts[middle]! > share) end = middle;
      else symbol = middle;
    }
    const from = Math.imul(starts[symbol]!, unit) >>> 0;
    const isLast = symbol === starts.length - 2;
    const to = isLast ? state[LENGTH]! : Math.imul(starts[symbol + 1]!, unit) >>> 0;
    this.#narrow(value - from, to - from);
    model.counts[symbol]! += 1;
    if (--model.untilUpdate === 0) model.update();
    return symbol;
  }

  bit(model: BitModel): number {
    const state = this.#state;
    const value = state[VALUE]!;
    const split = Math.imul(model.probability, state[LENGTH]! >>> BIT_SHIFT) >>> 0;
    const bit = value >= split ? 1 : 0;
    if (bit === 0) {
      model.zeros += 1;
      this.#narrow(value, split);
    } else {
      this.#narrow(value - split, state[LENGTH]! - split);
    }
    if (--model.untilUpdate === 0) model.update();
    return bit;
  }

  /** Up to 24 bits that were stored as they are; of more than 19, the low 16 come first. */
  bits(count: number): number {
    if (count <= 19) return this.#raw(count);
    const low = this.#raw(16);
    return (this.#raw(count - 16) << 16) | low;
  }

  /**
   * Throws an Error unless the decoder has come to the layer's end: where a bit is wrong it loses its way, and hardly ever ends there.
   * This is as close to a checksum as LAZ comes.
   */
  finish(): void {
    const rest = this.#bytes.subarray(this.#at);
    if (this.#at > this.#bytes.length || rest.length > MOST_PADDING || rest.some((byte) => byte !== 0)) {
      throw new Error(
        `the compressed points are damaged: their layer has ${this.#bytes.length} bytes, they end at ${this.#at}`,
      );
    }
  }

  #raw(count: number): number {
    const length = this.#state[LENGTH]! >>> count;
    const value = this.#state[VALUE]!;
    const bits = (value / length) >>> 0;
    if (bits >= 1 << count) throw damaged();
    this.#narrow(value - Math.imul(bits, length), length);
    return bits;
  }

  /** Takes the new interval, and brings bytes in until it is long enough again. */
  #narrow(newValue: number, newLength: number): void {
    let value = newValue >>> 0;
    let length = newLength >>> 0;
    if (length < LEAST_LENGTH) {
      if (length === 0) throw damaged();
      const bytes = this.#bytes;
      let at = this.#at;
      do {
        value = ((value << 8) | (at < bytes.length ? bytes[at]! : 0)) >>> 0;
        length = (length << 8) >>> 0;
        at++;
      } while (length < LEAST_LENGTH);
      this.#at = at;
    }
    this.#state[VALUE] = value;
    this.#state[LENGTH] = length;
  }
}

function damaged(): Error {
  return new Error('the compressed points are damaged');
}
