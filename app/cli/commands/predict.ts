/** `nearbox predict`: one box, from the command line. */
import path from 'node:path';
import type { Command } from 'commander';
import { predictionSchema } from '../../api/index.ts';
import { parseWith, predictionAnswer, toQuestion } from '../../http/index.ts';
import type { Services } from '../../services/index.ts';
import {
  locateCloud,
  serverOptionsOf,
  withModelFlag,
  withReadingFlags,
  withServices,
} from '../cloud-argument.ts';
import { NearboxCommand } from '../nearbox-command.ts';
import { numbers, type RegionFlags, regionOf, withRegionFlags } from '../region-options.ts';

interface PredictFlags extends RegionFlags {
  readonly clouds?: string;
  readonly modelFolder?: string;
  readonly class?: string;
  readonly size?: string;
  readonly sensor?: string;
  readonly alternatives?: string;
  readonly profile?: string;
  readonly json?: boolean;
}

export function predictCommand(): Command {
  const command = new NearboxCommand('predict')
    .description('fit one box')
    .argument('<CLOUD>', 'path, or id under --clouds');
  return withRegionFlags(withModelFlag(withReadingFlags(command)))
    .option('--class <CLASS>', 'the class of the object, if known')
    .option('--size <L,W,H>', 'size of the object, if known; the box keeps it')
    .option('--sensor <X,Y,Z>', 'position of the scanner; "unknown" if it is not known')
    .option('--profile <FILE>', 'a label profile to adapt the box to')
    .option('--alternatives <N>', 'number of runners-up to print')
    .option('--json', 'print the whole answer as JSON')
    .action(async (cloud: string, flags: PredictFlags) => {
      const location = locateCloud(cloud, flags.clouds);
      const body = parseWith(
        predictionSchema,
        {
          cloud: location.id,
          region: regionOf(flags),
          ...(flags.class === undefined ? {} : { class: flags.class }),
          ...(flags.size === undefined ? {} : { size: numbers('--size', flags.size, 3) }),
          ...(flags.sensor === undefined ? {} : { sensor: sensorOf(flags.sensor) }),
          ...(flags.profile === undefined ? {} : { profile: path.basename(flags.profile, '.json') }),
          ...(flags.alternatives === undefined
            ? {}
            : { alternatives: numbers('--alternatives', flags.alternatives, 1)[0] }),
        },
        'the call',
      );
      const run = async (services: Services): Promise<void> => {
        await services.warmUp();
        const startedAt = performance.now();
        const question = toQuestion(body, {
          signal: new AbortController().signal,
          deadline: Number.POSITIVE_INFINITY,
        });
        const prediction = await services.predictor.predict(question);
        const answer = predictionAnswer(prediction, performance.now() - startedAt);
        process.stdout.write(flags.json ? `${JSON.stringify(answer, null, 2)}\n` : `${summary(answer)}\n`);
      };
      await withServices(location.clouds, run, {
        ...serverOptionsOf(flags),
        modelFolder: flags.modelFolder,
        ...profilesOf(flags),
      });
    });
}

/** The folder of the profile's file has its name in it, whatever else it has. */
function profilesOf({ profile }: PredictFlags): Readonly<Record<string, unknown>> {
  return profile === undefined ? {} : { profiles: path.dirname(profile) };
}

function sensorOf(text: string): readonly number[] | null {
  if (text === 'unknown') return null;
  return numbers('--sensor', text, 3);
}

function summary(answer: ReturnType<typeof predictionAnswer>): string {
  const { box } = answer;
  const metres = (values: readonly number[]) => values.map((value) => value.toFixed(3)).join(', ');
  const others = answer.alternatives.map(
    (other) =>
      `or ${other.class}, expected IoU ${other.score.toFixed(2)}: center ${metres(other.box.center)}  size ${metres(other.box.size)}  yaw ${other.box.yaw.toFixed(4)}`,
  );
  return [
    `${answer.class}, expected IoU ${answer.score.toFixed(2)}, by ${answer.method}${answer.fallback ? ` (${answer.fallback})` : ''}`,
    `center ${metres(box.center)}  size ${metres(box.size)}  yaw ${box.yaw.toFixed(4)}`,
    `${answer.points.inside} points inside, ${answer.points.region} in the region, ${answer.cost.nodes} nodes read, ${answer.timings.totalMs.toFixed(1)} ms`,
    ...others,
  ].join('\n');
}
