/**
 * A sequence of PandaSet: `lidar/NN.pkl.gz` in coordinates of the world, with `lidar/poses.json`. Clouds are
 * in the scanner's frame, +y ahead, as its devkit has it.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzip, isGzip, readPandasPickle } from '../../octree/pandas/index.ts';
import { inversePose, type Pose, transformBox, wrapAngle } from '../boxes/index.ts';
import { pandaSetCameras } from './cameras/index.ts';
import { badFile, isThere, jsonOf, namesIn } from './files.ts';
import type { DatasetFrame, DatasetObject } from './frame.ts';

const TABLE = /^(.+)\.pkl(\.gz)?$/;
const MAX_UNPACKED_BYTES = 2 ** 28;

export async function pandaSetFrames(folder: string): Promise<DatasetFrame[] | null> {
  const lidar = path.join(folder, 'lidar');
  const tables = (await namesIn(lidar)).filter((name) => TABLE.test(name));
  if (tables.length === 0) return null;
  const [poses, times] = await Promise.all(
    ['poses.json', 'timestamps.json'].map((name) => listOf(path.join(lidar, name), tables.length)),
  );
  const scene = path.basename(path.resolve(folder));
  const frames: DatasetFrame[] = [];
  for (const [index, table] of tables.entries()) {
    const pose = poseOf(poses?.[index]);
    if (poses !== null && pose === null)
      throw badFile(path.join(lidar, 'poses.json'), `pose ${index} is none`);
    const time = times?.[index];
    const cuboids = path.join(folder, 'annotations', 'cuboids', table);
    frames.push({
      id: TABLE.exec(table)![1]!,
      scene,
      file: path.join(lidar, table),
      ...(pose !== null && { transform: inversePose(pose) }),
      pose,
      timestamp: typeof time === 'number' ? time : null,
      // The scanner stands 1.5 m and more above the frame's origin; the data set does not say where.
      sensor: null,
      cameras: () => pandaSetCameras(folder, { stem: TABLE.exec(table)![1]!, index, pose, poseOf }),
      objects: (await isThere(cuboids)) ? () => readCuboids(cuboids, pose) : null,
    });
  }
  return frames;
}

/** A list with an entry for each frame; null if there is no such file. */
async function listOf(file: string, frames: number): Promise<unknown[] | null> {
  const list = await jsonOf(file);
  if (list === undefined) return null;
  if (!Array.isArray(list) || list.length < frames)
    throw badFile(file, `has ${Array.isArray(list) ? list.length : 'no'} entries for ${frames} frames`);
  return list;
}

function poseOf(value: unknown): Pose | null {
  const { position: p, heading: h } = (value ?? {}) as Record<string, Record<string, number> | undefined>;
  const numbers = [p?.x, p?.y, p?.z, h?.x, h?.y, h?.z, h?.w];
  if (!numbers.every((part) => Number.isFinite(part))) return null;
  const [x, y, z, qx, qy, qz, qw] = numbers as [number, number, number, number, number, number, number];
  return { position: [x, y, z], rotation: [qx, qy, qz, qw] };
}

async function readCuboids(file: string, pose: Pose | null): Promise<DatasetObject[]> {
  try {
    const bytes = new Uint8Array(await readFile(file));
    const { rows, columns } = readPandasPickle(
      isGzip(bytes) ? await gunzip(bytes, MAX_UNPACKED_BYTES) : bytes,
    );
    const toFrame = pose === null ? null : inversePose(pose);
    return Array.from({ length: rows }, (_, row) => {
      const value = (name: string) => columns.get(name)?.[row];
      const number = (name: string) => Number(value(name) ?? Number.NaN);
      const box = {
        center: [number('position.x'), number('position.y'), number('position.z')] as const,
        size: [number('dimensions.y'), number('dimensions.x'), number('dimensions.z')] as const,
        // A yaw of 0 looks along +y.
        yaw: wrapAngle(number('yaw') + Math.PI / 2),
      };
      if (![...box.center, box.yaw].every(Number.isFinite) || !box.size.every((length) => length > 0))
        throw new Error(`row ${row} has no valid position, dimensions and yaw`);
      const own = toFrame === null ? box : transformBox(toFrame, box);
      return { ...own, id: String(value('uuid') ?? row), class: String(value('label') ?? 'other') };
    });
  } catch (cause) {
    throw badFile(file, (cause as Error).message, cause);
  }
}
