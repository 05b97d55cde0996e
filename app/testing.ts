/** Small clouds for tests: a flat ground with a car-sized block on it, built by the real builder. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { buildClouds } from '../octree/build/index.ts';

/** Where the block of `streetPoints` stands. */
export const BLOCK = { center: [10, 4, -0.95], size: [4.2, 1.8, 1.5], yaw: 0.3 } as const;

/** Ground at z = -1.7 within 25 m, seen ring by ring from the origin, and the sides of the block that the origin sees. Kitti form: x, y, z, intensity. */
export function streetPoints(): Float32Array {
  const points: number[] = [];
  const { center, size, yaw } = BLOCK;
  const [c, s] = [Math.cos(yaw), Math.sin(yaw)];
  for (let range = 3; range < 25; range += 0.4)
    for (let k = 0; k < 360; k++) {
      const angle = (k * Math.PI) / 180;
      const [x, y] = [range * Math.cos(angle), range * Math.sin(angle)];
      const [u, v] = [(x - center[0]) * c + (y - center[1]) * s, (y - center[1]) * c - (x - center[0]) * s];
      if (Math.abs(u) > size[0] / 2 || Math.abs(v) > size[1] / 2) points.push(x, y, -1.7, 0.2);
    }
  const side = (u: number, v: number, z: number) =>
    points.push(center[0] + u * c - v * s, center[1] + u * s + v * c, z, 0.6);
  for (let z = -1.5; z < -0.2; z += 0.12) {
    for (let u = -size[0] / 2; u <= size[0] / 2; u += 0.08) side(u, -size[1] / 2, z);
    for (let v = -size[1] / 2; v <= size[1] / 2; v += 0.08) side(-size[0] / 2, v, z);
  }
  return Float32Array.from(points);
}

/** A temporary folder with the cloud `street` in it; `remove` takes it away. */
export async function streetCloud(): Promise<{ root: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-test-'));
  const input = path.join(folder, 'street.bin');
  await writeFile(input, new Uint8Array(streetPoints().buffer));
  const root = path.join(folder, 'clouds');
  await mkdir(root);
  await buildClouds([input], root, { encoding: 'binary' });
  return { root, remove: () => rm(folder, { recursive: true, force: true }) };
}
