/**
 * Reads the poses for a merge from a JSON file: for each input, the transformation to world coordinates. The
 * file is either `{"NAME": {"position": [x, y, z], "rotation": [x, y, z, w]}, ...}`, where NAME is the name
 * of the input without its ending, or the index.json of a labelled-frames folder. Its frames have a `pose` of
 * the same form; they are found by their `id` or by the name of their `points`.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import {
  applyPose,
  type BuildPose,
  badInput,
  cloudName,
  PointBatch,
  whyUnopened,
  wrongInput,
} from '../inputs/index.ts';

/** The transformation that applies `first`, then `then`. */
export function composePoses(then: BuildPose, first: BuildPose): BuildPose {
  const [ax, ay, az, aw] = then.rotation;
  const [bx, by, bz, bw] = first.rotation;
  const place = PointBatch.allocate(1, false);
  place.count = 1;
  [place.x[0], place.y[0], place.z[0]] = first.position;
  applyPose(then, place);
  return {
    position: [place.x[0]!, place.y[0]!, place.z[0]!],
    rotation: [
      aw * bx + ax * bw + ay * bz - az * by,
      aw * by - ax * bz + ay * bw + az * bx,
      aw * bz + ax * by - ay * bx + az * bw,
      aw * bw - ax * bx - ay * by - az * bz,
    ],
  };
}

/** Tolerance for the length of a quaternion, because poses have few digits. It is normalised. */
const LENGTH_TOLERANCE = 0.01;

const poseSchema = z.looseObject({
  position: z.tuple([z.number(), z.number(), z.number()]),
  rotation: z
    .tuple([z.number(), z.number(), z.number(), z.number()])
    .refine(
      (q) => Math.abs(Math.hypot(...q) - 1) <= LENGTH_TOLERANCE,
      'a rotation is a unit quaternion x, y, z, w',
    ),
});
const indexSchema = z.looseObject({
  frames: z.array(
    z.looseObject({ id: z.string().optional(), points: z.string().optional(), pose: poseSchema.nullish() }),
  ),
});
const namesSchema = z.record(z.string(), poseSchema);

/**
 * The poses of the inputs with these names, in order. Throws `invalid_request` if the file is invalid or a
 * pose is missing.
 */
export async function readPoses(path: string, names: readonly string[]): Promise<BuildPose[]> {
  const poses = posesByName(await readJson(path), path);
  return names.map((name) => {
    const pose = poses.get(name);
    if (pose === undefined) throw badInput(path, `has no pose for ${name}`);
    return pose;
  });
}

function posesByName(json: unknown, path: string): Map<string, BuildPose> {
  const isIndex = typeof json === 'object' && json !== null && 'frames' in json && Array.isArray(json.frames);
  const parsed = isIndex ? indexSchema.safeParse(json) : namesSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw badInput(path, `${issue?.path.map(String).join('.') || 'the document'}: ${issue?.message}`);
  }
  if (!isIndex) return new Map(Object.entries(parsed.data as z.infer<typeof namesSchema>).map(normalised));
  const poses = new Map<string, BuildPose>();
  for (const { id, points, pose } of (parsed.data as z.infer<typeof indexSchema>).frames) {
    if (pose === null || pose === undefined) continue;
    for (const name of [points === undefined ? undefined : cloudName(points), id]) {
      if (name !== undefined) poses.set(...normalised([name, pose]));
    }
  }
  return poses;
}

function normalised([name, { position, rotation }]: [string, z.infer<typeof poseSchema>]): [
  string,
  BuildPose,
] {
  const length = Math.hypot(...rotation);
  const [x, y, z, w] = rotation;
  return [name, { position, rotation: [x / length, y / length, z / length, w / length] }];
}

async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw wrongInput(path, whyUnopened(cause), cause);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw badInput(path, 'is not JSON', cause);
  }
}
