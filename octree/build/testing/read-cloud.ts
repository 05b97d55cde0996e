/**
 * Reads a whole EPT cloud from a folder, as plainly as can be: the tests' own view of what the builder wrote.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { EPT_DATA_EXTENSION, type EptMetadata, parseEptMetadata, pointStride } from '../../formats/index.ts';
import { zstdDecompress, zstdReady } from '../../zstd/index.ts';
import type { TestPoint } from './points.ts';

export interface TestCloud {
  readonly metadata: EptMetadata;
  /** Points by node. */
  readonly nodes: ReadonlyMap<string, readonly TestPoint[]>;
  readonly points: readonly TestPoint[];
  readonly pages: number;
}

export async function readCloud(folder: string): Promise<TestCloud> {
  await zstdReady();
  const metadata = parseEptMetadata(await readFile(path.join(folder, 'ept.json')), folder);
  const { counts, pages } = await readHierarchy(folder);
  const nodes = new Map<string, readonly TestPoint[]>();
  for (const [key, count] of counts) nodes.set(key, await readNode(folder, metadata, key, count));
  return { metadata, nodes, points: [...nodes.values()].flat(), pages };
}

async function readHierarchy(folder: string): Promise<{ counts: Map<string, number>; pages: number }> {
  const counts = new Map<string, number>();
  const open = ['0-0-0-0'];
  let pages = 0;
  for (let root = open.pop(); root !== undefined; root = open.pop()) {
    pages++;
    const text = await readFile(path.join(folder, 'ept-hierarchy', `${root}.json`), 'utf8');
    for (const [key, count] of Object.entries(JSON.parse(text) as Record<string, number>)) {
      if (count === -1) open.push(key);
      else counts.set(key, count);
    }
  }
  return { counts, pages };
}

async function readNode(
  folder: string,
  metadata: EptMetadata,
  key: string,
  count: number,
): Promise<TestPoint[]> {
  const { dataType, schema } = metadata;
  const stored = await readFile(path.join(folder, 'ept-data', `${key}.${EPT_DATA_EXTENSION[dataType]}`));
  const stride = pointStride(schema);
  const bytes = dataType === 'zstandard' ? zstdDecompress(stored, stride * count) : stored;
  if (bytes.length !== stride * count) throw new Error(`${key}: ${bytes.length} bytes for ${count} points`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: count }, (_, index) => {
    const value = (name: string) => {
      let at = index * stride;
      for (const dimension of schema) {
        if (dimension.name === name)
          return raw(view, at, dimension.type, dimension.size) * dimension.scale + dimension.offset;
        at += dimension.size;
      }
      return 0;
    };
    return { x: value('X'), y: value('Y'), z: value('Z'), intensity: value('Intensity') };
  });
}

function raw(view: DataView, at: number, type: string, size: number): number {
  if (type === 'float') return size === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true);
  return size === 4 ? view.getInt32(at, true) : view.getUint16(at, true);
}
