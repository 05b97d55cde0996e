/** The cameras of PandaSet: `camera/NAME/NN.jpg`, with `intrinsics.json` and `poses.json` of the world. */
import path from 'node:path';
import { composePoses } from '../../../octree/build/index.ts';
import { inversePose, type Pose } from '../../boxes/index.ts';
import { badFile, jsonOf, namesIn } from '../files.ts';
import type { DatasetCamera } from '../frame.ts';
import { imageIn } from './images.ts';

/**
 * The cameras that have an image of a frame.
 * @param pose takes the cloud's coordinates to the world's; null: they are the world's
 * @param poseOf reads a pose of PandaSet's files; null: it is none
 */
export async function pandaSetCameras(
  folder: string,
  {
    stem,
    index,
    pose,
    poseOf,
  }: {
    readonly stem: string;
    readonly index: number;
    readonly pose: Pose | null;
    readonly poseOf: (value: unknown) => Pose | null;
  },
): Promise<DatasetCamera[]> {
  const root = path.join(folder, 'camera');
  const found: DatasetCamera[] = [];
  for (const name of await namesIn(root)) {
    const file = await imageIn(path.join(root, name), stem);
    if (file === null) continue;
    const intrinsics = path.join(root, name, 'intrinsics.json');
    const poses = path.join(root, name, 'poses.json');
    const { fx, fy, cx, cy } = ((await jsonOf(intrinsics)) ?? {}) as Record<string, number>;
    if (![fx, fy, cx, cy].every(Number.isFinite)) throw badFile(intrinsics, 'has no fx, fy, cx, cy');
    const list = await jsonOf(poses);
    const toWorld = Array.isArray(list) ? poseOf(list[index]) : null;
    if (toWorld === null) throw badFile(poses, `pose ${index} is none`);
    found.push({
      name,
      focal: [fx!, fy!],
      centre: [cx!, cy!],
      pose: pose === null ? toWorld : (composePoses(inversePose(pose), toWorld) as Pose),
      file,
    });
  }
  return found;
}
