/**
 * `nearbox convert`: labels from one format into another, by the code that the page imports and exports with.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { openOntology } from '../../config/index.ts';
import { type ExchangeFrame, type ExportFormat, toExchange, toLabels } from '../../page/exchange/index.ts';
import { exportFiles, exportLabels, lossesIn } from '../../page/formats/index.ts';
import { UsageError } from '../exit-codes.ts';
import { readLabelFiles } from '../label-files.ts';
import { NearboxCommand } from '../nearbox-command.ts';
import { checkWritableFileInNewFolder, checkWritableFolder } from '../writable.ts';

interface ConvertFlags {
  readonly to: string;
  readonly out: string;
  readonly ontology: string | undefined;
}

const FORMATS = ['openlabel', 'kitti', 'nuscenes', 'pandaset', 'supervisely', 'nearbox'] as const;
type Format = (typeof FORMATS)[number];

export function convertCommand(): Command {
  return new NearboxCommand('convert')
    .description('labels from one format into another; what is not understood comes back as it came')
    .argument(
      '<INPUT...>',
      'files, folders or s3://BUCKET/PREFIX: what a server keeps (--labels, --feedback), OpenLABEL, KITTI (label_2, calib), nuScenes tables or results, PandaSet, Supervisely, nearbox',
    )
    .requiredOption('--to <FORMAT>', `one of ${FORMATS.join(', ')}`)
    .requiredOption(
      '--out <PATH>',
      'a .json file (kitti, nuscenes, pandaset, supervisely: a .zip file), or a folder',
    )
    .option('--ontology <FILE>', "the project's own classes (JSON), which the labels are read with")
    .action(async (inputs: string[], flags: ConvertFlags) => {
      const to = FORMATS.find((format) => format === flags.to);
      if (to === undefined)
        throw new UsageError(`--to must be one of ${FORMATS.join(', ')}, not ${flags.to}`);
      if (isFile(flags.out)) await checkWritableFileInNewFolder('--out', flags.out);
      else await checkWritableFolder('--out', flags.out);
      const ontology = await openOntology({ ontology: flags.ontology });
      const read = await readLabelFiles(inputs, ontology ?? null);
      const frames = withIds(read.frames);
      const written = await writeFrames(to, frames, flags.out);
      const labels = frames.reduce((sum, frame) => sum + frame.labels.length, 0);
      const left = read.proposed === 0 ? '' : `; ${read.proposed} boxes that nobody confirmed left out`;
      process.stdout.write(
        `${flags.out}: ${labels} boxes in ${frames.length} frames, ${written} files${left}\n`,
      );
      const lost = lossesIn(formatOf(to, flags.out), frames);
      if (lost !== null) process.stderr.write(`note: ${lost}\n`);
    });
}

/** Every format that is written needs an id for each object. */
function withIds(frames: readonly ExchangeFrame[]): ExchangeFrame[] {
  const { labels } = toLabels(frames, 1);
  return frames.map((frame) => ({ ...frame, labels: labels[frame.frame]!.map(toExchange) }));
}

function formatOf(to: Format, out: string): ExportFormat {
  // A .json file of nuScenes has all tables in it; a folder or an archive has a file for each.
  if (to === 'nuscenes' && !/\.json$/i.test(out)) return 'nuscenes-tables';
  return to === 'nearbox' ? 'json' : to;
}

/** Whether `--out` names a file; else it is a folder. */
function isFile(out: string): boolean {
  return /\.(json|zip)$/i.test(out);
}

/** Returns the number of files written. */
async function writeFrames(to: Format, frames: readonly ExchangeFrame[], out: string): Promise<number> {
  const write = async (file: string, content: string | Uint8Array) => {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  };
  const format = formatOf(to, out);
  if (!isFile(out) && format !== 'openlabel' && format !== 'nuscenes' && format !== 'json') {
    const files = await exportFiles(format, frames);
    for (const file of files) await write(path.join(out, file.name), file.bytes);
    return files.length;
  }
  const { name, content } = await exportLabels(format, frames);
  if (isFile(out)) {
    await write(out, content);
    return 1;
  }
  await write(path.join(out, name), content);
  return 1;
}
