/**
 * The points of a cloud as LAS records of format 6, or 7 with colour. Attributes become fields or extra
 * bytes. Source: ASPRS LAS 1.4 R15, "Point Data Record Format 6", "Extra Bytes".
 */
import { RECORD_BYTES } from '../../../laz/index.ts';
import { type Attribute, type BuildColumns, NUMBER_BYTES, type NumberType } from '../../points/index.ts';

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
  const { recordBytes, intensity: mapping, fields } = layout;
  const { x, y, z, intensity, attributes } = columns;
  const bytes = new Uint8Array(points.length * recordBytes);
  const view = new DataView(bytes.buffer);
  const value = (column: number | null, point: number, missing: number) =>
    column === null ? missing : attributes[column]![point]!;
  for (let i = 0, at = 0; i < points.length; i++, at += recordBytes) {
    const point = points[i]!;
    view.setInt32(at, x[point]!, true);
    view.setInt32(at + 4, y[point]!, true);
    view.setInt32(at + 8, z[point]!, true);
    if (intensity !== null)
      view.setUint16(at + 12, Math.round(intensity[point]! * mapping.scale + mapping.offset), true);
    const returns = value(layout.returnNumber, point, 1) & 15;
    bytes[at + 14] = returns | (value(layout.numberOfReturns, point, 1) << 4);
    bytes[at + 15] =
      (value(layout.classFlags, point, 0) & 15) |
      ((value(layout.scanDirection, point, 0) & 1) << 6) |
      ((value(layout.edgeOfFlightLine, point, 0) & 1) << 7);
  }
  for (const { column, at, type } of fields)
    writeField(view, attributes[column]!, points, at, recordBytes, type);
  return bytes;
}

function writeField(
  view: DataView,
  values: ArrayLike<number>,
  points: Uint32Array,
  first: number,
  recordBytes: number,
  type: NumberType,
): void {
  for (let i = 0, at = first; i < points.length; i++, at += recordBytes) {
    const value = values[points[i]!]!;
    switch (type) {
      case 'int8':
        view.setInt8(at, value);
        break;
      case 'uint8':
        view.setUint8(at, value);
        break;
      case 'int16':
        view.setInt16(at, value, true);
        break;
      case 'uint16':
        view.setUint16(at, value, true);
        break;
      case 'int32':
        view.setInt32(at, value, true);
        break;
      case 'uint32':
        view.setUint32(at, value, true);
        break;
      case 'float32':
        view.setFloat32(at, value, true);
        break;
      default:
        view.setFloat64(at, value, true);
    }
  }
}
