/** Writes frames of a data set as a labelled-frames folder: `index.json` and a file of points for each. */

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { NearboxError } from '../../cache/foundation/index.ts';
import { applyPose, guessFormat, openInput } from '../../octree/build/index.ts';
import { insideTest } from '../boxes/index.ts';
import { unlessBad } from './files.ts';
import type { DatasetFrame, DatasetObject } from './frame.ts';

export interface WriteLabelledOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the frames written so far. */
  readonly onFrame?: (done: number) => void;
  /** Gets the error of a frame whose files are wrong, which is left out. Default: the error is thrown. */
  readonly onBad?: (error: NearboxError) => void;
}

/**
 * Frames without labels are left out. Objects get the number of their points (`numPoints`). The index is
 * written last. Returns the numbers of frames and of objects.
 */
export async function writeLabelledFrames(
  folder: string,
  frames: readonly DatasetFrame[],
  { signal, onFrame, onBad }: WriteLabelledOptions = {},
): Promise<{ readonly frames: number; readonly objects: number }> {
  const written: { readonly objects: readonly unknown[] }[] = [];
  for (const frame of frames) {
    if (frame.objects === null) continue;
    signal?.throwIfAborted();
    const read = frame.objects;
    await unlessBad(async () => {
      written.push(await writeFrame(folder, frame, await read(), signal));
      onFrame?.(written.length);
    }, onBad);
  }
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'index.json'), `${JSON.stringify({ frames: written }, null, 1)}\n`);
  return { frames: written.length, objects: written.reduce((sum, { objects }) => sum + objects.length, 0) };
}

/** Writes the points; returns the frame's entry in the index. */
async function writeFrame(
  folder: string,
  frame: DatasetFrame,
  objects: readonly DatasetObject[],
  signal: AbortSignal | undefined,
) {
  const points = `${frame.id}.bin`;
  const inside = await writePoints(path.join(folder, points), frame, objects.map(insideTest), signal);
  const { id, scene, pose, timestamp, sensor } = frame;
  return {
    ...{ id, points, format: 'f32le-xyzi', scene },
    ...(pose && { pose }),
    ...(timestamp !== null && { timestamp }),
    ...(sensor && { sensor }),
    objects: objects.map(({ id: object, ...rest }, index) => ({
      ...(object !== null && { id: object }),
      ...rest,
      numPoints: inside[index],
    })),
  };
}

/** Returns how many points lie in each box. */
async function writePoints(
  file: string,
  frame: DatasetFrame,
  tests: readonly ((x: number, y: number, z: number) => boolean)[],
  signal?: AbortSignal,
): Promise<number[]> {
  await mkdir(path.dirname(file), { recursive: true });
  const input = await openInput(frame.file, frame.format ?? guessFormat(frame.file));
  const inside = tests.map(() => 0);
  const stream = createWriteStream(file);
  try {
    for await (const batch of input.batches({ signal })) {
      if (frame.transform) applyPose(frame.transform, batch);
      const values = new Float32Array(4 * batch.count);
      let at = 0;
      for (let i = 0; i < batch.count; i++) {
        const [x, y, z] = [batch.x[i]!, batch.y[i]!, batch.z[i]!];
        if (!Number.isFinite(x + y + z)) continue;
        values.set([x, y, z, batch.intensity?.[i] ?? 0], at);
        at += 4;
        for (const [index, isInside] of tests.entries()) if (isInside(x, y, z)) inside[index]!++;
      }
      if (!stream.write(new Uint8Array(values.buffer, 0, 4 * at))) await once(stream, 'drain');
    }
  } finally {
    stream.end();
    await once(stream, 'close');
  }
  return inside;
}
