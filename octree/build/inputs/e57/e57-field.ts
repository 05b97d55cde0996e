/**
 * One dimension of the points of an E57 scan: how its values are stored, and a stream of them. Source: ASTM
 * E2807, "CompressedVector"; libE57Format, Decoder.
 */
import type { NumberType } from '../../points/index.ts';
import type { E57Element } from './e57-xml.ts';

/** How values are stored: floats, or integers packed into as many bits as their range needs. */
export interface E57Field {
  readonly name: string;
  /** Bits a value. */
  readonly bits: number;
  readonly isFloat: boolean;
  /** Of integers: the least and the largest stored value. */
  readonly minimum: number;
  readonly maximum: number;
  /** Of scaled integers: value = stored * scale + offset. */
  readonly scale: number;
  readonly offset: number;
}

/** Beyond this, bits are more than a float64 holds. */
const MOST_BITS = 53;

export function e57Field({ name, attributes }: E57Element): E57Field {
  const number = (attribute: string, otherwise: number) => Number(attributes.get(attribute) ?? otherwise);
  const type = attributes.get('type');
  const isFloat = type === 'Float';
  const [minimum, maximum] = [number('minimum', -(2 ** 63)), number('maximum', 2 ** 63)];
  const isScaled = type === 'ScaledInteger';
  return {
    name,
    isFloat,
    bits: isFloat ? (attributes.get('precision') === 'single' ? 32 : 64) : bitsOf(minimum, maximum),
    minimum,
    maximum,
    scale: isScaled ? number('scale', 1) : 1,
    offset: isScaled ? number('offset', 0) : 0,
  };
}

/** The smallest type that holds the values. */
export function numberTypeOf({ isFloat, bits, minimum, maximum, scale, offset }: E57Field): NumberType {
  if (isFloat) return bits === 32 ? 'float32' : 'float64';
  if (scale !== 1 || offset !== 0) return 'float64';
  const types: readonly (readonly [NumberType, number, number])[] = [
    ['uint8', 0, 255],
    ['int8', -128, 127],
    ['uint16', 0, 65_535],
    ['int16', -32_768, 32_767],
    ['uint32', 0, 2 ** 32 - 1],
    ['int32', -(2 ** 31), 2 ** 31 - 1],
  ];
  return types.find(([, least, most]) => minimum >= least && maximum <= most)?.[0] ?? 'float64';
}

/** The least number of bits that tells all values of the range apart: 0 if there is only one. */
function bitsOf(minimum: number, maximum: number): number {
  let bits = 0;
  for (let values = maximum - minimum; values >= 1; values = Math.floor(values / 2)) bits++;
  return bits;
}

/** Values come in pieces that end anywhere, also within a value. */
export class E57Values {
  readonly #field: E57Field;
  #left: Uint8Array = new Uint8Array(0);
  /** Bits of the first byte of `#left` that are read already. */
  #bit = 0;

  /** @throws Error if the values cannot be read */
  constructor(field: E57Field) {
    if (!field.isFloat && !(field.bits <= MOST_BITS))
      throw new Error(`${field.name} is stored in ${field.bits} bits a value, which are too many`);
    this.#field = field;
  }

  add(bytes: Uint8Array): void {
    const all = new Uint8Array(this.#left.length + bytes.length);
    all.set(this.#left);
    all.set(bytes, this.#left.length);
    this.#left = all;
  }

  /** Whole values that have come and are not taken yet; infinite if they take no bits. */
  get available(): number {
    const { bits } = this.#field;
    return bits === 0 ? Number.POSITIVE_INFINITY : Math.floor((8 * this.#left.length - this.#bit) / bits);
  }

  /** The next values, as many as fit into `to`. */
  take(to: Float64Array): void {
    const { bits, isFloat, minimum, scale, offset } = this.#field;
    const bytes = this.#left;
    if (isFloat) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (let i = 0; i < to.length; i++)
        to[i] = bits === 32 ? view.getFloat32(4 * i, true) : view.getFloat64(8 * i, true);
    } else {
      for (let i = 0, at = this.#bit; i < to.length; i++, at += bits)
        to[i] = (minimum + unpack(bytes, at, bits)) * scale + offset;
    }
    const end = this.#bit + to.length * bits;
    this.#left = bytes.subarray(Math.floor(end / 8));
    this.#bit = end % 8;
  }
}

/** The unsigned number in `bits` bits from bit `at`, the lowest first. */
function unpack(bytes: Uint8Array, at: number, bits: number): number {
  let value = 0;
  for (let done = 0; done < bits; ) {
    const inByte = (at + done) % 8;
    const count = Math.min(8 - inByte, bits - done);
    const part = (bytes[Math.floor((at + done) / 8)]! >> inByte) & (2 ** count - 1);
    value += part * 2 ** done;
    done += count;
  }
  return value;
}
