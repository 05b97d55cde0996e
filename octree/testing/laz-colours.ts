/**
 * Writes the colour layer of a LAZ chunk, by version 3 or 4 of the item: for chunks that no writer at hand
 * writes.
 */

const LEAST_LENGTH = 2 ** 24;
const SHARE_BITS = 15;

/** FastAC's encoder (A. Said) as the LAZ format fixes it. */
class Encoder {
  readonly #out: number[] = [];
  #base = 0;
  #length = 0xffff_ffff;

  symbol(model: Model, symbol: number): void {
    const unit = this.#length >>> SHARE_BITS;
    const from = model.starts[symbol]! * unit;
    const isLast = symbol === model.counts.length - 1;
    this.#advance(from, isLast ? this.#length - from : model.starts[symbol + 1]! * unit - from);
    model.count(symbol);
  }

  finish(): Uint8Array {
    const isLong = this.#length > 2 * LEAST_LENGTH;
    this.#advance(isLong ? LEAST_LENGTH : LEAST_LENGTH / 2, isLong ? LEAST_LENGTH >>> 1 : LEAST_LENGTH >>> 9);
    return Uint8Array.from([...this.#out, 0, 0, ...(isLong ? [0] : [])]);
  }

  #advance(by: number, length: number): void {
    this.#base += by;
    if (this.#base >= 2 ** 32) {
      this.#base -= 2 ** 32;
      let at = this.#out.length - 1;
      for (; this.#out[at] === 255; at--) this.#out[at] = 0;
      this.#out[at]!++;
    }
    for (this.#length = length; this.#length < LEAST_LENGTH; this.#length *= 256) {
      this.#out.push(this.#base >>> 24);
      this.#base = (this.#base << 8) >>> 0;
    }
  }
}

/** How often each symbol was seen, and the shares that follow from it, brought up to date now and then. */
class Model {
  readonly counts: number[];
  starts: number[] = [];
  #total = 0;
  #cycle: number;
  #left: number;

  constructor(symbols: number) {
    this.counts = Array.from({ length: symbols }, () => 1);
    this.#cycle = symbols;
    this.#update();
    this.#left = this.#cycle = (symbols + 6) >> 1;
  }

  count(symbol: number): void {
    this.counts[symbol]!++;
    if (--this.#left === 0) this.#update();
  }

  #update(): void {
    this.#total += this.#cycle;
    if (this.#total > 2 ** SHARE_BITS) {
      for (const [i, count] of this.counts.entries()) this.counts[i] = (count + 1) >> 1;
      this.#total = this.counts.reduce((sum, count) => sum + count, 0);
    }
    const scale = Math.floor(2 ** 31 / this.#total);
    let sum = 0;
    this.starts = this.counts.map((count) => {
      const start = Math.floor((scale * sum) / 2 ** (31 - SHARE_BITS));
      sum += count;
      return start;
    });
    this.#cycle = Math.min((5 * this.#cycle) >> 2, (this.counts.length + 6) << 3);
    this.#left = this.#cycle;
  }
}

type Colour = readonly [red: number, green: number, blue: number];

interface Models {
  readonly used: Model;
  readonly parts: readonly Model[];
}

const clampByte = (value: number) => Math.min(255, Math.max(0, value));

/**
 * RGB14: which bytes changed, then the differences of those from what the last colour, and the ones before
 * them, predict.
 */
function encodeColour(encoder: Encoder, { used, parts }: Models, colour: Colour, last: Colour): void {
  const bytes = (c: Colour) => c.flatMap((value) => [value & 255, value >> 8]);
  const [now, before] = [bytes(colour), bytes(last)];
  const isGrey = colour[0] === colour[1] && colour[0] === colour[2];
  const changed = now.map((byte, i) => byte !== before[i]);
  encoder.symbol(
    used,
    changed.reduce((mask, is, i) => mask | (Number(is) << i), isGrey ? 0 : 64),
  );
  const put = (i: number, predicted: number) => {
    if (changed[i]) encoder.symbol(parts[i]!, (now[i]! - predicted) & 255);
  };
  put(0, before[0]!);
  put(1, before[1]!);
  if (isGrey) return;
  for (const half of [0, 1]) {
    const red = now[half]! - before[half]!;
    put(2 + half, clampByte(red + before[2 + half]!));
    const both = Math.trunc((red + now[2 + half]! - before[2 + half]!) / 2);
    put(4 + half, clampByte(both + before[4 + half]!));
  }
}

/**
 * The layer for these colours, of points of these scanner channels. The first point's is in the raw record.
 * Version 4: every channel has models and a last colour of its own. Version 3: the channel is known only
 * where it changes, else it is 0; and a change to a channel that was there before goes on from the last
 * colour of the one before it, and leaves its own there.
 */
export function encodeColourLayer(
  colours: readonly Colour[],
  channels: readonly number[],
  version: 3 | 4,
): Uint8Array {
  const encoder = new Encoder();
  const models = new Map<number, Models>();
  const lasts = new Map<number, Colour>();
  let at = channels[0]!;
  lasts.set(at, colours[0]!);
  for (let i = 1; i < colours.length; i++) {
    const isTold = version === 4 || channels[i] !== channels[i - 1];
    const channel = isTold ? channels[i]! : 0;
    const isNew = !lasts.has(channel);
    if (isNew) lasts.set(channel, lasts.get(at)!);
    const place = version === 4 || isNew ? channel : at;
    const own = models.get(channel) ?? {
      used: new Model(128),
      parts: Array.from({ length: 6 }, () => new Model(256)),
    };
    models.set(channel, own);
    encodeColour(encoder, own, colours[i]!, lasts.get(place)!);
    lasts.set(place, colours[i]!);
    at = channel;
  }
  return encoder.finish();
}
