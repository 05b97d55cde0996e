/**
 * Nodes of Potree 2 in the BROTLI encoding: one brotli stream that holds one plane per attribute.
 * Source: PotreeConverter 2.1 (indexer.cpp, `compressBrotli`) and the Potree viewer (DecoderWorker_brotli).
 */
import { brotliDecompressSync } from 'node:zlib';
import type { Vec3 } from '../geometry/index.ts';
import type { Channel, DecodedNode, Dimension, Dimensions } from '../points/index.ts';
import { tightBounds } from '../points/index.ts';
import { unmix24 } from './morton.ts';

/** Layout of the planes of a cloud. Plain data, passed between threads. */
export interface PlaneLayout {
  /** Bytes of one point in all planes together. */
  readonly stride: number;
  /** Bytes per point in the planes before the position plane. */
  readonly positionAt: number;
  /** The same for the planes of further dimensions. */
  readonly dimensionsAt?: Readonly<Partial<Record<Dimension, number>>>;
  readonly scale: Vec3;
  readonly offset: Vec3;
  /** The same for the intensity, a plane of uint16; null if there is none. */
  readonly intensity: { readonly at: number; readonly scale: number; readonly offset: number } | null;
}

/** Two Morton codes of 48 bits, stored in 64 each: the upper 16 bits of each axis, then the lower 16. */
const POSITION_PLANE_BYTES = 16;
/** Smallest chunk size that zlib accepts. */
const LEAST_CHUNK_BYTES = 64;
/** Three colours of 16 bits, as one Morton code in 64 bits. */
const RGB_PLANE_BYTES = 8;

/**
 * The converter subtracts a "minimum" from each coordinate, but keeps it in an int32 that overflowed to -1
 * (2.0.2 to 2.1.1). So stored coordinates are one step too high; the Potree viewer does not correct this.
 */
const WRITER_BIAS = 1;

/** Bytes per point in the plane of an attribute. */
export function planeBytes(name: string, size: number): number {
  if (name === 'position') return POSITION_PLANE_BYTES;
  return name === 'rgb' ? RGB_PLANE_BYTES : size;
}

/** Decodes a node of exactly `count` points. Throws an Error that says what is wrong. */
export function decodePlanes(
  bytes: Uint8Array,
  count: number,
  layout: PlaneLayout,
  wanted: readonly Dimension[] = [],
): DecodedNode {
  const planes = unpack(bytes, count * layout.stride);
  const view = new DataView(planes.buffer, planes.byteOffset, planes.byteLength);
  const { scale, offset } = layout;
  const axes = readPositions(view, count * layout.positionAt, count);
  const bounds = tightBounds(axes.x, axes.y, axes.z, scale, offset);
  const node = { count, ...axes, scale, offset, bounds, intensity: readIntensity(view, count, layout) };
  return wanted.length === 0 ? node : { ...node, dimensions: readDimensions(view, count, layout, wanted) };
}

function readDimensions(
  view: DataView,
  count: number,
  { dimensionsAt = {} }: PlaneLayout,
  wanted: readonly Dimension[],
): Dimensions {
  const found: Partial<Record<Dimension, Channel>> = {};
  for (const name of wanted) {
    const at = dimensionsAt[name];
    if (at === undefined) continue;
    const raw =
      name === 'colour'
        ? readColours(view, count * at, count)
        : new Uint8Array(view.buffer, view.byteOffset + count * at, count).slice();
    found[name] = { raw, scale: 1, offset: 0 };
  }
  return found;
}

function readColours(view: DataView, from: number, count: number): Uint16Array<ArrayBuffer> {
  const colours = new Uint16Array(3 * count);
  for (let i = 0, at = from; i < count; i++, at += RGB_PLANE_BYTES) {
    const lower = view.getUint32(at, true);
    const low = unmix24(lower);
    const high = unmix24((lower >>> 24) | (view.getUint32(at + 4, true) << 8));
    for (let k = 0; k < 3; k++)
      colours[3 * i + k] = ((low >>> (8 * k)) & 255) | (((high >>> (8 * k)) & 255) << 8);
  }
  return colours;
}

/** Result of a decompression with `info: true`, which the type declarations lack. */
interface Unpacked {
  readonly buffer: Uint8Array;
  /** `bytesWritten`: number of stored bytes that were consumed. */
  readonly engine: { readonly bytesWritten: number };
}

function unpack(bytes: Uint8Array, expected: number): Uint8Array {
  const { buffer: planes, engine } = brotli(bytes, expected);
  if (planes.byteLength !== expected) {
    throw new Error(`brotli content has ${planes.byteLength} bytes instead of ${expected}`);
  }
  if (engine.bytesWritten !== bytes.byteLength) {
    throw new Error(
      `the brotli stream ends ${bytes.byteLength - engine.bytesWritten} bytes before the node does`,
    );
  }
  return planes;
}

function brotli(bytes: Uint8Array, expected: number): Unpacked {
  try {
    // A single chunk for the whole output: with several, joining them would need the memory twice.
    const chunkSize = Math.max(LEAST_CHUNK_BYTES, expected + 1);
    const options: object = { maxOutputLength: Math.max(1, expected), chunkSize, info: true };
    return brotliDecompressSync(bytes, options) as unknown as Unpacked;
  } catch (cause) {
    const tooLong = (cause as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
    throw new Error(
      tooLong ? `brotli content has more than ${expected} bytes` : 'the brotli stream is damaged',
      { cause },
    );
  }
}

function readPositions(view: DataView, from: number, count: number): Pick<DecodedNode, 'x' | 'y' | 'z'> {
  const x = new Int32Array(count);
  const y = new Int32Array(count);
  const z = new Int32Array(count);
  for (let i = 0, at = from; i < count; i++, at += POSITION_PLANE_BYTES) {
    const upper = view.getUint32(at, true);
    const lower = view.getUint32(at + 8, true);
    // Bits 24-31, 16-23, 8-15 and 0-7 of x, y and z.
    const a = unmix24((upper >>> 24) | (view.getUint32(at + 4, true) << 8));
    const b = unmix24(upper);
    const c = unmix24((lower >>> 24) | (view.getUint32(at + 12, true) << 8));
    const d = unmix24(lower);
    x[i] = (((a & 255) << 24) | ((b & 255) << 16) | ((c & 255) << 8) | (d & 255)) - WRITER_BIAS;
    y[i] =
      ((((a >>> 8) & 255) << 24) | (((b >>> 8) & 255) << 16) | (c & 0xff00) | ((d >>> 8) & 255)) -
      WRITER_BIAS;
    z[i] =
      ((((a >>> 16) & 255) << 24) | (b & 0xff0000) | ((c >>> 8) & 0xff00) | ((d >>> 16) & 255)) - WRITER_BIAS;
  }
  return { x, y, z };
}

function readIntensity(view: DataView, count: number, { intensity }: PlaneLayout): Channel | null {
  if (intensity === null) return null;
  const raw = new Uint16Array(count);
  for (let i = 0, at = count * intensity.at; i < count; i++, at += 2) raw[i] = view.getUint16(at, true);
  return { raw, scale: intensity.scale, offset: intensity.offset };
}
