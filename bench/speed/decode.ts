/**
 * Decoding speed of one thread, for every encoding of a node: what a decode worker of nearbox does from
 * stored bytes to checked columns, beside copc.js and laz-perf in a tight loop on the same LAZ nodes.
 *
 *     npx tsx bench/speed/decode.ts [FOLDER of clouds]
 *
 * After `npm install --no-save @loaders.gl/core @loaders.gl/las` loaders.gl is among them, for whole files of
 * point formats 0 to 3, which is what it reads.
 *
 * Million points a second of processor time, the median and the best of several rounds, the contenders taking
 * turns. Processor time, because other load on the machine then counts for little, though it still slows all
 * of them down. ept-tools, the other reader of EPT in JavaScript, is in no package registry; its LAZ decoder
 * is copc.js's.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { Las } from 'copc';
import { createLazPerf, type LazPerf } from 'laz-perf';
import { FolderSource } from '../../cache/index.ts';
import type { DecodeJob, NodeEncoding } from '../../octree/decode/index.ts';
import { decodeNode } from '../../octree/decode/index.ts';
import type { FormatCloud } from '../../octree/formats/index.ts';
import { formatsOf } from '../../octree/formats/index.ts';
import { Key } from '../../octree/geometry/index.ts';
import {
  type HierarchyPage,
  MAX_NODE_BYTES,
  MAX_PAGE_BYTES,
  OWN_PAGE,
} from '../../octree/hierarchy/index.ts';
import { LAS_HEAD_BYTES, type PointRecords, parseLasHeader } from '../../octree/laz/index.ts';
import { zstdReady } from '../../octree/zstd/index.ts';
import { machineLine, medianOf } from '../kit/index.ts';

const ROUNDS = 25;
/** Rounds before those, for the compilers. */
const WARM_UP = 3;
/** Small clouds are decoded several times a round, so that the clock sees enough of them. */
const POINTS_A_ROUND = 400_000;
const folder = path.resolve(process.argv[2] ?? '../shared/interop');
const signal = AbortSignal.timeout(600_000);
const source = new FolderSource({ root: folder });

interface DecodeContender {
  readonly name: string;
  readonly run: () => void | Promise<void>;
}

async function compare(title: string, points: number, contenders: readonly DecodeContender[]): Promise<void> {
  const speeds = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  const times = Math.ceil(POINTS_A_ROUND / points);
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    for (const { name, run } of round % 2 === 0 ? contenders : [...contenders].reverse()) {
      const before = process.cpuUsage();
      for (let i = 0; i < times; i++) await run();
      const { user, system } = process.cpuUsage(before);
      if (round >= 0) speeds.get(name)!.push((times * points) / (user + system));
    }
  }
  console.log(`\n${title}`);
  for (const [name, all] of speeds) {
    const [middle, best] = [medianOf(all), Math.max(...all)].map((speed) => speed.toFixed(2).padStart(7));
    console.log(`${middle} (best ${best}) M points/s  ${name}`);
  }
}

async function openCloud(id: string): Promise<FormatCloud | null> {
  const base = id.endsWith('.laz') ? id : `${id}/`;
  for (const format of formatsOf(id)) {
    const cloud = await format.open({
      source,
      id,
      base,
      limits: { maxMetadataBytes: MAX_PAGE_BYTES },
      signal,
    });
    if (cloud !== null) return cloud;
  }
  return null;
}

/** What the workers would be told of all nodes of a cloud. */
async function jobsOf(cloud: FormatCloud): Promise<DecodeJob[]> {
  const jobs: DecodeJob[] = [];
  const pages: HierarchyPage[] = [cloud.rootPage];
  for (const page of pages) {
    for (const [id, count] of page.nodes) {
      const key = Key.parse(id)!;
      const range = page.ranges?.get(id) ?? null;
      if (count === OWN_PAGE) pages.push(await cloud.loadPage(key, signal, range));
      if (count <= 0) continue;
      const place = cloud.locate(key, count, range);
      if (place.storedBytes === 0 && place.range !== null) continue;
      const options = place.range === null ? {} : { range: place.range };
      const stored = await source.read(place.path, { signal, maxBytes: MAX_NODE_BYTES, ...options });
      const within = { min: [-1e12, -1e12, -1e12], max: [1e12, 1e12, 1e12] } as const;
      if (stored !== null)
        jobs.push({ encoding: place.encoding, bytes: new Uint8Array(stored.bytes), count, within });
    }
  }
  return jobs;
}

function encodingName(encoding: NodeEncoding): string {
  if (encoding.kind !== 'records') return encoding.kind;
  if (encoding.compression === 'none') return `binary, ${encoding.layout.stride} bytes a point`;
  return `zstandard, ${encoding.layout.stride} bytes a point`;
}

interface Loaders {
  readonly parse: (bytes: ArrayBuffer, loader: unknown, options: object) => Promise<unknown>;
  readonly loader: unknown;
}

/** null: it is not installed. A dependency it is not, for its size. */
async function findLoaders(): Promise<Loaders | null> {
  const [core, las] = ['@loaders.gl/core', '@loaders.gl/las'];
  try {
    const { parse } = (await import(core!)) as Pick<Loaders, 'parse'>;
    const { LASLoader: loader } = (await import(las!)) as { LASLoader: unknown };
    return { parse, loader };
  } catch {
    return null;
  }
}

function loadersGl(jobs: readonly DecodeJob[], loaders: Loaders | null): DecodeContender[] {
  if (loaders === null || jobs.some((job) => recordsOf(job).pointFormat > 3)) return [];
  const { parse, loader } = loaders;
  return [
    {
      name: 'loaders.gl, position as float64, intensity, classification, colour',
      run: async () => {
        for (const { bytes } of jobs)
          await parse(bytes.buffer, loader, { worker: false, las: { fp64: true } });
      },
    },
  ];
}

/** The other decoders of LAZ; none for other encodings. */
function others(jobs: readonly DecodeJob[], lazPerf: LazPerf, loaders: Loaders | null): DecodeContender[] {
  const { kind } = jobs[0]!.encoding;
  const isChunk = kind === 'copc-chunk';
  const isFile = kind === 'laz' || (kind === 'potree1-las' && (jobs[0]!.bytes[104]! & 0x80) !== 0);
  if (!isChunk && !isFile) return [];
  return [
    {
      name: 'copc.js, all dimensions into records',
      run: async () => {
        for (const job of jobs) {
          const { pointFormat, recordBytes } = recordsOf(job);
          if (isFile) await Las.PointData.decompressFile(job.bytes, lazPerf);
          else {
            const layout = { pointDataRecordFormat: pointFormat, pointDataRecordLength: recordBytes };
            await Las.PointData.decompressChunk(job.bytes, { pointCount: job.count, ...layout }, lazPerf);
          }
        }
      },
    },
    {
      name: 'laz-perf in a tight loop, position and intensity taken out',
      run: () => {
        for (const job of jobs) tightLoop(lazPerf, job, isFile);
      },
    },
    ...(isFile ? loadersGl(jobs, loaders) : []),
  ];
}

function recordsOf({ encoding, bytes }: DecodeJob): PointRecords {
  if (encoding.kind === 'copc-chunk') return encoding;
  return parseLasHeader(bytes.subarray(0, LAS_HEAD_BYTES), bytes.length);
}

function tightLoop(lazPerf: LazPerf, job: DecodeJob, isFile: boolean): void {
  const { bytes, count } = job;
  const { pointFormat, recordBytes } = recordsOf(job);
  const columns = [new Int32Array(count), new Int32Array(count), new Int32Array(count)] as const;
  const intensity = new Uint16Array(count);
  const input = lazPerf._malloc(bytes.byteLength);
  const record = lazPerf._malloc(recordBytes);
  lazPerf.HEAPU8.set(bytes, input);
  const file = isFile ? new lazPerf.LASZip() : null;
  const chunk = isFile ? null : new lazPerf.ChunkDecoder();
  file?.open(input, bytes.byteLength);
  chunk?.open(pointFormat, recordBytes, input);
  const decoder = (file ?? chunk)!;
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

console.log(machineLine());
await zstdReady();
const loaders = await findLoaders();
for (const id of readdirSync(folder).sort()) {
  const cloud = await openCloud(id);
  if (cloud === null) continue;
  const jobs = await jobsOf(cloud);
  const points = jobs.reduce((sum, { count }) => sum + count, 0);
  const nearbox: DecodeContender = {
    name: 'nearbox',
    run: async () => {
      for (const job of jobs) await decodeNode(job);
    },
  };
  // A memory of its own: copc.js never gives that of a file back.
  const contenders = [...others(jobs, await createLazPerf(), loaders), nearbox];
  await compare(
    `${id}: ${encodingName(jobs[0]!.encoding)}; ${jobs.length} nodes, ${points} points`,
    points,
    contenders,
  );
}
