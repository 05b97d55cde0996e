/**
 * `nearbox evaluate`: accuracy of the shipped model, and of the geometric fit, on labelled frames. The whole way is measured, not
 * the network alone: the frames are built into octrees in a temporary folder and asked through the predictor, as a server does.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import {
  type EvaluationPredictor,
  evaluateFrames,
  jsonReport,
  LABEL_GROUPS,
  LEGEND,
  markdownReport,
  readLabelledFrames,
  UNSAID,
} from '../../inference/index.ts';
import { buildClouds, cloudName } from '../../octree/build/index.ts';
import type { Services } from '../services.ts';
import { withModelFlag, withServices } from './cloud-argument.ts';
import { UsageError } from './exit-codes.ts';
import { interruptible } from './interrupt.ts';
import { NearboxCommand } from './nearbox-command.ts';
import { createProgress } from './progress.ts';

interface EvaluateFlags {
  readonly json?: boolean;
  readonly modelFolder?: string;
  readonly groups?: string;
  readonly hints?: string;
}

/** Share of the work that building takes, for the progress bar. */
const BUILD_SHARE = 0.2;

export function evaluateCommand(): Command {
  const command = new NearboxCommand('evaluate').description(
    'accuracy of the network and of the geometric fit on labelled frames',
  );
  return withModelFlag(command)
    .argument('<DIR>', 'a labelled-frames folder (index.json) or a KITTI training folder')
    .option('--groups <LIST>', `which of ${LABEL_GROUPS.join(',')} (default: all but other)`)
    .option('--hints <LIST>', 'which of click,box (default: both)')
    .option('--json', 'print everything as JSON, row by row')
    .action((dir: string, flags: EvaluateFlags) =>
      interruptible(async (signal) => {
        const frames = await readLabelledFrames(dir);
        if (frames.length === 0) throw new UsageError(`${dir} has no labelled frames`);
        const groups =
          listed(flags.groups, '--groups', LABEL_GROUPS) ?? LABEL_GROUPS.filter((g) => g !== 'other');
        const hints =
          listed(flags.hints, '--hints', ['click', 'box'] as const) ?? (['click', 'box'] as const);
        const clouds = await mkdtemp(path.join(os.tmpdir(), 'nearbox-evaluate-'));
        const progress = createProgress();
        try {
          const files = frames.map((frame) => frame.file);
          await buildClouds(files, clouds, {
            format: 'kitti',
            signal,
            onProgress: (done) => progress.update(BUILD_SHARE * done, 'building octrees'),
          });
          const ask = async (services: Services) => {
            await services.warmUp();
            return evaluateFrames(
              frames,
              [predictorOf(services, 'model'), predictorOf(services, 'geometric')],
              { groups, hints },
              ({ frame, frames: all }) =>
                progress.update(BUILD_SHARE + (1 - BUILD_SHARE) * (frame / all), 'asking for boxes'),
              signal,
            );
          };
          const rows = await withServices(clouds, ask, { modelFolder: flags.modelFolder });
          progress.stop();
          process.stdout.write(
            flags.json ? `${JSON.stringify(jsonReport(rows))}\n` : `${markdownReport(rows)}\n${LEGEND}`,
          );
        } finally {
          progress.stop();
          await rm(clouds, { recursive: true, force: true });
        }
      }),
    );
}

function predictorOf({ predictor }: Services, method: 'model' | 'geometric'): EvaluationPredictor {
  return {
    name: method === 'model' ? 'network' : 'geometric fit',
    async predict(frame, region, signal) {
      return predictor.predict({
        cloud: cloudName(frame.file),
        region,
        ...UNSAID,
        method,
        signal: signal ?? new AbortController().signal,
        deadline: Number.POSITIVE_INFINITY,
      });
    },
  };
}

function listed<T extends string>(
  text: string | undefined,
  flag: string,
  known: readonly T[],
): T[] | undefined {
  if (text === undefined) return undefined;
  return text.split(',').map((part) => {
    const found = known.find((name) => name === part.trim());
    if (found === undefined) throw new UsageError(`${flag} knows ${known.join(', ')}, not "${part.trim()}"`);
    return found;
  });
}
