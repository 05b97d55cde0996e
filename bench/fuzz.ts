/**
 * Damages good metadata, hierarchies and nodes of COPC and Potree clouds and counts what comes of it.
 *
 *     npx tsx bench/fuzz.ts [ROUNDS] [SEED]
 *
 * Outcomes: `same` (the damage did no harm), `typed error`, `outside` (decoded, but the cube check of the reader refuses it), `wrong`
 * (decoded to other points inside of the cube: what no check can see), `other error` (a bug: the run fails). Slow inputs are reported.
 */
import { readFileSync } from 'node:fs';
import { isNearboxError } from '../cache/errors.ts';
import { Bounds } from '../octree/bounds.ts';
import { decodeChunk } from '../octree/copc/decode-chunk.ts';
import { parseCopcHead } from '../octree/copc/header.ts';
import { parseCopcPage } from '../octree/copc/hierarchy.ts';
import type { DecodedNode } from '../octree/decoded-node.ts';
import { Key } from '../octree/key.ts';
import { decodePotree1Las } from '../octree/potree1/decode-node-file.ts';
import { parsePotree1Page } from '../octree/potree1/hierarchy.ts';
import { parsePotree1Metadata } from '../octree/potree1/metadata.ts';
import { decodePlanes } from '../octree/potree2/decode-planes.ts';
import { parsePotree2Chunk } from '../octree/potree2/hierarchy.ts';
import { potree2NodeEncoding } from '../octree/potree2/layout.ts';
import { parsePotree2Metadata } from '../octree/potree2/metadata.ts';
import { damaged } from '../octree/testing/fuzz-bytes.ts';
import { page, potree1Cloud } from '../octree/testing/potree1-cloud.ts';
import { potree2Cloud } from '../octree/testing/potree2-cloud.ts';
import { CUBE, randomNumbers, scatterNodes } from '../octree/testing/scattered-nodes.ts';

const rounds = Number(process.argv[2] ?? 20_000);
const random = randomNumbers(Number(process.argv[3] ?? 1));
const SLOW_MS = 1000;

interface Target {
  readonly name: string;
  readonly good: Uint8Array;
  /** Throws a NearboxError, for parsers; any Error, for decoders: the worker makes a typed one of it. */
  readonly run: (bytes: Uint8Array) => unknown;
  readonly within?: Bounds;
}

const file = (path: string) => new Uint8Array(readFileSync(new URL(`../octree/${path}`, import.meta.url)));

function copcTargets(): Target[] {
  const bytes = file('copc/fixtures/channels.copc.laz');
  const metadata = parseCopcHead(bytes, bytes.length, 'copc');
  const { offset, length } = metadata.rootPage;
  const good = bytes.slice(offset, offset + length);
  const { nodes, ranges } = parseCopcPage(good, Key.root, metadata, 'copc');
  const chunk = ranges.get('0-0-0-0')!;
  const count = nodes.get('0-0-0-0')!;
  return [
    { name: 'COPC head', good: bytes.slice(0, 589), run: (b) => parseCopcHead(b, bytes.length, 'copc') },
    { name: 'COPC page', good, run: (b) => parseCopcPage(b, Key.root, metadata, 'copc') },
    {
      name: 'COPC chunk',
      good: bytes.slice(chunk.offset, chunk.offset + chunk.length),
      run: (b) => decodeChunk(b, count, metadata),
      within: Bounds.pad(metadata.cube, metadata.scale),
    },
  ];
}

function potreeTargets(): Target[] {
  const nodes = scatterNodes(3, 3, 60);
  const one = potree1Cloud(nodes, {
    version: '1.7',
    pointAttributes: ['POSITION_CARTESIAN', 'INTENSITY'],
    fields: [
      { size: 12, is: 'position' },
      { size: 2, is: 'intensity' },
    ],
  });
  const two = potree2Cloud(nodes, { encoding: 'BROTLI' });
  const metadata = parsePotree2Metadata(two.get('metadata.json')!, 'potree2');
  const [hierarchy, octree] = [two.get('hierarchy.bin')!, two.get('octree.bin')!];
  const extent = { hierarchyBytes: hierarchy.length, octreeBytes: octree.length, stride: null };
  const chunk = hierarchy.slice(0, metadata.firstChunkBytes);
  const parsed = parsePotree2Chunk(chunk, Key.root, extent, 'potree2');
  const [id, range] = [...parsed.ranges].find(([key]) => parsed.nodes.get(key)! > 20)!;
  const encoding = potree2NodeEncoding(metadata);
  if (encoding.kind !== 'potree2-planes') throw new Error('not BROTLI');
  return [
    { name: 'Potree 1 cloud.js', good: one.get('cloud.js')!, run: (b) => parsePotree1Metadata(b, 'potree1') },
    {
      name: 'Potree 1 page',
      good: page(nodes, Key.root, 3),
      run: (b) => parsePotree1Page(b, Key.root, 3, 'potree1'),
    },
    { name: 'Potree 1 LAS node', good: file('potree1/fixtures/r.las'), run: (b) => decodePotree1Las(b, 40) },
    {
      name: 'Potree 2 metadata',
      good: two.get('metadata.json')!,
      run: (b) => parsePotree2Metadata(b, 'potree2'),
    },
    { name: 'Potree 2 chunk', good: chunk, run: (b) => parsePotree2Chunk(b, Key.root, extent, 'potree2') },
    {
      name: 'Potree 2 BROTLI node',
      good: octree.slice(range.offset, range.offset + range.length),
      run: (b) => decodePlanes(b, parsed.nodes.get(id)!, encoding.layout),
      within: Bounds.pad(Key.cube(Key.parse(id)!, CUBE), metadata.scale),
    },
  ];
}

async function outcome({ run, within }: Target, bytes: Uint8Array, right: string): Promise<string> {
  try {
    const result = await run(bytes);
    const bounds = (result as Partial<DecodedNode>).bounds;
    if (within !== undefined && bounds && !Bounds.contains(within, bounds)) return 'outside';
    return summary(result) === right ? 'same' : 'wrong';
  } catch (error) {
    return isNearboxError(error, 'corrupt_tile') ||
      (within !== undefined && error instanceof Error) ||
      isDecodeError(error)
      ? 'typed error'
      : `other error: ${String(error).slice(0, 80)}`;
  }
}

/** Decoders throw plain Errors with a word of their own; a TypeError or RangeError was not foreseen. */
function isDecodeError(error: unknown): boolean {
  return error instanceof Error && error.constructor === Error;
}

function summary(result: unknown): string {
  return JSON.stringify(result, (_key, value: unknown) => {
    if (value instanceof Map) return [...value];
    return ArrayBuffer.isView(value) ? Buffer.from(value.buffer).toString('base64') : value;
  });
}

let bugs = 0;
for (const target of [...copcTargets(), ...potreeTargets()]) {
  const right = summary(await target.run(target.good));
  const classes = new Map<string, number>();
  for (const copy of damaged(target.good, rounds, random)) {
    const began = performance.now();
    const what = await outcome(target, copy, right);
    if (performance.now() - began > SLOW_MS)
      console.log(`slow: ${target.name}, ${(performance.now() - began).toFixed(0)} ms`);
    classes.set(what, (classes.get(what) ?? 0) + 1);
    if (what.startsWith('other')) bugs++;
  }
  const counts = [...classes].sort().map(([what, times]) => `${what} ${times}`);
  console.log(`${target.name.padEnd(22)} ${rounds} inputs: ${counts.join(', ')}`);
}
if (bugs > 0) process.exitCode = 1;
