/** A labelled-frames folder (`index.json`). */
import path from 'node:path';
import { readLabelledFrames } from '../frames/index.ts';
import { isThere, jsonOf } from './files.ts';
import type { DatasetFrame } from './frame.ts';

export async function readLabelled(folder: string): Promise<DatasetFrame[] | null> {
  const file = path.join(folder, 'index.json');
  if (!(await isThere(file))) return null;
  const index = await jsonOf(file);
  // Others call files so as well.
  if (typeof index !== 'object' || index === null || !('frames' in index)) return null;
  const frames = await readLabelledFrames(folder);
  return frames.map(({ id, scene, file, pose, timestamp, sensor, objects }) => ({
    id,
    scene,
    file,
    format: 'f32:4',
    pose,
    timestamp: timestamp ?? null,
    sensor: sensor ?? null,
    objects: async () => objects,
  }));
}
