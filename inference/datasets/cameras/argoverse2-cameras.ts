/**
 * The cameras of an Argoverse 2 log: `sensors/cameras/NAME/TIMESTAMP.jpg`, `calibration/intrinsics.feather`
 * (pinhole cameras: av2-api projects without the coefficients k1 to k3), and the place of each camera on the
 * vehicle.
 */
import path from 'node:path';
import { composePoses } from '../../../octree/build/index.ts';
import { inversePose, type Pose, type Vec2 } from '../../boxes/index.ts';
import { namesIn, stemsIn } from '../files.ts';
import type { DatasetCamera } from '../frame.ts';

/**
 * An image is of a sweep if it was taken so soon before or after it, nanoseconds: half a turn of the scanner.
 */
const MOST_APART = 50_000_000n;

export interface Argoverse2Lens {
  readonly focal: Vec2;
  readonly centre: Vec2;
  /** Pixels. */
  readonly size: Vec2;
}

interface Argoverse2Rig {
  /** By the name of a camera. */
  readonly lenses: ReadonlyMap<string, Argoverse2Lens>;
  /** Take a sensor's coordinates to the vehicle's, by the name of the sensor. */
  readonly mountings: ReadonlyMap<string, Pose>;
  /** Take the vehicle's coordinates to the city's, by the time in nanoseconds. */
  readonly poses: ReadonlyMap<string, Pose>;
}

/** The images of a log: the times of each camera's, in their order. */
export async function argoverse2Images(log: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const root = path.join(log, 'sensors', 'cameras');
  const names = await namesIn(root);
  const times = await Promise.all(names.map((name) => stemsIn(path.join(root, name), '.jpg')));
  return new Map(names.map((name, index) => [name, times[index]!]));
}

/**
 * Of each camera the image that is next to the sweep. The vehicle has moved on between the two: where the
 * city poses of both are known, the camera's place is that of its image.
 * @param time of the sweep, nanoseconds
 */
export function argoverse2Cameras(
  log: string,
  time: string,
  images: ReadonlyMap<string, readonly string[]>,
  { lenses, mountings, poses }: Argoverse2Rig,
): DatasetCamera[] {
  const sweep = poses.get(time);
  return [...images].flatMap(([name, times]) => {
    const [lens, mounting, taken] = [lenses.get(name), mountings.get(name), nextTo(time, times)];
    if (lens === undefined || mounting === undefined || taken === null) return [];
    const vehicle = poses.get(taken);
    const moved =
      sweep === undefined || vehicle === undefined ? null : composePoses(inversePose(sweep), vehicle);
    const pose = moved === null ? mounting : (composePoses(moved as Pose, mounting) as Pose);
    return [{ name, ...lens, pose, file: path.join(log, 'sensors', 'cameras', name, `${taken}.jpg`) }];
  });
}

function nextTo(time: string, times: readonly string[]): string | null {
  const wanted = nanoseconds(time);
  if (wanted === null) return null;
  let found: string | null = null;
  let least = MOST_APART;
  for (const one of times) {
    const at = nanoseconds(one);
    if (at === null) continue;
    const apart = at > wanted ? at - wanted : wanted - at;
    if (apart > least) continue;
    least = apart;
    found = one;
  }
  return found;
}

function nanoseconds(time: string): bigint | null {
  return /^\d+$/.test(time) ? BigInt(time) : null;
}
