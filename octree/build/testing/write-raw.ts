/** Writes headerless float32 records, as KITTI and nuScenes have them. */
import type { TestPoint } from './points.ts';

export function kittiBytes(points: readonly TestPoint[]): Uint8Array {
  return floatBytes(points.flatMap(({ x, y, z, intensity }) => [x, y, z, intensity]));
}

export function nuscenesBytes(points: readonly TestPoint[]): Uint8Array {
  return floatBytes(points.flatMap(({ x, y, z, intensity }, index) => [x, y, z, intensity, index % 32]));
}

export function floatBytes(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) view.setFloat32(4 * index, value, true);
  return bytes;
}
