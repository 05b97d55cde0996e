/** The layer that every other one depends on: scanner channel, returns, what has changed, x and y. */
import { IntegerDecoder } from './integer-decoder.ts';
import { LayerDecoder } from './layer-decoder.ts';
import { Medians } from './median.ts';
import { SymbolModel } from './models.ts';
import { RETURN_LEVEL, RETURN_MAP } from './returns.ts';

/** What the layers of height and intensity need to know of a point, in 16 bits. */
export const PointTraits = {
  /** 0..3 */
  channel: (traits: number) => traits & 3,
  isSingleReturn: (traits: number) => (traits >> 2) & 1,
  hasNewTime: (traits: number) => (traits >> 3) & 1,
  /** 0 to 3: neither first nor last, last, first, both. */
  place: (traits: number) => (traits >> 4) & 3,
  /** 0..7 */
  level: (traits: number) => (traits >> 6) & 7,
  /** Mean number of bits of the differences in x and y, 0..32. */
  bits: (traits: number) => traits >> 9,
} as const;

const CHANGED_SYMBOLS = 128;
const CHANNEL_CHANGED = 1 << 6;
const TIME_CHANGED = 1 << 4;
const RETURNS_CHANGED = 1 << 2;

/** The state of one scanner channel: its last point, and its models. */
class Channel {
  x: number;
  y: number;
  returnNumber: number;
  returns: number;
  hasNewTime = 0;
  readonly changed = Array.from({ length: 8 }, () => new SymbolModel(CHANGED_SYMBOLS));
  readonly nextChannel = new SymbolModel(3);
  readonly returnsBy = new LazyModels(16);
  readonly returnNumberBy = new LazyModels(16);
  readonly returnStep = new SymbolModel(13);
  readonly dx = new IntegerDecoder(32, 2);
  readonly dy = new IntegerDecoder(32, 22);
  readonly medianX = new Medians(12);
  readonly medianY = new Medians(12);

  constructor({ x, y, returnNumber, returns }: Pick<Channel, 'x' | 'y' | 'returnNumber' | 'returns'>) {
    this.x = x;
    this.y = y;
    this.returnNumber = returnNumber;
    this.returns = returns;
  }
}

/** One model of 16 symbols for each of 16 contexts, made on first use. */
class LazyModels {
  readonly #models: (SymbolModel | undefined)[];
  readonly #symbols: number;

  constructor(symbols: number) {
    this.#symbols = symbols;
    this.#models = new Array<SymbolModel | undefined>(16).fill(undefined);
  }

  get(context: number): SymbolModel {
    this.#models[context] ??= new SymbolModel(this.#symbols);
    return this.#models[context];
  }
}

/**
 * Decodes x and y of all points but the first, which `record`, the raw record of a chunk, holds and which is already in `x` and `y`.
 * Returns the traits of each point; those of the first are its channel alone.
 */
export function decodePlane(bytes: Uint8Array, record: DataView, x: Int32Array, y: Int32Array): Uint16Array {
  const traits = new Uint16Array(x.length);
  let at = (record.getUint8(15) >> 4) & 3;
  traits[0] = at;
  if (x.length === 1) return traits;
  const layer = new LayerDecoder(bytes);
  const returnByte = record.getUint8(14);
  let channel = new Channel({ x: x[0]!, y: y[0]!, returnNumber: returnByte & 15, returns: returnByte >> 4 });
  const channels: (Channel | undefined)[] = [undefined, undefined, undefined, undefined];
  channels[at] = channel;
  for (let i = 1; i < x.length; i++) {
    const { returnNumber: lastReturn, returns: lastReturns } = channel;
    const lastPlace =
      (lastReturn === 1 ? 1 : 0) + (lastReturn >= lastReturns ? 2 : 0) + 4 * channel.hasNewTime;
    const changed = layer.symbol(channel.changed[lastPlace]!);
    if (changed & CHANNEL_CHANGED) {
      at = (at + layer.symbol(channel.nextChannel) + 1) & 3;
      channel = channels[at] ??= new Channel(channel);
    }
    const hasNewTime = changed & TIME_CHANGED ? 1 : 0;
    decodeReturns(layer, channel, changed, hasNewTime);
    const { returns, returnNumber, dx, dy, medianX, medianY } = channel;
    const both = 16 * returns + returnNumber;
    const set = 2 * RETURN_MAP[both]! + hasNewTime;
    const isSingle = returns === 1 ? 1 : 0;

    const stepX = (medianX.get(set) + dx.difference(layer, isSingle)) | 0;
    medianX.add(set, stepX);
    const bitsX = dx.lastLength;
    const stepY = (medianY.get(set) + dy.difference(layer, isSingle + (bitsX < 20 ? bitsX & ~1 : 20))) | 0;
    medianY.add(set, stepY);
    x[i] = channel.x = (channel.x + stepX) | 0;
    y[i] = channel.y = (channel.y + stepY) | 0;
    channel.hasNewTime = hasNewTime;

    const place = (returnNumber === 1 ? 2 : 0) + (returnNumber >= returns ? 1 : 0);
    const bits = (bitsX + dy.lastLength) >> 1;
    traits[i] =
      at | (isSingle << 2) | (hasNewTime << 3) | (place << 4) | (RETURN_LEVEL[both]! << 6) | (bits << 9);
  }
  layer.finish();
  return traits;
}

function decodeReturns(layer: LayerDecoder, channel: Channel, changed: number, hasNewTime: number): void {
  const last = channel.returnNumber;
  if (changed & RETURNS_CHANGED) channel.returns = layer.symbol(channel.returnsBy.get(channel.returns));
  switch (changed & 3) {
    case 0:
      break;
    case 1:
      channel.returnNumber = (last + 1) & 15;
      break;
    case 2:
      channel.returnNumber = (last + 15) & 15;
      break;
    default:
      channel.returnNumber = hasNewTime
        ? layer.symbol(channel.returnNumberBy.get(last))
        : (last + layer.symbol(channel.returnStep) + 2) & 15;
  }
}
