/** Export and import in every format the page knows. */
import type { ExchangeFrame, ExportFormat } from '../exchange/index.ts';
import { isRecord } from '../model/index.ts';
import { type ImportContext, type PackedFile, packed, type TextFile } from './files.ts';
import { isLabelFile, isTracking, readKitti, writeKitti } from './kitti.ts';
import { readNuScenes, writeNuScenes } from './nuscenes.ts';
import { isTable, joinTables, nuScenesTables } from './nuscenes-tables.ts';
import { readOpenLabel, writeOpenLabel } from './openlabel.ts';
import { isCuboids, isSequenceFile, readPandaSet, writePandaSet } from './pandaset.ts';
import { readPlain, writePlain } from './plain.ts';
import { isSupervisely, readSupervisely, writeSupervisely } from './supervisely.ts';
import { readZip, writeZip } from './zip.ts';

export type { PackedFile } from './files.ts';
export { NUSCENES_TABLES } from './nuscenes-tables.ts';
export { readOpenLabel, writeOpenLabel } from './openlabel.ts';
export { lossesIn } from './traits/index.ts';

export interface Download {
  readonly name: string;
  readonly type: string;
  readonly content: string | Uint8Array<ArrayBuffer>;
}

/** The labels as one file. Those of formats with several files are in a ZIP archive. */
export async function exportLabels(
  format: ExportFormat,
  frames: readonly ExchangeFrame[],
): Promise<Download> {
  const json = (name: string, content: string): Download => ({ name, type: 'application/json', content });
  switch (format) {
    case 'openlabel':
      return json('labels.openlabel.json', writeOpenLabel(frames));
    case 'nuscenes':
      return json('labels.nuscenes.json', writeNuScenes(frames));
    case 'json':
      return json('labels.json', writePlain(frames));
    default: {
      const content = writeZip(await exportFiles(format, frames));
      return { name: `labels.${format}.zip`, type: 'application/zip', content };
    }
  }
}

/** The files of a format that has several, with their folders in their names. */
export async function exportFiles(
  format: 'kitti' | 'nuscenes-tables' | 'pandaset' | 'supervisely',
  frames: readonly ExchangeFrame[],
): Promise<PackedFile[]> {
  if (format === 'pandaset') return writePandaSet(frames);
  if (format === 'nuscenes-tables')
    return Object.entries(nuScenesTables(writeNuScenes(frames))).map(([table, rows]) =>
      packed(`${table}.json`, JSON.stringify(rows, null, 1)),
    );
  const texts = format === 'kitti' ? writeKitti(frames) : writeSupervisely(frames);
  return texts.map(({ name, text }) => packed(name, text));
}

/** Finds out what the files are and reads them. @throws Error that says what is wrong with which file. */
export async function importLabels(
  files: readonly PackedFile[],
  context: ImportContext,
): Promise<ExchangeFrame[]> {
  const all = (await Promise.all(files.map(unpacked))).flat();
  const hasCuboids = all.some(isCuboids);
  const isPandaSet = (file: PackedFile) => isCuboids(file) || (hasCuboids && isSequenceFile(file));
  const frames = hasCuboids ? await readPandaSet(all.filter(isPandaSet), context) : [];
  const texts = all
    .filter((file) => !isPandaSet(file))
    .map(({ name, bytes }): TextFile => ({ name, text: new TextDecoder().decode(bytes) }));
  const isJson = ({ text }: TextFile) => /^\s*[[{]/.test(text);
  // The annotations of nuScenes are a table among others, which say what they are about.
  const tables = texts.some(({ name }) => /(^|\/)sample_annotation\.json$/.test(name))
    ? texts.filter(isTable)
    : [];
  if (tables.length > 0) frames.push(...readNuScenes(joinTables(tables), context));
  frames.push(
    ...readJson(
      texts.filter((file) => isJson(file) && !tables.includes(file)),
      context,
    ),
  );
  const others = texts.filter((file) => !isJson(file));
  if (others.length > 0) {
    if (
      frames.length === 0 &&
      !others.some((file) => isLabelFile(file) || isTracking(file) || file.name.includes('label_'))
    )
      throw new Error(
        `${others[0]!.name} is none of OpenLABEL, KITTI, nuScenes, PandaSet, Supervisely and plain JSON`,
      );
    frames.push(...readKitti(others, context));
  }
  return frames;
}

async function unpacked(file: PackedFile): Promise<PackedFile[]> {
  const isZip = file.bytes[0] === 0x50 && file.bytes[1] === 0x4b;
  return isZip ? readZip(file.bytes) : [file];
}

function readJson(files: readonly TextFile[], context: ImportContext): ExchangeFrame[] {
  const parsed = files.map((file) => ({
    ...file,
    value: named(file, () => JSON.parse(file.text) as unknown),
  }));
  const project = parsed.filter((file) => isSupervisely(file, file.value));
  const others = parsed.filter((file) => !project.includes(file));
  return [
    ...readSupervisely(project, context),
    ...others.flatMap((file) => named(file, () => readDocument(file.value, context))),
  ];
}

function readDocument(value: unknown, context: ImportContext): ExchangeFrame[] {
  if (isRecord(value) && 'openlabel' in value) return readOpenLabel(value, context);
  if (isRecord(value) && Array.isArray(value.frames)) return readPlain(value, context);
  return readNuScenes(value, context);
}

/** What goes wrong is said of the file. */
function named<Result>({ name }: TextFile, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
