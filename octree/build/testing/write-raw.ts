/** Writes plain forms of points: float32 records as KITTI and nuScenes have them, arrays of numpy, text. */
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

/** A `.npy` file of N x 4 float32. */
export function npyBytes(points: readonly TestPoint[]): Uint8Array {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${points.length}, 4), }`.padEnd(117);
  const head = Buffer.from(`\x93NUMPY\x01\x00\x76\x00${header}\n`, 'latin1');
  return Buffer.concat([head, kittiBytes(points)]);
}

export function textBytes(points: readonly TestPoint[]): Uint8Array {
  return Buffer.from(points.map(({ x, y, z, intensity }) => `${x} ${y} ${z} ${intensity}\n`).join(''));
}
