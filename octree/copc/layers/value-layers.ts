/** The layers of height and intensity. Each is decoded by itself once the traits of the points are known. */
import { IntegerDecoder } from './integer-decoder.ts';
import { LayerDecoder } from './layer-decoder.ts';
import { PointTraits } from './plane-layer.ts';

/** One value of a scanner channel: its last one, recent ones by context, and the models. */
interface Channel {
  last: number;
  readonly recent: Int32Array;
  readonly decoder: IntegerDecoder;
}

const CONTEXTS = 8;

/** Fills `z`, whose first value is there already. */
export function decodeHeights(bytes: Uint8Array, traits: Uint16Array, z: Int32Array): void {
  walk(bytes, traits, z, 20, 32, (layer, { recent, decoder }, point) => {
    const level = PointTraits.level(point);
    const bits = PointTraits.bits(point);
    const context = PointTraits.isSingleReturn(point) + (bits < 18 ? bits & ~1 : 18);
    const value = (recent[level]! + decoder.difference(layer, context)) | 0;
    recent[level] = value;
    return value;
  });
}

/** Fills `intensity`, whose first value is there already. */
export function decodeIntensities(bytes: Uint8Array, traits: Uint16Array, intensity: Uint16Array): void {
  walk(bytes, traits, intensity, 4, 16, (layer, { recent, decoder }, point) => {
    const place = PointTraits.place(point);
    const context = 2 * place + PointTraits.hasNewTime(point);
    const value = (recent[context]! + decoder.difference(layer, place)) & 0xffff;
    recent[context] = value;
    return value;
  });
}

/**
 * Goes through the points, switching between the scanner channels. A channel begins with the last value of the one before it.
 * An empty layer says that no value of any channel differs from its first.
 */
function walk(
  bytes: Uint8Array,
  traits: Uint16Array,
  out: Int32Array | Uint16Array,
  contexts: number,
  bits: 16 | 32,
  next: (layer: LayerDecoder, channel: Channel, point: number) => number,
): void {
  if (traits.length === 1) return;
  const layer = bytes.length === 0 ? null : new LayerDecoder(bytes);
  const begin = (last: number): Channel => ({
    last,
    recent: new Int32Array(CONTEXTS).fill(last),
    decoder: new IntegerDecoder(bits, layer === null ? 0 : contexts),
  });
  const channels: (Channel | undefined)[] = [undefined, undefined, undefined, undefined];
  let channel = begin(out[0]!);
  channels[PointTraits.channel(traits[0]!)] = channel;
  for (let i = 1; i < traits.length; i++) {
    const point = traits[i]!;
    channel = channels[PointTraits.channel(point)] ??= begin(channel.last);
    if (layer !== null) channel.last = next(layer, channel, point);
    out[i] = channel.last;
  }
  layer?.finish();
}
