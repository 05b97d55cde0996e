/** LASzip's integers: stored as the difference from a prediction, its number of bits first. */
import type { LayerDecoder } from './layer-decoder.ts';
import { BitModel, SymbolModel } from './models.ts';

/** Of longer differences, only this many high bits have a model. */
const MODELLED_BITS = 8;

export class IntegerDecoder {
  /** Bits of the last difference: a context for what is decoded next. */
  lastLength = 0;
  readonly #lengths: readonly SymbolModel[];
  readonly #zero = new BitModel();
  /** By length, made on first use: most are never seen. */
  readonly #differences: (SymbolModel | undefined)[];

  /** `bits` of the integers: 16 or 32. Contexts have lengths of their own and share the rest. */
  constructor(bits: 16 | 32, contexts: number) {
    this.#lengths = Array.from({ length: contexts }, () => new SymbolModel(bits + 1));
    this.#differences = new Array<SymbolModel | undefined>(bits + 1).fill(undefined);
  }

  /** The next difference from the prediction. The sum wraps at the width of the integers. */
  difference(layer: LayerDecoder, context: number): number {
    const length = layer.symbol(this.#lengths[context]!);
    this.lastLength = length;
    if (length === 0) return layer.bit(this.#zero);
    if (length === 32) return -(2 ** 31);
    let value = layer.symbol(this.#model(length));
    if (length > MODELLED_BITS) {
      const low = length - MODELLED_BITS;
      value = (value << low) | layer.bits(low);
    }
    // Differences of n bits are -(2^n - 1) to -2^(n-1) and 2^(n-1) + 1 to 2^n.
    return value >= 1 << (length - 1) ? value + 1 : value - 2 ** length + 1;
  }

  #model(length: number): SymbolModel {
    const known = this.#differences[length];
    if (known !== undefined) return known;
    const made = new SymbolModel(1 << Math.min(length, MODELLED_BITS));
    this.#differences[length] = made;
    return made;
  }
}
