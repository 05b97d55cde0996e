/** Reads frames with human labels: a labelled-frames folder (`index.json`) or a KITTI `training/` folder. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { NearboxError } from '../../cache/foundation/index.ts';
import type { Pose } from '../boxes/index.ts';
import { type Box, insideTest, type Vec3 } from '../boxes/index.ts';
import { readKittiCalibration, readKittiLabels } from '../kitti/index.ts';

/** One labelled object. Its box is in the frame's own coordinates. */
export interface LabelledObject extends Box {
  /** Equal in all frames that show the object; null if the data set has no object ids. */
  readonly id: string | null;
  /** The data set's own name of the class; `labelGroup` and `labelClass` translate it. */
  readonly class: string;
  /** Points inside the exact box; null if the folder does not say (`offsetsInside` counts them). */
  readonly numPoints: number | null;
}

export interface LabelledFrame {
  readonly id: string;
  /** The file of points: little-endian float32 x, y, z, intensity. */
  readonly file: string;
  /** The data set or folder; frames of one source are reported together. */
  readonly source: string;
  /** Frames of one scene show the same objects; an object id is unique within a scene. */
  readonly scene: string;
  readonly pose: Pose | null;
  /** Seconds; undefined: the folder does not say. */
  readonly timestamp?: number | undefined;
  /** Where the scanner stood; null: unknown (merged frames); undefined: the folder does not say. */
  readonly sensor?: Vec3 | null | undefined;
  readonly objects: readonly LabelledObject[];
}

const vec3 = z.tuple([z.number(), z.number(), z.number()]);
const size = z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]);
const labelledObject = z.looseObject({
  id: z.string().optional(),
  class: z.string().min(1),
  center: vec3,
  size,
  yaw: z.number(),
  numPoints: z.number().int().min(0),
});
const frame = z.looseObject({
  id: z.string().min(1),
  points: z.string().min(1),
  format: z.literal('f32le-xyzi'),
  pose: z
    .looseObject({ position: vec3, rotation: z.tuple([z.number(), z.number(), z.number(), z.number()]) })
    .nullish(),
  timestamp: z.number().nullish(),
  source: z.string().optional(),
  scene: z.string().optional(),
  sensor: vec3.nullish(),
  objects: z.array(labelledObject),
});
const index = z.looseObject({ frames: z.array(frame) });

/**
 * Reads the labels of a folder, not its points. A folder with `index.json` is a labelled-frames folder, one
 * with `label_2` is KITTI's; frames may lie in folders there, whose names are part of their ids.
 * @throws NearboxError `not_found`, or `invalid_request` that names the file and its line or field
 */
export async function readLabelledFrames(folder: string): Promise<LabelledFrame[]> {
  const entries = await readdir(folder).catch((cause: unknown) => {
    throw new NearboxError('not_found', `${folder}: cannot be read as a folder`, { cause });
  });
  if (entries.includes('index.json')) return readIndex(folder);
  if (entries.includes('label_2')) return readKittiFolder(folder);
  throw new NearboxError(
    'invalid_request',
    `${folder}: has neither index.json (labelled frames) nor label_2 (a KITTI training folder)`,
  );
}

async function readIndex(folder: string): Promise<LabelledFrame[]> {
  const file = path.join(folder, 'index.json');
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new NearboxError('invalid_request', `${file}: ${(cause as Error).message}`, { cause });
  }
  const parsed = index.safeParse(json);
  if (!parsed.success) {
    const fields = parsed.error.issues.map((issue) => ({
      path: issue.path.join('.'),
      message: issue.message,
    }));
    const first = fields[0]!;
    throw new NearboxError('invalid_request', `${file}: ${first.path}: ${first.message}`, { fields });
  }
  const source = path.basename(path.resolve(folder));
  return parsed.data.frames.map((entry) => ({
    id: entry.id,
    file: inFolder(folder, entry.points, file),
    source: entry.source ?? source,
    scene: entry.scene ?? entry.id,
    ...(entry.sensor !== undefined && { sensor: entry.sensor }),
    ...(typeof entry.timestamp === 'number' && { timestamp: entry.timestamp }),
    pose: entry.pose ? { position: entry.pose.position, rotation: entry.pose.rotation } : null,
    objects: entry.objects.map((object) => ({
      id: object.id ?? null,
      class: object.class,
      center: object.center,
      size: object.size,
      yaw: object.yaw,
      numPoints: object.numPoints,
    })),
  }));
}

/** The path of a file in the folder. @throws NearboxError `invalid_request` if it leads out of the folder */
function inFolder(folder: string, name: string, index: string): string {
  const file = path.resolve(folder, name);
  if (!file.startsWith(path.resolve(folder) + path.sep))
    throw new NearboxError(
      'invalid_request',
      `${index}: points: ${JSON.stringify(name)} leads out of the folder`,
    );
  return file;
}

async function readKittiFolder(folder: string): Promise<LabelledFrame[]> {
  const below = await readdir(path.join(folder, 'label_2'), { recursive: true });
  const names = below.filter((name) => name.endsWith('.txt')).sort();
  const frames: LabelledFrame[] = [];
  for (const name of names) {
    const id = name.slice(0, -'.txt'.length).split(path.sep).join('/');
    const calib = path.join(folder, 'calib', name);
    const labels = path.join(folder, 'label_2', name);
    const calibration = readKittiCalibration(await readText(calib), calib);
    frames.push({
      id,
      file: path.join(folder, 'velodyne', `${id}.bin`),
      source: 'kitti',
      scene: id,
      pose: null,
      objects: readKittiLabels(await readText(labels), calibration, labels).map((label) => ({
        ...label.box,
        id: null,
        class: label.class,
        numPoints: null,
      })),
    });
  }
  return frames;
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new NearboxError('not_found', `${file}: cannot be read`, { cause });
  });
}

/** The points of a frame: x, y, z, intensity interleaved, 4 * count values. */
export async function readFramePoints(frame: LabelledFrame): Promise<Float32Array> {
  const bytes = await readFile(frame.file).catch((cause: unknown) => {
    throw new NearboxError('not_found', `${frame.file}: cannot be read`, { cause });
  });
  if (bytes.length % 16 !== 0)
    throw new NearboxError(
      'invalid_request',
      `${frame.file}: ${bytes.length} bytes are not a multiple of the 16 bytes of a point`,
    );
  return new Float32Array(new Uint8Array(bytes).buffer);
}

/**
 * Offsets in `points` (x, y, z, intensity interleaved) of the points inside the box or on its border, rising.
 */
export function offsetsInside(points: Float32Array, box: Box): number[] {
  const inside = insideTest(box);
  const found: number[] = [];
  for (let i = 0; i < points.length; i += 4)
    if (inside(points[i]!, points[i + 1]!, points[i + 2]!)) found.push(i);
  return found;
}
