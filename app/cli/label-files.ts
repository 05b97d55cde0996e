/** Reads label files of any format that the page imports, by the page's own code. */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { NearboxError } from '../../cache/index.ts';
import { type ExchangeFrame, importLabels, type PackedFile } from '../page/formats/index.ts';
import { UsageError } from './exit-codes.ts';
import { joinTables } from './nuscenes/index.ts';

const LABEL_ENDINGS = ['.json', '.txt', '.zip', '.pkl', '.pkl.gz'];
/** Tables of a PandaSet that are no labels. */
const NO_LABELS = /(^|\/)(lidar|semseg)\/[^/]*\.pkl(\.gz)?$/i;
/** The frame of a file that names none. */
const ONLY_FRAME = 'frame';

/**
 * Frames of files and folders.
 * @throws UsageError where there are none; NearboxError where one cannot be read
 */
export async function readLabelFiles(inputs: readonly string[]): Promise<ExchangeFrame[]> {
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
