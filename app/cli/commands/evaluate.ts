/** `nearbox evaluate`: accuracy of the shipped model, and of the geometric fit, on labelled frames. */
import type { Command } from 'commander';
import {
  HINT_KINDS,
  jsonReport,
  LABEL_GROUPS,
  LEGEND,
  markdownReport,
  readLabelledFrames,
} from '../../../inference/index.ts';
import { evaluateFolder } from '../../evaluation/index.ts';
import { withModelFlag } from '../cloud-argument.ts';
import { UsageError } from '../exit-codes.ts';
import { interruptible } from '../interrupt.ts';
import { NearboxCommand } from '../nearbox-command.ts';
import { createProgress } from '../progress.ts';
import { answerLine } from './evaluation-answer.ts';

interface EvaluateFlags {
  readonly json?: boolean;
  readonly modelFolder?: string;
  readonly groups?: string;
  readonly hints?: string;
}

export function evaluateCommand(): Command {
  const command = new NearboxCommand('evaluate').description(
    'accuracy of the network and of the geometric fit on labelled frames',
  );
  return withModelFlag(command)
    .argument('<DIR>', 'a labelled-frames folder (index.json) or a KITTI training folder')
    .option('--groups <LIST>', `which of ${LABEL_GROUPS.join(',')} (default: all but other)`)
    .option('--hints <LIST>', `which of ${HINT_KINDS.join(',')} (default: click,box)`)
    .option('--json', 'print everything as JSON, row by row')
    .action((dir: string, flags: EvaluateFlags) =>
      interruptible(async (signal) => {
        const frames = await readLabelledFrames(dir);
        if (frames.length === 0) throw new UsageError(`${dir} has no labelled frames`);
        const groups =
          listed(flags.groups, '--groups', LABEL_GROUPS) ?? LABEL_GROUPS.filter((g) => g !== 'other');
        const hints = listed(flags.hints, '--hints', HINT_KINDS) ?? (['click', 'box'] as const);
        const progress = createProgress();
        try {
          const rows = await evaluateFolder(frames, {
            groups,
            hints,
            signal,
            modelFolder: flags.modelFolder,
            onProgress: (done, what) => progress.update(done, what),
          });
          progress.stop();
          process.stdout.write(
            flags.json
              ? `${JSON.stringify(jsonReport(rows))}\n`
              : `${answerLine(rows)}\n\n${markdownReport(rows)}\n${LEGEND}`,
          );
        } finally {
          progress.stop();
        }
      }),
    );
}

function listed<T extends string>(
  text: string | undefined,
  flag: string,
  known: readonly T[],
): T[] | undefined {
  if (text === undefined) return undefined;
  return text.split(',').map((part) => {
    const found = known.find((name) => name === part.trim());
    if (found === undefined)
      throw new UsageError(`${flag} must be one or more of ${known.join(', ')}, not "${part.trim()}"`);
    return found;
  });
}
