/** `nearbox profile`: measures in labelled frames how a project draws its boxes. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import {
  DEFAULT_PROFILE_FILE,
  makeProfile,
  readLabelledFrames,
  readProfile,
} from '../../../inference/index.ts';
import { UsageError } from '../exit-codes.ts';
import { interruptible } from '../interrupt.ts';
import { NearboxCommand } from '../nearbox-command.ts';
import { createProgress } from '../progress.ts';
import { checkWritableFileInNewFolder } from '../writable.ts';

interface ProfileFlags {
  readonly out: string;
  readonly shrink: boolean;
}

export function profileCommand(): Command {
  return new NearboxCommand('profile')
    .description('make a label profile from labelled frames: mean sizes and paddings per class')
    .argument('<DIR>', 'a labelled-frames folder (index.json) or a KITTI training folder')
    .requiredOption('--out <FILE>', 'the file to write the profile to')
    .option('--no-shrink', 'use plain means, without shrinkage towards the default profile')
    .action((dir: string, flags: ProfileFlags) =>
      interruptible(async (signal) => {
        await checkWritableFileInNewFolder('--out', flags.out);
        const frames = await readLabelledFrames(dir);
        if (frames.length === 0) throw new UsageError(`${dir} has no labelled frames`);
        const progress = createProgress();
        try {
          const profile = await makeProfile(frames, {
            towards: flags.shrink ? await readProfile(DEFAULT_PROFILE_FILE) : null,
            signal,
            onProgress: (done) => progress.update(done, 'reading frames'),
          });
          progress.stop();
          await mkdir(path.dirname(path.resolve(flags.out)), { recursive: true });
          await writeFile(flags.out, `${JSON.stringify(profile, null, 2)}\n`);
          const found = Object.entries(profile.classes).map(([name, { objects }]) => `${objects} ${name}`);
          process.stdout.write(`${flags.out}: ${found.join(', ') || 'no objects'}\n`);
        } finally {
          progress.stop();
        }
      }),
    );
}
