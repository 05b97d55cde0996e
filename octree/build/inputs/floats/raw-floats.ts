/**
 * Little-endian float32 records without a header. KITTI velodyne `.bin`: x, y, z, intensity (development kit
 * readme, "velodyne_points"). nuScenes `.pcd.bin`: x, y, z, intensity, ring index. Other files have 3 to 10
 * values per point: the first three are x, y, z, the fourth is the intensity.
 */

import { type InputAttribute, knownDimensions } from '../dimensions/index.ts';
import { InputFile } from '../input-file.ts';
import { badInput, type PointInput } from '../point-input.ts';
import { type InputRecord, readRecords } from '../records/index.ts';
import { areNoFloats, betterStride, type FloatSample } from './float-stride.ts';
import { otherContent, SIGNATURE_BYTES } from './other-content.ts';

const FLOAT_BYTES = 4;
const STRETCH_FLOATS = 16_384;

const NAMES: Readonly<Record<number, string>> = {
  4: 'KITTI (x, y, z, intensity)',
  5: 'nuScenes (x, y, z, intensity, ring)',
};
/** The fifth value of a nuScenes point is the ring. */
function attributeOf(index: number): InputAttribute {
  const name = `value ${index + 1}`;
  return { name, type: 'float32', ...(index === 4 && { meaning: 'ring' }) };
}

export interface RawFloatOptions {
  /** Values per point, 3 or more. */
  readonly floats: number;
  /**
   * Whether the caller stated the number. If it only follows from the file name, it is compared with the
   * values.
   */
  readonly isStated: boolean;
}

/**
 * Throws `invalid_request` if the size is not a whole number of points, or if the values indicate another
 * number of floats.
 */
export function openRawFloats(path: string, { floats, isStated }: RawFloatOptions): Promise<PointInput> {
  return InputFile.use(path, async (file) => {
    const { size } = file;
    const other = otherContent(await file.read(0, Math.min(size, SIGNATURE_BYTES)));
    if (other !== null) throw badInput(path, other);
    const stride = floats * FLOAT_BYTES;
    const sample = await sampleFloats(file);
    if (size % stride !== 0) throw notWhole(path, size, floats, sample);
    if (!isStated) checkPlausible(path, sample, floats);
    const field = (index: number) => ({ at: index * FLOAT_BYTES, type: 'float32' as const });
    const hasIntensity = floats > 3;
    const others = Array.from({ length: Math.max(0, floats - 4) }, (_, index) => index + 4);
    const layout: InputRecord = {
      stride,
      littleEndian: true,
      x: field(0),
      y: field(1),
      z: field(2),
      intensity: hasIntensity ? field(3) : null,
      attributes: others.map(field),
    };
    const count = size / stride;
    return knownDimensions({
      path,
      count,
      intensity: hasIntensity ? 'float32' : null,
      attributes: others.map(attributeOf),
      batches: (options = {}) => readRecords(path, layout, { start: 0, count }, options),
    });
  });
}

function checkPlausible(path: string, sample: FloatSample, floats: number): void {
  if (areNoFloats(sample))
    throw badInput(
      path,
      'its values are not float32 coordinates: convert it, or give its layout with --format (f32:N for N floats per point)',
    );
  const better = betterStride(sample, floats);
  if (better === null) return;
  throw badInput(
    path,
    `read as ${NAMES[floats]} its axes would be mixed up; its values look like ${better} floats per point: use --format f32:${better}, or --format f32:${floats} if the name is right`,
  );
}

function notWhole(path: string, size: number, floats: number, sample: FloatSample): Error {
  const stride = floats * FLOAT_BYTES;
  const whole = Math.floor(size / stride);
  const better = betterStride(sample, floats);
  const advice =
    better === null
      ? 'the format is another (--format)'
      : `it has ${better} floats a point (--format f32:${better})`;
  return badInput(
    path,
    `${size} bytes are not a whole number of ${NAMES[floats] ?? `${floats}-float`} records of ${stride} bytes: the last, at byte ${whole * stride}, is cut off, or ${advice}`,
  );
}

/** Reads values from the beginning, the middle and the end of the file. */
async function sampleFloats(file: InputFile): Promise<FloatSample> {
  const total = Math.floor(file.size / FLOAT_BYTES);
  const stretches: { start: number; values: Float32Array }[] = [];
  const length = Math.min(STRETCH_FLOATS, total);
  const starts = new Set([0, Math.max(0, (total - length) >> 1), total - length]);
  for (const start of starts) {
    const bytes = await file.read(start * FLOAT_BYTES, length * FLOAT_BYTES);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const values = new Float32Array(length);
    for (let i = 0; i < length; i++) values[i] = view.getFloat32(i * FLOAT_BYTES, true);
    stretches.push({ start, values });
  }
  return { stretches, total };
}
