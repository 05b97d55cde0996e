/** Packed records (EPT `binary` and unpacked `zstandard`, Potree): little-endian, no padding. */

import type { Vec3 } from '../../geometry/index.ts';
import type {
  AllocatePoints,
  AxisArray,
  Channel,
  DecodedNode,
  Dimension,
  Dimensions,
  NumberArray,
  RecordField,
  RecordLayout,
} from '../../points/index.ts';
import { boundsOfExtents, tightBounds } from '../../points/index.ts';
import { RecordSplitter } from './record-splitter.ts';

const newMemory: AllocatePoints = (bytes) => new ArrayBuffer(bytes);

/**
 * Decodes `count` records. Throws an Error that says what is wrong.
 * @param allocate memory for the usual points: three int32 axes and an intensity of at most four bytes
 */
export function decodeRecords(
  bytes: Uint8Array,
  count: number,
  layout: RecordLayout,
  wanted: readonly Dimension[] = [],
  allocate: AllocatePoints = newMemory,
): DecodedNode {
  if (bytes.byteLength !== count * layout.stride) {
    throw new Error(`${bytes.byteLength} bytes are not ${count} points of ${layout.stride}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fields = [layout.x, layout.y, layout.z] as const;
  const intensityBytes = layout.intensity?.size ?? 0;
  const isUsual = fields.every(isInt32) && intensityBytes <= 4 && RecordSplitter.shared.takes(layout.stride);
  const node = isUsual
    ? usualColumns(bytes, count, layout, fields, allocate(count * (3 * 4 + intensityBytes)))
    : {
        ...(fields.every(fitsInt32)
          ? integerAxes(view, count, layout, fields)
          : absoluteAxes(view, count, layout, fields)),
        intensity: layout.intensity && intensityChannel(view, count, layout.stride, layout.intensity),
      };
  const decoded = { count, ...node };
  return wanted.length === 0
    ? decoded
    : { ...decoded, dimensions: readDimensions(view, count, layout, wanted) };
}

function readDimensions(
  view: DataView,
  count: number,
  { stride, dimensions = {} }: RecordLayout,
  wanted: readonly Dimension[],
): Dimensions {
  const found: Partial<Record<Dimension, Channel>> = {};
  for (const name of wanted) {
    const fields = dimensions[name];
    if (fields === undefined) continue;
    const [{ scale, offset, mask }] = fields as readonly [RecordField];
    const columns = fields.map((field) => {
      const raw = arrayFor(field, count);
      readColumn(view, field, stride, raw);
      return raw;
    });
    const raw = columns.length === 1 ? columns[0]! : interleaved(columns);
    if (mask !== undefined) for (let i = 0; i < raw.length; i++) raw[i] = raw[i]! & mask;
    found[name] = { raw, scale, offset };
  }
  return found;
}

function interleaved(columns: readonly NumberArray[]): NumberArray {
  const all = new Uint16Array(columns.length * columns[0]!.length);
  for (const [k, column] of columns.entries())
    for (let i = 0, to = k; i < column.length; i++, to += columns.length) all[to] = column[i]!;
  return all;
}

type DecodedAxes = Pick<DecodedNode, 'x' | 'y' | 'z' | 'scale' | 'offset' | 'bounds'>;
type AxisFields = readonly [RecordField, RecordField, RecordField];

/**
 * The usual records: three int32 and an intensity of at most four bytes, in columns that share one buffer.
 */
function usualColumns(
  bytes: Uint8Array,
  count: number,
  { stride, intensity }: RecordLayout,
  fields: AxisFields,
  memory: ArrayBuffer,
): DecodedAxes & Pick<DecodedNode, 'intensity'> {
  const column = (axis: number) => new Int32Array(memory, 4 * axis * count, count);
  const [x, y, z] = [column(0), column(1), column(2)] as const;
  const [scale, offset] = [scaleOf(fields), offsetOf(fields)];
  const found = { x, y, z, scale, offset };
  const channel = intensity && {
    raw: arrayFor(intensity, count, memory),
    scale: intensity.scale,
    offset: intensity.offset,
  };
  if (count === 0) return { ...found, bounds: null, intensity: channel };
  const extents = RecordSplitter.shared.split(
    bytes,
    count,
    stride,
    [
      { at: fields[0].at, into: x },
      { at: fields[1].at, into: y },
      { at: fields[2].at, into: z },
    ],
    intensity && {
      at: intensity.at,
      size: intensity.size as 1 | 2 | 4,
      into: new Uint8Array(memory, 12 * count, intensity.size * count),
    },
  );
  return { ...found, bounds: boundsOfExtents(extents, scale, offset), intensity: channel };
}

const scaleOf = ([x, y, z]: AxisFields): Vec3 => [x.scale, y.scale, z.scale];
const offsetOf = ([x, y, z]: AxisFields): Vec3 => [x.offset, y.offset, z.offset];

function integerAxes(
  view: DataView,
  count: number,
  { stride }: RecordLayout,
  fields: AxisFields,
): DecodedAxes {
  const column = (field: RecordField): AxisArray => {
    const raw = new Int32Array(count);
    readColumn(view, field, stride, raw);
    return raw;
  };
  return bounded(
    [column(fields[0]), column(fields[1]), column(fields[2])],
    scaleOf(fields),
    offsetOf(fields),
  );
}

function bounded(
  [x, y, z]: readonly [AxisArray, AxisArray, AxisArray],
  scale: Vec3,
  offset: Vec3,
): DecodedAxes {
  return { x, y, z, scale, offset, bounds: tightBounds(x, y, z, scale, offset) };
}

function absoluteAxes(
  view: DataView,
  count: number,
  { stride }: RecordLayout,
  fields: AxisFields,
): DecodedAxes {
  const column = (field: RecordField): AxisArray => {
    const values = new Float64Array(count);
    readColumn(view, field, stride, values);
    const { scale, offset } = field;
    if (scale !== 1 || offset !== 0) for (let i = 0; i < count; i++) values[i] = values[i]! * scale + offset;
    return values;
  };
  return bounded([column(fields[0]), column(fields[1]), column(fields[2])], [1, 1, 1], [0, 0, 0]);
}

function intensityChannel(view: DataView, count: number, stride: number, field: RecordField): Channel {
  const raw = arrayFor(field, count);
  readColumn(view, field, stride, raw);
  return { raw, scale: field.scale, offset: field.offset };
}

function isInt32({ type, size }: RecordField): boolean {
  return type === 'signed' && size === 4;
}

function fitsInt32({ type, size }: RecordField): boolean {
  return type === 'signed' ? size <= 4 : type === 'unsigned' && size <= 2;
}

/**
 * The narrowest array that holds the field exactly. 64-bit integers beyond 2^53 are rounded to float64.
 * @param memory its first 12 bytes a point are taken; null: a buffer of its own
 */
function arrayFor(
  { type, size }: RecordField,
  count: number,
  memory: ArrayBuffer | null = null,
): NumberArray {
  if (size === 8) return new Float64Array(count);
  const [buffer, at] = memory === null ? [new ArrayBuffer(count * size), 0] : [memory, 12 * count];
  if (type === 'float') return new Float32Array(buffer, at, count);
  if (type === 'signed') {
    if (size === 1) return new Int8Array(buffer, at, count);
    return size === 2 ? new Int16Array(buffer, at, count) : new Int32Array(buffer, at, count);
  }
  if (size === 1) return new Uint8Array(buffer, at, count);
  return size === 2 ? new Uint16Array(buffer, at, count) : new Uint32Array(buffer, at, count);
}

/** A separate loop for each type, because generic loops are slow. */
function readColumn(view: DataView, { at, type, size }: RecordField, stride: number, out: NumberArray): void {
  const count = out.length;
  switch (`${type}${size}`) {
    case 'signed1':
      for (let i = 0, p = at; i < count; i++, p += stride) out[i] = view.getInt8(p);
      break;
    case 'signed2':
      for (let i = 0, p = at; i < count; i++, p += stride) out[i] = view.getInt16(p, true);
      break;
    case 'signed4':
      for (let i = 0, p = at; i < count; i++, p += stride) out[i] = view.getInt32(p, true);
      break;
    case 'signed8':
      for (let i = 0, p = at; i < count; i++, p += stride) out[i] = Number(view.getBigInt64(p, true));
      break;
    case 'unsigned1':
      for (let i = 0, p = at; i < count; i++, p += stride) out[i] = view.getUint8(p);
      break;
    case 'unsigned2':
      for (let i = 0, p = at; i < count; i++, p += stride) out[i] = view.getUint16(p, true);
      break;
    case 'unsigned4':
      for (let i = 0, p = at; i < count; i++, p += stride) out[i] = view.getUint32(p, true);
      break;
    case 'unsigned8':
      for (let i = 0, p = at; i < count; i++, p += stride) out[i] = Number(view.getBigUint64(p, true));
      break;
    case 'float4':
      for (let i = 0, p = at; i < count; i++, p += stride) out[i] = view.getFloat32(p, true);
      break;
    case 'float8':
      for (let i = 0, p = at; i < count; i++, p += stride) out[i] = view.getFloat64(p, true);
      break;
    default:
      throw new Error(`no such field type: ${type} of ${size} bytes`);
  }
}
