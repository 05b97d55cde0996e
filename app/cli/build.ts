/** `nearbox build`: points in, octree out. */
import type { Command } from 'commander';
import {
  type BuildCloudsOptions,
  type BuiltCloud,
  buildClouds,
  DEFAULT_SCALE,
  INPUT_FORMATS,
  parseInputFormat,
} from '../../octree/build/index.ts';
import { UsageError } from './exit-codes.ts';
import { interruptible } from './interrupt.ts';
import { NearboxCommand } from './nearbox-command.ts';
import { createProgress } from './progress.ts';
import { numbers } from './region-options.ts';

interface BuildFlags {
  readonly out: string;
  readonly encoding?: string;
  readonly scale?: string;
  readonly format?: string;
  readonly wildPoints?: string;
  readonly sensor?: string;
  readonly merge?: boolean;
  readonly poses?: string;
  readonly force?: boolean;
}

export function buildCommand(): Command {
  return new NearboxCommand('build')
    .description('build EPT clouds from LAS, LAZ, PCD, PLY, KITTI .bin and nuScenes .pcd.bin files')
    .argument('<INPUT...>', 'point files; each becomes the cloud DIR/NAME')
    .requiredOption('--out <DIR>', 'where the clouds go')
    .option('--encoding <ENCODING>', 'zstandard or binary (default: zstandard)')
    .option('--scale <METRES>', `step that coordinates are rounded to (default: ${DEFAULT_SCALE})`)
    .option(
      '--format <FORMAT>',
      `one of ${INPUT_FORMATS.join(', ')}, or f32:N for N floats a point; for all inputs, else by each name`,
    )
    .option('--wild-points <WHAT>', 'points far away from all others: drop or refuse (default: drop)')
    .option('--sensor <X,Y,Z>', 'where the scanner stood; stored with the cloud')
    .option('--merge', 'make of all inputs the one cloud DIR')
    .option('--poses <FILE>', 'with --merge: poses that bring the inputs into one world')
    .option('--force', 'replace clouds that exist')
    .action(async (inputs: string[], flags: BuildFlags) => {
      const options = buildOptions(flags);
      const progress = createProgress();
      try {
        const { clouds } = await interruptible((signal) =>
          buildClouds(inputs, flags.out, { ...options, signal, onProgress: progress.update }),
        );
        progress.stop();
        for (const { id, points, nodes, bytes, ms, ...cloud } of clouds) {
          for (const warning of cloud.warnings) process.stderr.write(`nearbox: warning: ${warning}\n`);
          const left = leftOut(cloud);
          process.stdout.write(
            `${id}: ${points} points, ${nodes} nodes, ${bytes} bytes, ${ms.toFixed(0)} ms${left}\n`,
          );
        }
      } finally {
        progress.stop();
      }
    });
}

/** What was left out of a cloud, in words that go behind its summary. */
function leftOut({ dropped, wild }: Pick<BuiltCloud, 'dropped' | 'wild'>): string {
  return [
    dropped === 0 ? '' : `, ${dropped} points left out (not finite)`,
    wild === 0 ? '' : `, ${wild} points left out (far away from all others)`,
  ].join('');
}

function buildOptions(flags: BuildFlags): BuildCloudsOptions {
  const { encoding, scale, format, sensor, merge, poses, force, wildPoints } = flags;
  if (encoding !== undefined && encoding !== 'zstandard' && encoding !== 'binary')
    throw new UsageError(`--encoding is zstandard or binary, not ${encoding}`);
  if (wildPoints !== undefined && wildPoints !== 'drop' && wildPoints !== 'refuse')
    throw new UsageError(`--wild-points is drop or refuse, not ${wildPoints}`);
  return {
    ...(wildPoints === undefined ? {} : { wildPoints }),
    ...(encoding === undefined ? {} : { encoding }),
    ...(scale === undefined ? {} : { scale: numbers('--scale', scale, 1)[0]! }),
    ...(format === undefined ? {} : { format: parseInputFormat(format) }),
    ...(sensor === undefined ? {} : { sensor: numbers('--sensor', sensor, 3) as [number, number, number] }),
    ...(poses === undefined ? {} : { poses }),
    merge: merge ?? false,
    force: force ?? false,
  };
}
