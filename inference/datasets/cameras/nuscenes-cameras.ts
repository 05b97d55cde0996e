/**
 * The cameras of nuScenes: images of the sample that a sweep belongs to, each with the vehicle's pose then.
 */
import { composePoses } from '../../../octree/build/index.ts';
import { inversePose, type Pose, type Vec2 } from '../../boxes/index.ts';
import { isThere, within } from '../files.ts';
import type { DatasetCamera } from '../frame.ts';

export interface CameraLens {
  readonly channel: string;
  readonly focal: Vec2;
  readonly centre: Vec2;
}

/** An image, and where the vehicle and the camera on it were. */
export interface TakenImage extends CameraLens {
  readonly ego: string;
  readonly mounting: Pose;
  readonly filename: string;
}

/** Of the rows of a `camera_intrinsic`; null if there is none. */
export function lensOf(channel: string, rows: unknown): CameraLens | null {
  const [[fx, , cx], [, fy, cy]] = [numbersOf(rows, 0), numbersOf(rows, 1)];
  if (fx === undefined || fy === undefined) return null;
  return { channel, focal: [fx, fy], centre: [cx!, cy!] };
}

function numbersOf(rows: unknown, row: number): number[] {
  const own: unknown = Array.isArray(rows) ? rows[row] : undefined;
  return Array.isArray(own) && own.length === 3 && own.every(Number.isFinite) ? (own as number[]) : [];
}

/** The cameras whose images are there. `pose` takes the cloud's coordinates to the world's. */
export async function nuScenesCameras(
  root: string,
  images: readonly TakenImage[],
  { pose, egos }: { readonly pose: Pose; readonly egos: ReadonlyMap<string, Pose> },
): Promise<DatasetCamera[]> {
  const toCloud = inversePose(pose);
  const found: DatasetCamera[] = [];
  for (const { channel, focal, centre, ego, mounting, filename } of images) {
    const file = within(root, filename);
    const vehicle = egos.get(ego);
    if (vehicle === undefined || !(await isThere(file))) continue;
    const toWorld = composePoses(vehicle, mounting);
    found.push({ name: channel, focal, centre, pose: composePoses(toCloud, toWorld) as Pose, file });
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}
