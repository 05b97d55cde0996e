/** Export and import in every format the page knows. */
import { isRecord } from '../model/index.ts';
import type { ExchangeFrame, ImportContext, TextFile } from './exchange.ts';
import { isLabelFile, isTracking, readKitti, writeKitti } from './kitti.ts';
import { readNuScenes, writeNuScenes } from './nuscenes.ts';
import { readOpenLabel, writeOpenLabel } from './openlabel.ts';
import { readPlain, writePlain } from './plain.ts';
import { readZip, writeZip } from './zip.ts';

export { type ExchangeFrame, type ExchangeLabel, toExchange, toLabels } from './exchange.ts';
export { writeKitti } from './kitti.ts';
export { readOpenLabel, writeOpenLabel } from './openlabel.ts';

export const EXPORT_FORMATS = ['openlabel', 'kitti', 'nuscenes', 'json'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export const FORMAT_NAMES: Readonly<Record<ExportFormat, string>> = {
  openlabel: 'OpenLABEL 1.0',
  kitti: 'KITTI (zip)',
  nuscenes: 'nuScenes',
  json: 'Plain JSON',
};

export interface Download {
  readonly name: string;
  readonly type: string;
  readonly content: string | Uint8Array<ArrayBuffer>;
}

export function exportLabels(format: ExportFormat, frames: readonly ExchangeFrame[]): Download {
  const json = (name: string, content: string): Download => ({ name, type: 'application/json', content });
  switch (format) {
    case 'openlabel':
      return json('labels.openlabel.json', writeOpenLabel(frames));
    case 'nuscenes':
      return json('labels.nuscenes.json', writeNuScenes(frames));
    case 'json':
      return json('labels.json', writePlain(frames));
    case 'kitti':
      return { name: 'labels.kitti.zip', type: 'application/zip', content: writeZip(writeKitti(frames)) };
  }
}

export interface ImportFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Finds out what the files are and reads them. @throws Error that says what is wrong with which file. */
export async function importLabels(
  files: readonly ImportFile[],
  context: ImportContext,
): Promise<ExchangeFrame[]> {
  const texts = (await Promise.all(files.map(unpacked))).flat();
  const kitti: TextFile[] = [];
  const frames: ExchangeFrame[] = [];
  for (const file of texts) {
    if (!/^\s*[[{]/.test(file.text)) kitti.push(file);
    else frames.push(...readJson(file, context));
  }
  if (kitti.length > 0) {
    if (
      frames.length === 0 &&
      !kitti.some((file) => isLabelFile(file) || isTracking(file) || file.name.includes('label_'))
    )
      throw new Error(`${kitti[0]!.name} is none of OpenLABEL, KITTI, nuScenes and plain JSON`);
    frames.push(...readKitti(kitti, context));
  }
  return frames;
}

async function unpacked({ name, bytes }: ImportFile): Promise<TextFile[]> {
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  return isZip ? readZip(bytes) : [{ name, text: new TextDecoder().decode(bytes) }];
}

function readJson({ name, text }: TextFile, context: ImportContext): ExchangeFrame[] {
  try {
    const value = JSON.parse(text) as unknown;
    if (isRecord(value) && 'openlabel' in value) return readOpenLabel(value, context);
    if (isRecord(value) && Array.isArray(value.frames)) return readPlain(value);
    return readNuScenes(value, context);
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
