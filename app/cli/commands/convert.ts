/**
 * `nearbox convert`: labels from one format into another, by the code that the page imports and exports with.
 */
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { NearboxError } from '../../../cache/index.ts';
import {
  type ExchangeFrame,
  exportFiles,
  exportLabels,
  importLabels,
  type PackedFile,
  toExchange,
  toLabels,
} from '../../page/formats/index.ts';
import { UsageError } from '../exit-codes.ts';
import { NearboxCommand } from '../nearbox-command.ts';
import { joinTables, nuScenesTables } from '../nuscenes/index.ts';

interface ConvertFlags {
  readonly to: string;
  readonly out: string;
}

const FORMATS = ['openlabel', 'kitti', 'nuscenes', 'pandaset', 'supervisely', 'nearbox'] as const;
type Format = (typeof FORMATS)[number];

const LABEL_ENDINGS = ['.json', '.txt', '.zip', '.pkl', '.pkl.gz'];
/** Tables of a PandaSet that are no labels. */
const NO_LABELS = /(^|\/)(lidar|semseg)\/[^/]*\.pkl(\.gz)?$/i;
/** The frame of a file that names none. */
const ONLY_FRAME = 'frame';

export function convertCommand(): Command {
  return new NearboxCommand('convert')
    .description('labels from one format into another; what is not understood comes back as it came')
    .argument(
      '<INPUT...>',
      'files or folders: OpenLABEL, KITTI (label_2, calib), nuScenes tables or results, PandaSet, Supervisely, nearbox',
    )
    .requiredOption('--to <FORMAT>', `one of ${FORMATS.join(', ')}`)
    .requiredOption('--out <PATH>', 'a .json file (kitti, pandaset, supervisely: a .zip file), or a folder')
    .action(async (inputs: string[], flags: ConvertFlags) => {
      const to = FORMATS.find((format) => format === flags.to);
      if (to === undefined) throw new UsageError(`--to is one of ${FORMATS.join(', ')}, not ${flags.to}`);
      const frames = withIds(await readFrames(inputs));
      const written = await writeFrames(to, frames, flags.out);
      const labels = frames.reduce((sum, frame) => sum + frame.labels.length, 0);
      process.stdout.write(`${flags.out}: ${labels} boxes in ${frames.length} frames, ${written} files\n`);
    });
}

async function readFrames(inputs: readonly string[]): Promise<ExchangeFrame[]> {
  const files = (await Promise.all(inputs.map(filesOf))).flat();
  if (files.length === 0)
    throw new UsageError(`no label files (${LABEL_ENDINGS.join(', ')}) in ${inputs.join(', ')}`);
  try {
    const texts = files
      .filter(({ name }) => name.toLowerCase().endsWith('.json'))
      .map(({ name, bytes }) => ({ name, text: Buffer.from(bytes).toString('utf8') }));
    const tables = joinTables(texts);
    const all =
      tables === null ? files : [{ name: 'nuscenes.json', bytes: new Uint8Array(Buffer.from(tables)) }];
    return await importLabels(all, { currentFrame: ONLY_FRAME, frames: [] });
  } catch (cause) {
    throw new NearboxError('source_unavailable', (cause as Error).message, { cause });
  }
}

/** A file by its base name; the files of a folder by their paths in it. */
async function filesOf(input: string): Promise<PackedFile[]> {
  const found = await stat(input).catch(() => {
    throw new UsageError(`${input}: no such file`);
  });
  const read = async (file: string, name: string) => ({ name, bytes: new Uint8Array(await readFile(file)) });
  if (!found.isDirectory()) return [await read(input, path.basename(input))];
  const entries = await readdir(input, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(input, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .filter((name) => LABEL_ENDINGS.some((ending) => name.toLowerCase().endsWith(ending)))
    .filter((name) => !NO_LABELS.test(name));
  return Promise.all(names.toSorted().map((name) => read(path.join(input, name), name)));
}

/** Every format that is written needs an id for each object. */
function withIds(frames: readonly ExchangeFrame[]): ExchangeFrame[] {
  const { labels } = toLabels(frames, 1);
  return frames.map((frame) => ({ ...frame, labels: labels[frame.frame]!.map(toExchange) }));
}

/** Returns the number of files written. */
async function writeFrames(to: Format, frames: readonly ExchangeFrame[], out: string): Promise<number> {
  const write = async (file: string, content: string | Uint8Array) => {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  };
  const isFile = /\.(json|zip)$/i.test(out);
  if (!isFile && (to === 'kitti' || to === 'pandaset' || to === 'supervisely')) {
    const files = await exportFiles(to, frames);
    for (const file of files) await write(path.join(out, file.name), file.bytes);
    return files.length;
  }
  const { name, content } = await exportLabels(to === 'nearbox' ? 'json' : to, frames);
  if (isFile) {
    await write(out, content);
    return 1;
  }
  if (to === 'nuscenes') {
    const tables = Object.entries(nuScenesTables(content as string));
    for (const [table, rows] of tables)
      await write(path.join(out, `${table}.json`), JSON.stringify(rows, null, 1));
    return tables.length;
  }
  await write(path.join(out, name), content);
  return 1;
}
