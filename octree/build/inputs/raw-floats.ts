/**
 * Headerless little-endian float32 records.
 * KITTI velodyne `.bin`: x, y, z, intensity (development kit readme, "velodyne_points"). nuScenes `.pcd.bin`: x, y, z, intensity, ring index.
 */
import { InputFile } from './input-file.ts';
import { badInput, type PointInput } from './point-input.ts';
import { type RecordLayout, readRecords } from './records.ts';

const FLOAT_BYTES = 4;

async function open(path: string, floats: number, content: string): Promise<PointInput> {
  const stride = floats * FLOAT_BYTES;
  const { size } = await InputFile.use(path, async (file) => file);
  if (size % stride !== 0) {
    const whole = Math.floor(size / stride);
    throw badInput(
      path,
      `${size} bytes are no whole number of ${content} records of ${stride} bytes: the last, at byte ${whole * stride}, is cut off, or the format is another (--format)`,
    );
  }
  const field = (index: number) => ({ at: index * FLOAT_BYTES, type: 'float32' as const });
  const layout: RecordLayout = {
    stride,
    littleEndian: true,
    x: field(0),
    y: field(1),
    z: field(2),
    intensity: field(3),
  };
  const count = size / stride;
  return {
    path,
    count,
    intensity: 'float32',
    batches: (signal) => readRecords(path, layout, { start: 0, count }, signal),
  };
}

export function openKitti(path: string): Promise<PointInput> {
  return open(path, 4, 'KITTI (x, y, z, intensity)');
}

export function openNuscenes(path: string): Promise<PointInput> {
  return open(path, 5, 'nuScenes (x, y, z, intensity, ring)');
}
