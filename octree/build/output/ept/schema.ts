/** The stored dimensions of a built cloud, in order: X, Y, Z, Intensity if there is one, and the others. */
import { endianness } from 'node:os';
import type { EptJson } from '../../../formats/index.ts';
import type { IngestedPoints } from '../../ingest/index.ts';
import {
  type Attribute,
  type BuildColumns,
  INTENSITY_BYTES,
  type IntensityKind,
  NUMBER_BYTES,
} from '../../points/index.ts';
import type { BuildEncoding } from '../build-encoding.ts';
import { writeField } from '../write-field.ts';

const IS_LITTLE_ENDIAN = endianness() === 'LE';

type EptJsonDimension = EptJson['schema'][number] & {
  readonly count?: number;
  readonly minimum?: number;
  readonly maximum?: number;
};

/** Bytes of a point's record. */
export function recordBytes(intensity: IntensityKind | null, attributes: readonly Attribute[]): number {
  const own = attributes.reduce((sum, { type }) => sum + NUMBER_BYTES[type], 0);
  return 12 + (intensity === null ? 0 : INTENSITY_BYTES[intensity]) + own;
}

/** The `schema` of ept.json, with the range of each dimension, because viewers scale colours to it. */
export function eptSchema(
  { steps, extent, store, intensity, intensityRange, attributes }: IngestedPoints,
  encoding: BuildEncoding,
): EptJsonDimension[] {
  const { scale, offset } = steps;
  const axis = (name: string, index: 0 | 1 | 2): EptJsonDimension => ({
    name,
    type: 'signed',
    size: 4,
    scale,
    offset: offset[index],
    count: store.count,
    minimum: extent.min[index] * scale + offset[index],
    maximum: extent.max[index] * scale + offset[index],
  });
  const dimensions = [axis('X', 0), axis('Y', 1), axis('Z', 2)];
  // The files of `laszip` have the field of an intensity in any case.
  if (encoding === 'laszip')
    return [...dimensions, { name: 'Intensity', type: 'unsigned', size: 2 }, ...otherDimensions(attributes)];
  if (intensity !== null) {
    dimensions.push({
      name: 'Intensity',
      type: intensity === 'uint16' ? 'unsigned' : 'float',
      size: INTENSITY_BYTES[intensity],
      count: store.count,
      minimum: intensityRange[0],
      maximum: intensityRange[1],
    });
  }
  return [...dimensions, ...otherDimensions(attributes)];
}

function otherDimensions(attributes: readonly Attribute[]): EptJson['schema'][number][] {
  return attributes.map(({ name, type }) => ({
    name,
    type:
      type.startsWith('float') || type.endsWith('64')
        ? 'float'
        : type.startsWith('u')
          ? 'unsigned'
          : 'signed',
    size: NUMBER_BYTES[type] as 1 | 2 | 4 | 8,
  }));
}

/**
 * The points of a node as packed little-endian records in schema order. `into`: memory for them, which they
 * fill; default: new memory.
 */
export function encodeRecords(
  columns: BuildColumns,
  points: Uint32Array,
  attributes: readonly Attribute[] = [],
  into?: Uint8Array,
): Uint8Array {
  const { x, y, z, intensity } = columns;
  const kind = intensity === null ? null : intensityKindOf(intensity);
  const stride = recordBytes(kind, attributes);
  const bytes = into ?? new Uint8Array(points.length * stride);
  if (intensity instanceof Float32Array && IS_LITTLE_ENDIAN && attributes.length === 0) {
    const words = [bytes.buffer, bytes.byteOffset, 4 * points.length] as const;
    packWords(columns, intensity, points, new Int32Array(...words), new Float32Array(...words));
    return bytes;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0, at = 0; i < points.length; i++, at += stride) {
    const point = points[i]!;
    view.setInt32(at, x[point]!, true);
    view.setInt32(at + 4, y[point]!, true);
    view.setInt32(at + 8, z[point]!, true);
    if (intensity === null) continue;
    const value = intensity[point]!;
    if (kind === 'uint16') view.setUint16(at + 12, value, true);
    else if (kind === 'float32') view.setFloat32(at + 12, value, true);
    else view.setFloat64(at + 12, value, true);
  }
  let next = recordBytes(kind, []);
  for (const [column, { type }] of attributes.entries()) {
    writeField(view, { at: next, type, stride }, columns.attributes[column]!, points);
    next += NUMBER_BYTES[type];
  }
  return bytes;
}

/**
 * The most frequent records have four numbers of four bytes, which little-endian machines store as they are.
 */
function packWords(
  { x, y, z }: BuildColumns,
  intensity: Float32Array,
  points: Uint32Array,
  integers: Int32Array,
  floats: Float32Array,
): void {
  for (let i = 0, at = 0; i < points.length; i++, at += 4) {
    const point = points[i]!;
    integers[at] = x[point]!;
    integers[at + 1] = y[point]!;
    integers[at + 2] = z[point]!;
    floats[at + 3] = intensity[point]!;
  }
}

function intensityKindOf(column: NonNullable<BuildColumns['intensity']>): IntensityKind {
  if (column instanceof Uint16Array) return 'uint16';
  return column instanceof Float32Array ? 'float32' : 'float64';
}
