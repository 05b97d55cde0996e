/** `nearbox build` of data sets: their frames as inputs, and their labels as labelled frames (`--frames`). */
import { access } from 'node:fs/promises';
import path from 'node:path';
import type { NearboxError } from '../../../../cache/index.ts';
import {
  type DatasetFrame,
  readDataset,
  writeCameras,
  writeLabelledFrames,
} from '../../../../inference/index.ts';
import type { BatchInput, BuildResult } from '../../../../octree/build/index.ts';
import { EXIT_FAILED, UsageError } from '../../exit-codes.ts';
import { interruptible } from '../../interrupt.ts';
import { checkWritableFolder } from '../../writable.ts';

/** The frames of a folder of a data set; `found` gets them by their files. */
export async function framesOf(
  folder: string,
  found: Map<string, DatasetFrame>,
): Promise<BatchInput[] | null> {
  const frames = await readDataset(folder);
  if (frames === null) return null;
  return frames.map((frame) => {
    const { id, file, format, transform, pose, timestamp, sensor } = frame;
    found.set(file, frame);
    return {
      input: file,
      id,
      frame: {
        ...(format && { format }),
        ...(transform && { transform }),
        ...(pose && { pose }),
        ...(timestamp !== null && { timestamp }),
        ...(sensor && { sensor }),
      },
    };
  });
}

interface FramesFlags {
  readonly frames?: string;
  readonly cameras?: string;
  readonly merge?: boolean;
  readonly shard?: string;
  readonly force?: boolean;
}

/** What can be known of `--frames` and `--cameras` before the work begins. */
export async function checkFrames({ frames, cameras, merge, shard, force }: FramesFlags): Promise<void> {
  if (cameras !== undefined && /^(?!s3:\/\/)[a-z][a-z0-9+.-]*:/i.test(cameras))
    throw new UsageError(`--cameras is a folder or s3://BUCKET/PREFIX, not ${cameras}`);
  if (cameras !== undefined && merge) throw new UsageError('--cameras cannot be combined with --merge');
  if (cameras !== undefined && !cameras.startsWith('s3://')) await checkWritableFolder('--cameras', cameras);
  if (frames === undefined) return;
  if (/^[a-z][a-z0-9+.-]*:/i.test(frames)) throw new UsageError(`--frames is a folder, not ${frames}`);
  if (merge || shard !== undefined)
    throw new UsageError('--frames cannot be combined with --merge or --shard');
  const file = path.join(frames, 'index.json');
  const isTaken = await access(file).then(
    () => true,
    () => false,
  );
  if (isTaken && !force) throw new UsageError(`${file} exists already: replace it with --force`);
  await checkWritableFolder('--frames', frames);
}

/** The labelled frames of the clouds that are there, under the clouds' ids. */
export async function writeFrames(
  folder: string,
  result: BuildResult,
  datasets: ReadonlyMap<string, DatasetFrame>,
): Promise<void> {
  const built = framesOfClouds(result, datasets);
  const bad: NearboxError[] = [];
  const { frames, objects } = await interruptible((signal) =>
    writeLabelledFrames(folder, built, { signal, onBad: (error) => bad.push(error) }),
  );
  process.stdout.write(`${folder}: ${objects} objects in ${frames} labelled frames\n`);
  reportBad('labels', bad);
}

/** The calibrations and images of the clouds that are there, for `serve --cameras`. */
export async function writeFrameCameras(
  folder: string,
  result: BuildResult,
  datasets: ReadonlyMap<string, DatasetFrame>,
): Promise<void> {
  const built = framesOfClouds(result, datasets);
  const bad: NearboxError[] = [];
  const { frames, images } = await interruptible((signal) =>
    writeCameras(folder, built, { signal, onBad: (error) => bad.push(error) }),
  );
  process.stdout.write(`${folder}: ${images} images of cameras for ${frames} clouds\n`);
  reportBad('cameras', bad);
}

/** Prints a line for each frame whose `what` could not be read, and a summary; the exit code becomes 1. */
function reportBad(what: string, bad: readonly NearboxError[]): void {
  if (bad.length === 0) return;
  for (const { message } of bad)
    process.stderr.write(`nearbox: no ${what}: ${message.replaceAll('\n', ' ')}\n`);
  process.stderr.write(
    `nearbox: the ${what} of ${bad.length} frames could not be read; all others are complete. Correct them and run again with --skip-existing --force\n`,
  );
  process.exitCode = EXIT_FAILED;
}

function framesOfClouds(
  { clouds, skipped }: BuildResult,
  datasets: ReadonlyMap<string, DatasetFrame>,
): DatasetFrame[] {
  return [...clouds, ...skipped].flatMap(({ input, id }) => {
    const frame = input === undefined ? undefined : datasets.get(input);
    return frame === undefined ? [] : [{ ...frame, id }];
  });
}
