/**
 * Adaptive models of LASzip's arithmetic coder. Source: A. Said's FastAC as the LAZ format fixes it (15-bit symbol, 13-bit bit probabilities;
 * the rhythm at which models are brought up to date is part of the format).
 */
export const SYMBOL_SHIFT = 15;
export const BIT_SHIFT = 13;

const SYMBOL_TOTAL = 1 << SYMBOL_SHIFT;
const BIT_TOTAL = 1 << BIT_SHIFT;
const BIT_LONGEST_CYCLE = 64;

/** Probabilities of 2 to 256 symbols. */
export class SymbolModel {
  /** Where each symbol's share of 2^15 begins; one entry more, the end of the last. */
  readonly starts: Uint32Array;
  /** For the high bits of a share: the last symbol that begins at or before it. Narrows the search down. */
  readonly table: Uint8Array;
  readonly tableShift: number;
  readonly counts: Uint32Array;
  /** Symbols until the next update. */
  untilUpdate = 0;
  #total: number;
  #cycle: number;

  constructor(symbols: number) {
    let tableBits = 3;
    while (symbols > 1 << (tableBits + 2)) tableBits++;
    if (symbols > 8) tableBits++;
    this.tableShift = SYMBOL_SHIFT - tableBits;
    // Two cells more: the last symbol's share goes on a little beyond 2^15, as interval lengths are no multiples of it.
    this.table = new Uint8Array((1 << tableBits) + 2);
    this.starts = new Uint32Array(symbols + 1);
    this.starts[symbols] = SYMBOL_TOTAL;
    this.counts = new Uint32Array(symbols).fill(1);
    this.#total = 0;
    this.#cycle = symbols;
    this.update();
    this.#cycle = (symbols + 6) >>> 1;
    this.untilUpdate = this.#cycle;
  }

  update(): void {
    const { counts, starts, table, tableShift } = this;
    const symbols = counts.length;
    this.#total += this.#cycle;
    if (this.#total > SYMBOL_TOTAL) {
      let total = 0;
      for (let i = 0; i < symbols; i++) {
        const half = (counts[i]! + 1) >>> 1;
        counts[i] = half;
        total += half;
      }
      this.#total = total;
    }
    const scale = (0x8000_0000 / this.#total) >>> 0;
    let sum = 0;
    let filled = 0;
    for (let i = 0; i < symbols; i++) {
      const start = Math.imul(scale, sum) >>> (31 - SYMBOL_SHIFT);
      starts[i] = start;
      sum += counts[i]!;
      // Cells whose first share lies before this symbol's belong to the one before.
      for (const cell = start >>> tableShift; filled < cell; ) table[++filled] = i - 1;
    }
    while (filled < table.length - 1) table[++filled] = symbols - 1;
    this.#cycle = Math.min((5 * this.#cycle) >>> 2, (symbols + 6) << 3);
    this.untilUpdate = this.#cycle;
  }
}

/** Probability of a bit. */
export class BitModel {
  probability = 1 << (BIT_SHIFT - 1);
  zeros = 1;
  untilUpdate = 4;
  #count = 2;
  #cycle = 4;

  update(): void {
    this.#count += this.#cycle;
    if (this.#count > BIT_TOTAL) {
      this.#count = (this.#count + 1) >>> 1;
      this.zeros = (this.zeros + 1) >>> 1;
      if (this.zeros === this.#count) this.#count++;
    }
    const scale = (0x8000_0000 / this.#count) >>> 0;
    this.probability = Math.imul(this.zeros, scale) >>> (31 - BIT_SHIFT);
    this.#cycle = Math.min((5 * this.#cycle) >>> 2, BIT_LONGEST_CYCLE);
    this.untilUpdate = this.#cycle;
  }
}
