/** Packed records (EPT `binary` and unpacked `zstandard`, Potree): little-endian, no padding. */

import type { Vec3 } from '../geometry/index.ts';
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
} from '../points/index.ts';
import { boundsOfExtents, tightBounds } from '../points/index.ts';

const LEAST = -(2 ** 31);
const MOST = 2 ** 31 - 1;

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
  const isUsual = fields.every(isInt32) && (layout.intensity?.size ?? 0) <= 4;
  // The columns of usual points lie in one buffer: one piece of memory to take and to give back.
  const memory = isUsual ? allocate(count * (3 * 4 + (layout.intensity?.size ?? 0))) : null;
  const axes =
    memory !== null
      ? int32Axes(view, count, layout, fields, memory)
      : fields.every(fitsInt32)
        ? integerAxes(view, count, layout, fields)
        : absoluteAxes(view, count, layout, fields);
  const intensity =
    layout.intensity && intensityChannel(view, count, layout.stride, layout.intensity, memory);
  const node = { count, ...axes, intensity };
  return wanted.length === 0 ? node : { ...node, dimensions: readDimensions(view, count, layout, wanted) };
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
 * The usual positions: three int32. One loop for all axes and their extents takes a third less time than
 * separate loops.
 */
function int32Axes(
  view: DataView,
  count: number,
  { stride }: RecordLayout,
  fields: AxisFields,
  memory: ArrayBuffer,
): DecodedAxes {
  const x = new Int32Array(memory, 0, count);
  const y = new Int32Array(memory, 4 * count, count);
  const z = new Int32Array(memory, 8 * count, count);
  const [{ at: atX }, { at: atY }, { at: atZ }] = fields;
  let [lowX, lowY, lowZ] = [MOST, MOST, MOST];
  let [highX, highY, highZ] = [LEAST, LEAST, LEAST];
  for (let i = 0, p = 0; i < count; i++, p += stride) {
    const rawX = view.getInt32(p + atX, true);
    const rawY = view.getInt32(p + atY, true);
    const rawZ = view.getInt32(p + atZ, true);
    x[i] = rawX;
    y[i] = rawY;
    z[i] = rawZ;
    if (rawX < lowX) lowX = rawX;
    if (rawX > highX) highX = rawX;
    if (rawY < lowY) lowY = rawY;
    if (rawY > highY) highY = rawY;
    if (rawZ < lowZ) lowZ = rawZ;
    if (rawZ > highZ) highZ = rawZ;
  }
  const [scale, offset] = [scaleOf(fields), offsetOf(fields)];
  const extents = [
    [lowX, highX],
    [lowY, highY],
    [lowZ, highZ],
  ] as const;
  return { x, y, z, scale, offset, bounds: count === 0 ? null : boundsOfExtents(extents, scale, offset) };
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

/** `memory`: its first 12 bytes a point are taken, the intensity comes behind them; null: anywhere. */
function intensityChannel(
  view: DataView,
  count: number,
  stride: number,
  field: RecordField,
  memory: ArrayBuffer | null,
): Channel {
  const raw = arrayFor(field, count, memory);
  readColumn(view, field, stride, raw);
  return { raw, scale: field.scale, offset: field.offset };
}

function isInt32({ type, size }: RecordField): boolean {
  return type === 'signed' && size === 4;
}

function fitsInt32({ type, size }: RecordField): boolean {
  return type === 'signed' ? size <= 4 : type === 'unsigned' && size <= 2;
}

/** The narrowest array that holds the field exactly. 64-bit integers beyond 2^53 are rounded to float64. */
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
