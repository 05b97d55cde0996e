/** `nearbox build`: builds octrees from files of points. */
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { NearboxError } from '../../../../cache/index.ts';
import type { DatasetFrame } from '../../../../inference/index.ts';
import {
  BUILD_FORMATS,
  type BuildCloudsOptions,
  type BuildResult,
  type BuiltCloud,
  buildClouds,
  DEFAULT_SCALE,
  ENCODINGS,
  INPUT_FORMATS,
  parseInputFormat,
  parseShard,
} from '../../../../octree/build/index.ts';
import { EXIT_FAILED, UsageError } from '../../exit-codes.ts';
import { interruptible } from '../../interrupt.ts';
import { NearboxCommand } from '../../nearbox-command.ts';
import { numbers } from '../../region-options.ts';
import { checkWritableFile } from '../../writable.ts';
import { checkFrames, framesOf, writeFrameCameras, writeFrames } from './build-frames.ts';
import { createBuildProgress } from './build-progress.ts';

interface BuildFlags {
  readonly out: string;
  readonly to?: string;
  readonly encoding?: string;
  readonly scale?: string;
  readonly format?: string;
  readonly wildPoints?: string;
  readonly sensor?: string;
  readonly merge?: boolean;
  readonly poses?: string;
  readonly force?: boolean;
  readonly jobs?: string;
  readonly shard?: string;
  readonly skipExisting?: boolean;
  readonly report?: string;
  readonly frames?: string;
  readonly cameras?: string;
}

export function buildCommand(): Command {
  return new NearboxCommand('build')
    .description(
      'build octrees (EPT or COPC) from files of points and from folders of data sets (KITTI, nuScenes, PandaSet, Argoverse 2)',
    )
    .argument(
      '<INPUT...>',
      'files, folders, s3:// and http(s):// objects, - (standard input) or @LIST; each file becomes the cloud DIR/NAME',
    )
    .requiredOption('--out <DIR>', 'destination of the clouds: a folder or s3://BUCKET/PREFIX')
    .option('--to <FORMAT>', 'ept: a folder, or copc: one file (default: ept)')
    .option('--encoding <ENCODING>', `encoding of an EPT: ${ENCODINGS.join(', ')} (default: zstandard)`)
    .option(
      '--scale <METRES>',
      `step that coordinates are rounded to (default: ${DEFAULT_SCALE}, or the input's own if that is finer)`,
    )
    .option(
      '--format <FORMAT>',
      `one of ${INPUT_FORMATS.join(', ')}, or f32:N for N floats per point; if left out, the name of each input decides`,
    )
    .option('--wild-points <WHAT>', 'points far away from all others: drop or refuse (default: drop)')
    .option('--sensor <X,Y,Z>', 'position of the scanner; stored with the cloud')
    .option('--merge', 'join all inputs into one cloud, DIR')
    .option('--poses <FILE>', 'with --merge: the pose of each input in the common coordinate system')
    .option('--force', 'replace clouds that exist')
    .option(
      '--skip-existing',
      'skip clouds that were already built from the same input with the same options',
    )
    .option('--jobs <N>', 'clouds that are built at the same time (default: number of cores)')
    .option(
      '--shard <I/N>',
      'build only part I (from 0) of N parts of the inputs; the parts are the same on every machine',
    )
    .option('--report <FILE>', 'write the result of each input to FILE, as JSON (-: standard output)')
    .option('--frames <DIR>', 'write the labels of data sets to DIR too, as labelled frames')
    .option(
      '--cameras <DIR>',
      'copy calibrations and images of data sets to DIR (a folder or s3://BUCKET/PREFIX) too, for serve --cameras',
    )
    .action(async (inputs: string[], flags: BuildFlags) => {
      const options = buildOptions(flags);
      await checkFrames(flags);
      if (flags.report !== undefined && flags.report !== '-')
        await checkWritableFile('--report', flags.report);
      const datasets = new Map<string, DatasetFrame>();
      const progress = createBuildProgress();
      const started = performance.now();
      let result: BuildResult;
      try {
        result = await interruptible((signal) =>
          buildClouds(inputs, flags.out, {
            ...options,
            signal,
            onProgress: progress.update,
            readFolder: (folder) => framesOf(folder, datasets),
          }),
        );
      } finally {
        progress.stop();
      }
      if (flags.report !== undefined) await writeReport(flags.report, result, performance.now() - started);
      if (flags.report !== '-') printSummary(result);
      if (flags.frames !== undefined) await writeFrames(flags.frames, result, datasets);
      if (flags.cameras !== undefined) await writeFrameCameras(flags.cameras, result, datasets);
      if (result.failed.length > 0) reportFailures(result);
    });
}

function printSummary({ clouds, skipped }: BuildResult): void {
  for (const { id, points, nodes, bytes, ms, ...cloud } of clouds) {
    for (const warning of cloud.warnings) process.stderr.write(`nearbox: warning: ${warning}\n`);
    process.stdout.write(
      `${id}: ${points} points, ${nodes} nodes, ${bytes} bytes, ${ms.toFixed(0)} ms${leftOut(cloud)}${notKept(cloud)}\n`,
    );
  }
  if (skipped.length > 0) process.stdout.write(`${skipped.length} clouds exist already\n`);
}

/** Text about the points that were left out, for the end of the summary. */
function leftOut({ dropped, wild }: Pick<BuiltCloud, 'dropped' | 'wild'>): string {
  return [
    dropped === 0 ? '' : `, ${dropped} points left out (not finite)`,
    wild === 0 ? '' : `, ${wild} points left out (far away from all others)`,
  ].join('');
}

function notKept({ notKept: names }: Pick<BuiltCloud, 'notKept'>): string {
  return names.length === 0 ? '' : `; not kept: ${names.join(', ')}`;
}

/** Prints a line for each input that could not be built, and a summary. */
function reportFailures({ clouds, skipped, failed }: BuildResult): void {
  for (const { error } of failed)
    process.stderr.write(`nearbox: not built: ${error.message.replaceAll('\n', ' ')}\n`);
  const all = clouds.length + skipped.length + failed.length;
  process.stderr.write(
    `nearbox: ${failed.length} of ${all} inputs could not be built; the others are complete. Correct them and run again with --skip-existing\n`,
  );
  process.exitCode = EXIT_FAILED;
}

/** Machine-readable: one entry for each input of this call, and counts. */
async function writeReport(
  file: string,
  { clouds, skipped, failed }: BuildResult,
  ms: number,
): Promise<void> {
  const report = {
    counts: { built: clouds.length, skipped: skipped.length, failed: failed.length },
    points: clouds.reduce((sum, { points }) => sum + points, 0),
    bytes: clouds.reduce((sum, { bytes }) => sum + bytes, 0),
    seconds: Math.round(ms) / 1000,
    clouds: [
      ...clouds.map((cloud) => ({ status: 'built', ...cloud, ms: Math.round(cloud.ms) })),
      ...skipped.map(({ input, id }) => ({ status: 'skipped', input, id })),
      ...failed.map(({ input, id, error }) => ({
        status: 'failed',
        input,
        id,
        code: error instanceof NearboxError ? error.code : 'internal',
        error: error.message,
      })),
    ],
  };
  const text = `${JSON.stringify(report, null, 2)}\n`;
  if (file === '-') process.stdout.write(text);
  else await writeFile(file, text);
}

function buildOptions(flags: BuildFlags): BuildCloudsOptions {
  const encoding = oneOf('--encoding', flags.encoding, ENCODINGS);
  const { scale, format, sensor, poses, jobs, shard } = flags;
  const wildPoints = oneOf('--wild-points', flags.wildPoints, ['drop', 'refuse'] as const);
  const to = oneOf('--to', flags.to, BUILD_FORMATS);
  return {
    ...(wildPoints === undefined ? {} : { wildPoints }),
    ...(to === undefined ? {} : { to }),
    ...(encoding === undefined ? {} : { encoding }),
    ...(scale === undefined ? {} : { scale: numbers('--scale', scale, 1)[0]! }),
    ...(format === undefined ? {} : { format: parseInputFormat(format) }),
    ...(sensor === undefined ? {} : { sensor: numbers('--sensor', sensor, 3) as [number, number, number] }),
    ...(poses === undefined ? {} : { poses }),
    ...(jobs === undefined ? {} : { jobs: numbers('--jobs', jobs, 1)[0]! }),
    ...(shard === undefined ? {} : { shard: parseShard(shard) }),
    merge: flags.merge ?? false,
    force: flags.force ?? false,
    skipExisting: flags.skipExisting ?? false,
  };
}

function oneOf<Value extends string>(
  flag: string,
  text: string | undefined,
  known: readonly Value[],
): Value | undefined {
  if (text === undefined) return undefined;
  const found = known.find((value) => value === text);
  if (found === undefined) throw new UsageError(`${flag} must be one of ${known.join(', ')}, not ${text}`);
  return found;
}
