/**
 * Decoding speed of one thread, side by side: copc.js's own decompressChunk, laz-perf in a tight loop, and what nearbox does; then Potree.
 *
 *     npx tsx bench/decode.ts [FOLDER of the interop clouds]
 *
 * Million points a second of processor time, the best of several rounds, the contenders taking turns: other load on the machine counts
 * for little then, though it still slows both down.
 */
import { existsSync, readFileSync } from 'node:fs';
import { Las } from 'copc';
import { createLazPerf, type LazPerf } from 'laz-perf';
import { type CopcMetadata, parseCopcHead } from '../octree/copc/header.ts';
import { parseCopcPage } from '../octree/copc/hierarchy.ts';
import { Key } from '../octree/key.ts';
import { decodeChunks } from '../octree/laz/index.ts';
import { decodePlanes } from '../octree/potree2/decode-planes.ts';
import { parsePotree2Chunk } from '../octree/potree2/hierarchy.ts';
import { potree2NodeEncoding } from '../octree/potree2/layout.ts';
import { parsePotree2Metadata } from '../octree/potree2/metadata.ts';
import { machineLine } from './machine.ts';

const ROUNDS = 8;
const folder = process.argv[2] ?? '../shared/interop';

interface Contender {
  readonly name: string;
  readonly run: () => void | Promise<void>;
}

async function compare(title: string, points: number, contenders: readonly Contender[]): Promise<void> {
  const best = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const { name, run } of round % 2 === 0 ? contenders : [...contenders].reverse()) {
      const before = process.cpuUsage();
      await run();
      const { user, system } = process.cpuUsage(before);
      best.set(name, Math.max(best.get(name) ?? 0, points / (user + system)));
    }
  }
  console.log(`\n${title}, ${points} points`);
  for (const { name } of contenders)
    console.log(`  ${best.get(name)!.toFixed(2).padStart(6)} M points/s  ${name}`);
}

async function copc(file: string, lazPerf: LazPerf): Promise<void> {
  const bytes = new Uint8Array(readFileSync(`${folder}/${file}`));
  const metadata = parseCopcHead(bytes, bytes.length, file);
  const { offset, length } = metadata.rootPage;
  const page = parseCopcPage(bytes.subarray(offset, offset + length), Key.root, metadata, file);
  const chunks = [...page.ranges].map(([id, range]) => ({
    bytes: bytes.slice(range.offset, range.offset + range.length),
    count: page.nodes.get(id)!,
  }));
  const points = chunks.reduce((sum, { count }) => sum + count, 0);
  await compare(`${file} (point format ${metadata.pointFormat})`, points, [
    {
      name: 'copc.js: decompressChunk, all dimensions into records',
      run: async () => {
        for (const chunk of chunks) {
          await Las.PointData.decompressChunk(chunk.bytes, {
            pointCount: chunk.count,
            pointDataRecordFormat: metadata.pointFormat,
            pointDataRecordLength: metadata.recordBytes,
          });
        }
      },
    },
    {
      name: 'laz-perf in a tight loop, position and intensity taken out',
      run: () => {
        for (const chunk of chunks) tightLoop(lazPerf, chunk.bytes, chunk.count, metadata);
      },
    },
    {
      name: 'nearbox: the layers of position and intensity alone',
      run: () => {
        for (const chunk of chunks)
          decodeChunks([{ bytes: chunk.bytes, points: chunk.count }], metadata, { intensity: true });
      },
    },
  ]);
}

function tightLoop(lazPerf: LazPerf, bytes: Uint8Array, count: number, metadata: CopcMetadata): void {
  const columns = [new Int32Array(count), new Int32Array(count), new Int32Array(count)] as const;
  const intensity = new Uint16Array(count);
  const input = lazPerf._malloc(bytes.byteLength);
  const record = lazPerf._malloc(metadata.recordBytes);
  lazPerf.HEAPU8.set(bytes, input);
  const decoder = new lazPerf.ChunkDecoder();
  decoder.open(metadata.pointFormat, metadata.recordBytes, input);
  const at = record >> 2;
  const { HEAP32: ints, HEAPU16: shorts } = lazPerf;
  for (let i = 0; i < count; i++) {
    decoder.getPoint(record);
    columns[0][i] = ints[at]!;
    columns[1][i] = ints[at + 1]!;
    columns[2][i] = ints[at + 2]!;
    intensity[i] = shorts[(record + 12) >> 1]!;
  }
  decoder.delete();
  lazPerf._free(record);
  lazPerf._free(input);
}

async function potree2(name: string): Promise<void> {
  const read = (file: string) => new Uint8Array(readFileSync(`${folder}/${name}/${file}`));
  const metadata = parsePotree2Metadata(read('metadata.json'), name);
  const [hierarchy, octree] = [read('hierarchy.bin'), read('octree.bin')];
  const extent = { hierarchyBytes: hierarchy.length, octreeBytes: octree.length, stride: null };
  const page = parsePotree2Chunk(hierarchy.slice(0, metadata.firstChunkBytes), Key.root, extent, name);
  const encoding = potree2NodeEncoding(metadata);
  if (encoding.kind !== 'potree2-planes') return;
  const nodes = [...page.ranges].map(([id, range]) => ({
    bytes: octree.slice(range.offset, range.offset + range.length),
    count: page.nodes.get(id)!,
  }));
  const run = () => {
    for (const { bytes, count } of nodes) decodePlanes(bytes, count, encoding.layout);
  };
  const points = nodes.reduce((sum, { count }) => sum + count, 0);
  await compare(`${name} (BROTLI)`, points, [{ name: 'nearbox', run }]);
}

if (!existsSync(folder)) throw new Error(`${folder} is not there: name the folder of the interop clouds`);
console.log(machineLine());
const lazPerf = await createLazPerf();
for (const file of ['ellipsoid.copc.laz', 'lone-star.copc.laz']) await copc(file, lazPerf);
await potree2('potree2-lone-star-brotli');
