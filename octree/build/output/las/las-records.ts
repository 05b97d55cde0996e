/**
 * The points of a cloud as LAS records of format 6, or 7 with colour. Attributes become fields or extra
 * bytes. Source: ASPRS LAS 1.4 R15, "Point Data Record Format 6", "Extra Bytes".
 */
import { RECORD_BYTES } from '../../../laz/index.ts';
import { type Attribute, type BuildColumns, NUMBER_BYTES, type NumberType } from '../../points/index.ts';
import { writeField } from '../write-field.ts';

/** The field of an attribute, and its conversion. */
interface Field {
  /** Its index in the columns' attributes. */
  readonly column: number;
  readonly at: number;
  readonly type: NumberType;
}

/** An attribute without a LAS field; it becomes extra bytes. */
interface ExtraDimension {
  readonly name: string;
  readonly type: NumberType;
}

/** Intensities as stored: value * scale + offset, rounded. LAS has 16 unsigned bits. */
interface IntensityMapping {
  readonly scale: number;
  readonly offset: number;
}

export interface LasLayout {
  readonly format: 6 | 7;
  readonly recordBytes: number;
  readonly extra: readonly ExtraDimension[];
  readonly intensity: IntensityMapping;
  readonly fields: readonly Field[];
  /** Indices of the attributes that share bytes with others; null if there is none. */
  readonly returnNumber: number | null;
  readonly numberOfReturns: number | null;
  readonly scanDirection: number | null;
  readonly edgeOfFlightLine: number | null;
  readonly classFlags: number | null;
  readonly gpsTime: number | null;
}

const PLAIN_FIELDS: Readonly<Record<string, { readonly at: number; readonly type: NumberType }>> = {
  Classification: { at: 16, type: 'uint8' },
  UserData: { at: 17, type: 'uint8' },
  ScanAngle: { at: 18, type: 'int16' },
  PointSourceId: { at: 20, type: 'uint16' },
  GpsTime: { at: 22, type: 'float64' },
  Red: { at: 30, type: 'uint16' },
  Green: { at: 32, type: 'uint16' },
  Blue: { at: 34, type: 'uint16' },
};
const SHARED_FIELDS = [
  'ReturnNumber',
  'NumberOfReturns',
  'ScanDirectionFlag',
  'EdgeOfFlightLine',
  'ClassFlags',
];

export function lasLayout(
  attributes: readonly Attribute[],
  intensityRange: readonly [number, number],
  isInteger: boolean,
): LasLayout {
  const place = (name: string) => {
    const at = attributes.findIndex((attribute) => attribute.name === name);
    return at === -1 ? null : at;
  };
  const format = ['Red', 'Green', 'Blue'].every((name) => place(name) !== null) ? 7 : 6;
  const fields: Field[] = [];
  const extra: ExtraDimension[] = [];
  let recordBytes: number = RECORD_BYTES[format];
  for (const [column, { name, type }] of attributes.entries()) {
    const plain = PLAIN_FIELDS[name];
    if (SHARED_FIELDS.includes(name)) continue;
    if (plain !== undefined && plain.at < RECORD_BYTES[format]) {
      fields.push({ column, ...plain });
    } else {
      // 64-bit integers are held as float64 during the build.
      const stored = type === 'int64' || type === 'uint64' ? 'float64' : type;
      fields.push({ column, at: recordBytes, type: stored });
      extra.push({ name, type: stored });
      recordBytes += NUMBER_BYTES[stored];
    }
  }
  return {
    format,
    recordBytes,
    extra,
    intensity: intensityMapping(intensityRange, isInteger),
    fields,
    returnNumber: place('ReturnNumber'),
    numberOfReturns: place('NumberOfReturns'),
    scanDirection: place('ScanDirectionFlag'),
    edgeOfFlightLine: place('EdgeOfFlightLine'),
    classFlags: place('ClassFlags'),
    gpsTime: place('GpsTime'),
  };
}

const MOST_INTENSITY = 65_535;

/** 0 to 1 becomes 0 to 65535. Values that fit are kept; others are scaled to the range. */
function intensityMapping([low, high]: readonly [number, number], isInteger: boolean): IntensityMapping {
  if (isInteger || !(high >= low)) return { scale: 1, offset: 0 };
  if (low >= 0 && high <= 1) return { scale: MOST_INTENSITY, offset: 0 };
  if (low >= 0 && high <= MOST_INTENSITY) return { scale: 1, offset: 0 };
  const scale = high > low ? MOST_INTENSITY / (high - low) : 1;
  return { scale, offset: -low * scale };
}

/** Packs the records of these points. A point without returns is the first of one. */
export function lasRecords(columns: BuildColumns, points: Uint32Array, layout: LasLayout): Uint8Array {
  const { recordBytes, fields } = layout;
  const bytes = new Uint8Array(points.length * recordBytes);
  const view = new DataView(bytes.buffer);
  packPlaces(view, columns, points, layout);
  packReturns(bytes, columns, points, layout);
  packFlags(bytes, columns, points, layout);
  for (const { column, at, type } of fields)
    writeField(view, { at, type, stride: recordBytes }, columns.attributes[column]!, points);
  return bytes;
}

function packPlaces(
  view: DataView,
  { x, y, z, intensity }: BuildColumns,
  points: Uint32Array,
  { recordBytes, intensity: { scale, offset } }: LasLayout,
): void {
  for (let i = 0, at = 0; i < points.length; i++, at += recordBytes) {
    const point = points[i]!;
    view.setInt32(at, x[point]!, true);
    view.setInt32(at + 4, y[point]!, true);
    view.setInt32(at + 8, z[point]!, true);
  }
  if (intensity === null) return;
  for (let i = 0, at = 12; i < points.length; i++, at += recordBytes)
    view.setUint16(at, Math.round(intensity[points[i]!]! * scale + offset), true);
}

const FIRST_OF_ONE = 0x11;

function packReturns(
  bytes: Uint8Array,
  { attributes }: BuildColumns,
  points: Uint32Array,
  { recordBytes, returnNumber, numberOfReturns }: LasLayout,
): void {
  const numbers = returnNumber === null ? null : attributes[returnNumber]!;
  const totals = numberOfReturns === null ? null : attributes[numberOfReturns]!;
  if (numbers === null && totals === null) {
    for (let at = 14; at < bytes.length; at += recordBytes) bytes[at] = FIRST_OF_ONE;
    return;
  }
  for (let i = 0, at = 14; i < points.length; i++, at += recordBytes) {
    const point = points[i]!;
    bytes[at] = ((numbers?.[point] ?? 1) & 15) | ((totals?.[point] ?? 1) << 4);
  }
}

function packFlags(
  bytes: Uint8Array,
  { attributes }: BuildColumns,
  points: Uint32Array,
  { recordBytes, classFlags, scanDirection, edgeOfFlightLine }: LasLayout,
): void {
  const flags: readonly (readonly [number | null, number, number])[] = [
    [classFlags, 15, 0],
    [scanDirection, 1, 6],
    [edgeOfFlightLine, 1, 7],
  ];
  for (const [column, mask, shift] of flags) {
    if (column === null) continue;
    const values = attributes[column]!;
    for (let i = 0, at = 15; i < points.length; i++, at += recordBytes)
      bytes[at]! |= (values[points[i]!]! & mask) << shift;
  }
}
