/** Dimensions in the extra bytes of LAS records. Source: ASPRS LAS 1.4 R15, "Extra Bytes VLR". */
import { KEPT_EXTRA_BYTES, type LasHeader, RECORD_BYTES } from '../../../laz/index.ts';
import { NUMBER_BYTES, type NumberType, numberReader } from '../../points/index.ts';
import type { InputAttribute } from '../dimensions/index.ts';

export interface NamedExtraBytes extends InputAttribute {
  /** Bytes from the first extra byte of a record. */
  readonly at: number;
  readonly stored: NumberType;
  /** value = stored * scale + offset. */
  readonly scale: number;
  readonly offset: number;
}

export interface ExtraDimensions {
  readonly dimensions: readonly NamedExtraBytes[];
  /** Names of those that are not read. */
  readonly unread: readonly string[];
}

const ENTRY_BYTES = 192;
const NAME_BYTES = 32;
/** By their numbers in the record; 11 to 30 are the outdated pairs and triples of these. */
const TYPES: readonly (NumberType | undefined)[] = [
  undefined,
  ...([
    'uint8',
    'int8',
    'uint16',
    'int16',
    'uint32',
    'int32',
    'uint64',
    'int64',
    'float32',
    'float64',
  ] as const),
];
const SCALED = 8;
const SHIFTED = 16;

/** `record`: the content of the record that describes the extra bytes; null if the file has none. */
export function readExtraDimensions(
  record: Uint8Array | null,
  { pointFormat, recordBytes, isCompressed }: LasHeader,
): ExtraDimensions {
  const bytes = recordBytes - RECORD_BYTES[pointFormat];
  const most = isCompressed ? Math.min(bytes, KEPT_EXTRA_BYTES) : bytes;
  const dimensions: NamedExtraBytes[] = [];
  const unread: string[] = [];
  let at = 0;
  const view = record === null ? null : new DataView(record.buffer, record.byteOffset, record.byteLength);
  for (
    let entry = 0;
    view !== null && entry + ENTRY_BYTES <= view.byteLength && at < bytes;
    entry += ENTRY_BYTES
  ) {
    const [number, options] = [view.getUint8(entry + 2), view.getUint8(entry + 3)];
    const name = text(record!.subarray(entry + 4, entry + 4 + NAME_BYTES)) || `extra ${at}`;
    const stored = TYPES[number];
    const size = stored === undefined ? sizeOf(number, options) : NUMBER_BYTES[stored];
    if (size === null) break;
    if (stored === undefined || at + size > most) unread.push(name);
    else {
      const scale = options & SCALED ? view.getFloat64(entry + 112, true) : 1;
      const offset = options & SHIFTED ? view.getFloat64(entry + 136, true) : 0;
      const type = scale === 1 && offset === 0 ? stored : 'float64';
      dimensions.push({ name, type, at, stored, scale, offset });
    }
    at += size;
  }
  return {
    dimensions,
    unread: at < bytes ? [...unread, `${bytes - at} extra bytes without a name`] : unread,
  };
}

/** Bytes of a type that is not read; null if it is unknown. */
function sizeOf(number: number, options: number): number | null {
  if (number === 0) return options;
  const single = TYPES[((number - 1) % 10) + 1];
  return number > 30 || single === undefined
    ? null
    : NUMBER_BYTES[single] * (Math.floor((number - 1) / 10) + 1);
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1').split('\0', 1)[0]!.trim();
}

/** Reads a dimension of the extra bytes of consecutive points. */
export function extraReader({ at, stored, scale, offset }: NamedExtraBytes) {
  const read = numberReader(stored, true);
  return (view: DataView, stride: number, count: number, to: Float64Array, from: number): void => {
    for (let i = 0; i < count; i++) to[from + i] = read(view, i * stride + at) * scale + offset;
  };
}
