/** Small clouds for tests: a flat ground with a car on it, built by the real builder. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { buildClouds } from '../../octree/build/index.ts';

/** Where the car of `streetPoints` stands. */
export const CAR = { center: [10, 4, -0.95], size: [4.2, 1.8, 1.5], yaw: 0.3 } as const;

const GROUND = -1.7;
/** The scanner's rings and columns: degrees of elevation and azimuth. */
const RINGS = { from: -24, to: 2, step: 0.4 };
const COLUMN_DEGREES = 0.2;
const RANGE = 40;

/**
 * Of the car in its own frame: upright walls at v, or sloping planes, as [u0, z0, u1, z1] profiles swept over
 * a width.
 */
const BODY_WIDTH = 1.8;
const PROFILE = [
  [-2.1, 0.25, -2.1, 0.8],
  [-2.1, 0.8, -1.4, 0.95],
  [-1.4, 0.95, -0.9, 1.45],
  [-0.9, 1.45, 0.5, 1.5],
  [0.5, 1.5, 1.1, 0.95],
  [1.1, 0.95, 2.1, 0.75],
  [2.1, 0.75, 2.1, 0.25],
] as const;

/**
 * A scan from 0, 0, 0 of a flat ground and a car, as a spinning scanner sees it. KITTI form: x, y, z,
 * intensity.
 */
export function streetPoints(columnDegrees = COLUMN_DEGREES): Float32Array {
  const points: number[] = [];
  for (let elevation = RINGS.from; elevation <= RINGS.to; elevation += RINGS.step)
    for (let azimuth = 0; azimuth < 360; azimuth += columnDegrees) {
      const [e, a] = [(elevation * Math.PI) / 180, (azimuth * Math.PI) / 180];
      const ray = [Math.cos(e) * Math.cos(a), Math.cos(e) * Math.sin(a), Math.sin(e)] as const;
      const car = distanceToCar(ray);
      const ground = ray[2] < 0 ? GROUND / ray[2] : Number.POSITIVE_INFINITY;
      const range = Math.min(car, ground);
      if (range < RANGE)
        points.push(ray[0] * range, ray[1] * range, ray[2] * range, range === car ? 0.6 : 0.2);
    }
  return Float32Array.from(points);
}

/**
 * How far a ray from the origin goes until it meets the car: its two sides, and the profile swept from one to
 * the other.
 */
function distanceToCar(ray: readonly [number, number, number]): number {
  const { center, yaw } = CAR;
  const [c, s] = [Math.cos(yaw), Math.sin(yaw)];
  // The ray in the car's frame: along its length, across it, and up from the ground.
  const [ou, ov] = [-center[0] * c - center[1] * s, center[0] * s - center[1] * c];
  const [du, dv] = [ray[0] * c + ray[1] * s, ray[1] * c - ray[0] * s];
  const [oz, dz] = [-GROUND, ray[2]];
  let nearest = Number.POSITIVE_INFINITY;
  const meet = (t: number, hits: boolean) => {
    if (hits && t > 0.5 && t < nearest) nearest = t;
  };
  for (const v of [-BODY_WIDTH / 2, BODY_WIDTH / 2]) {
    const t = (v - ov) / dv;
    meet(t, isInProfile(ou + t * du, oz + t * dz));
  }
  for (const [u0, z0, u1, z1] of PROFILE) {
    const [nu, nz] = [z0 - z1, u1 - u0];
    const t = (nu * (u0 - ou) + nz * (z0 - oz)) / (nu * du + nz * dz);
    const along =
      ((ou + t * du - u0) * (u1 - u0) + (oz + t * dz - z0) * (z1 - z0)) / ((u1 - u0) ** 2 + (z1 - z0) ** 2);
    meet(t, along >= 0 && along <= 1 && Math.abs(ov + t * dv) <= BODY_WIDTH / 2);
  }
  return nearest;
}

function isInProfile(u: number, z: number): boolean {
  if (z < 0.25) return false;
  return PROFILE.some(
    ([u0, z0, u1, z1]) => u0 !== u1 && u >= u0 && u <= u1 && z <= z0 + ((u - u0) / (u1 - u0)) * (z1 - z0),
  );
}

/** A temporary folder with the cloud `street` in it; `remove` takes it away. */
export async function streetCloud(): Promise<{ root: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-test-'));
  const input = path.join(folder, 'street.bin');
  await writeFile(input, new Uint8Array(streetPoints().buffer));
  const root = path.join(folder, 'clouds');
  await mkdir(root);
  // An octree, as large clouds are.
  await buildClouds([input], root, { encoding: 'binary', maxNodePoints: 16_384 });
  return { root, remove: () => rm(folder, { recursive: true, force: true }) };
}
export { clicker, demoFiles, demoPlaces, tallyTiles, tilesRead } from './demo.ts';
