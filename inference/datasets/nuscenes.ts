/**
 * nuScenes, and data sets of its form (Lyft): tables of JSON in `v1.0-*`, sweeps in `samples/LIDAR_TOP` and
 * `sweeps/LIDAR_TOP`. The tables are read row by row: the largest of them are longer than a string can be.
 */
import path from 'node:path';
import { composePoses } from '../../octree/build/index.ts';
import { inversePose, type Pose, quaternionYaw, transformBox } from '../boxes/index.ts';
import { type CameraLens, lensOf, nuScenesCameras, type TakenImage } from './cameras/index.ts';
import { badFile, isThere, namesIn, rowsOf, within } from './files.ts';
import type { DatasetFrame, DatasetObject } from './frame.ts';

const CHANNEL = 'LIDAR_TOP';
const MICROSECONDS = 1e6;

export async function nuScenesFrames(folder: string): Promise<DatasetFrame[] | null> {
  const found = await tablesIn(folder);
  if (found === null) return null;
  const { root, tables } = found;
  const table = (name: string) => path.join(tables, `${name}.json`);
  const mountings = await readMountings(table);
  const sweeps: Sweep[] = [];
  const images = new Map<string, TakenImage[]>();
  for await (const row of rowsOf(table('sample_data'))) {
    const mounting = mountings.get(String(row.calibrated_sensor_token));
    if (mounting === undefined) continue;
    const sweep = sweepOf(row, mounting.pose, table('sample_data'));
    if (mounting.lens === null) sweeps.push(sweep);
    else if (sweep.isKeyFrame)
      images.set(sweep.sample, [...(images.get(sweep.sample) ?? []), { ...sweep, ...mounting.lens }]);
  }
  const wanted = new Set([...sweeps, ...[...images.values()].flat()].map(({ ego }) => ego));
  const egos = new Map<string, Pose>();
  for await (const row of rowsOf(table('ego_pose')))
    if (wanted.has(String(row.token))) egos.set(String(row.token), poseOf(row, table('ego_pose')));
  const scenes = await readScenes(table);
  const hasLabels = await isThere(table('sample_annotation'));
  let read: Promise<Map<string, DatasetObject[]>> | undefined;
  const labels = async (sample: string, pose: Pose): Promise<DatasetObject[]> => {
    read ??= readAnnotations(table);
    const toFrame = inversePose(pose);
    return ((await read).get(sample) ?? []).map((object) => ({
      ...object,
      ...transformBox(toFrame, object),
    }));
  };
  const frames: DatasetFrame[] = [];
  // Within a scene by time, whatever the order of the rows.
  for (const sweep of sweeps.sort((a, b) => a.timestamp - b.timestamp)) {
    const ego = egos.get(sweep.ego);
    if (ego === undefined) throw badFile(table('ego_pose'), `has no row ${sweep.ego}`);
    const pose = composePoses(ego, sweep.mounting);
    const scene = scenes.get(sweep.sample) ?? 'scene';
    const file = within(root, sweep.filename);
    // The sweeps between the samples are a download of their own.
    if (!sweep.isKeyFrame && !(await isThere(file))) continue;
    frames.push({
      id: `${scene}/${sweep.timestamp}`,
      scene,
      file,
      format: 'nuscenes',
      pose,
      timestamp: sweep.timestamp / MICROSECONDS,
      sensor: [0, 0, 0],
      ...(sweep.isKeyFrame && {
        cameras: () => nuScenesCameras(root, images.get(sweep.sample) ?? [], { pose, egos }),
      }),
      objects: hasLabels && sweep.isKeyFrame ? () => labels(sweep.sample, pose) : null,
    });
  }
  return frames;
}

/** The folder of the tables, and the one that their file names are relative to. */
async function tablesIn(folder: string): Promise<{ readonly root: string; readonly tables: string } | null> {
  const isTables = (one: string) => isThere(path.join(one, 'sample_data.json'));
  if (await isTables(folder)) {
    const parent = path.dirname(path.resolve(folder));
    return { root: (await isThere(path.join(folder, 'samples'))) ? folder : parent, tables: folder };
  }
  const names = (await namesIn(folder)).filter((name) => /^(v\d|data$|train_data$)/.test(name));
  const found: string[] = [];
  for (const name of names) if (await isTables(path.join(folder, name))) found.push(path.join(folder, name));
  if (found.length > 1)
    throw badFile(folder, `has tables of several versions: name one of them, such as ${found[0]}`);
  return found[0] === undefined ? null : { root: folder, tables: found[0] };
}

interface Sweep {
  readonly sample: string;
  readonly ego: string;
  readonly mounting: Pose;
  readonly filename: string;
  /** Microseconds. */
  readonly timestamp: number;
  readonly isKeyFrame: boolean;
}

type Table = (name: string) => string;

/** How a sensor is mounted on the vehicle; with the lens of a camera, null of the scanner. */
interface Mounting {
  readonly pose: Pose;
  readonly lens: CameraLens | null;
}

/** The mountings of the scanner and the cameras, by the tokens of their calibrations. */
async function readMountings(table: Table): Promise<Map<string, Mounting>> {
  const channels = new Map<string, string>();
  for await (const { token, channel, modality } of rowsOf(table('sensor')))
    if (channel === CHANNEL || modality === 'camera') channels.set(String(token), String(channel));
  const mountings = new Map<string, Mounting>();
  const file = table('calibrated_sensor');
  for await (const row of rowsOf(file)) {
    const channel = channels.get(String(row.sensor_token));
    if (channel === undefined) continue;
    const lens = channel === CHANNEL ? null : lensOf(channel, row.camera_intrinsic);
    if (channel === CHANNEL || lens !== null)
      mountings.set(String(row.token), { pose: poseOf(row, file), lens });
  }
  return mountings;
}

/** The name of each sample's scene. */
async function readScenes(table: Table): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for await (const { token, name } of rowsOf(table('scene'))) names.set(String(token), String(name ?? token));
  const scenes = new Map<string, string>();
  for await (const { token, scene_token } of rowsOf(table('sample')))
    scenes.set(String(token), names.get(String(scene_token)) ?? String(scene_token));
  return scenes;
}

function sweepOf(row: Record<string, unknown>, mounting: Pose, file: string): Sweep {
  const { sample_token, ego_pose_token, filename, timestamp, is_key_frame } = row;
  if (typeof filename !== 'string' || !Number.isFinite(timestamp))
    throw badFile(file, `row ${String(row.token)} has no filename and timestamp`);
  return {
    sample: String(sample_token),
    ego: String(ego_pose_token),
    mounting,
    filename,
    timestamp: timestamp as number,
    isKeyFrame: is_key_frame !== false,
  };
}

function poseOf({ token, translation, rotation }: Record<string, unknown>, file: string): Pose {
  const [position, [w, x, y, z]] = [numbersOf(translation, 3), numbersOf(rotation, 4)];
  if (position.length !== 3 || z === undefined)
    throw badFile(file, `row ${String(token)} has no valid translation and rotation`);
  return { position: position as [number, number, number], rotation: [x!, y!, z, w!] };
}

function numbersOf(value: unknown, length: number): number[] {
  const isGood = Array.isArray(value) && value.length === length && value.every(Number.isFinite);
  return isGood ? (value as number[]) : [];
}

/** By sample, in coordinates of the world. */
async function readAnnotations(table: Table): Promise<Map<string, DatasetObject[]>> {
  const categories = new Map<string, string>();
  for await (const { token, name } of rowsOf(table('category'))) categories.set(String(token), String(name));
  const instances = new Map<string, string>();
  for await (const { token, category_token } of rowsOf(table('instance')))
    instances.set(String(token), categories.get(String(category_token)) ?? 'other');
  const file = table('sample_annotation');
  const objects = new Map<string, DatasetObject[]>();
  for await (const row of rowsOf(file)) {
    const { position, rotation } = poseOf(row, file);
    const [width, length, height] = numbersOf(row.size, 3);
    if (!(width! > 0 && length! > 0 && height! > 0))
      throw badFile(file, `row ${String(row.token)} has no valid size`);
    const id = String(row.instance_token);
    const own = objects.get(String(row.sample_token)) ?? [];
    objects.set(String(row.sample_token), own);
    own.push({
      id,
      class: typeof row.category_name === 'string' ? row.category_name : (instances.get(id) ?? 'other'),
      center: position,
      size: [length!, width!, height!],
      yaw: quaternionYaw(rotation),
    });
  }
  return objects;
}
