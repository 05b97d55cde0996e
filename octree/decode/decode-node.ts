/**
 * Turns the stored bytes of a node into points, and checks them against the cube of the node in place of a
 * checksum.
 */
import { Bounds } from '../geometry/index.ts';
import type { AllocatePoints, DecodedNode, Dimension } from '../points/index.ts';
import { readZstd, zstdReady } from '../zstd/index.ts';
import { decodeChunk } from './decode-copc-chunk.ts';
import type { DecodeJob } from './decode-job.ts';
import { decodeLaz } from './decode-laz.ts';
import { checkDecodeLimits } from './decode-limits.ts';
import { decodePotree1Bin, decodePotree1Las } from './decode-potree1-file.ts';
import { decodePlanes } from './decode-potree2-planes.ts';
import { decodeRecords } from './records/index.ts';

/**
 * Decodes a node. Throws an Error that says what is wrong with the bytes, without the name of the node.
 * @param allocate memory for the points of plain and zstandard records. Default: new memory.
 */
export async function decodeNode(job: DecodeJob, allocate?: AllocatePoints): Promise<DecodedNode> {
  checkDecodeLimits(job);
  const { encoding, bytes, count, within, dimensions = [] } = job;
  const node = await decode(encoding, bytes, count, dimensions, allocate);
  // LAZ and plain records have no checksum. Most flipped bits move a point out of its cube.
  if (node.bounds !== null && !Bounds.contains(within, node.bounds)) {
    throw new Error(`points reach ${format(node.bounds)}, the node's cube is ${format(within)}`);
  }
  return node;
}

async function decode(
  encoding: DecodeJob['encoding'],
  bytes: Uint8Array,
  count: number,
  wanted: readonly Dimension[],
  allocate: AllocatePoints | undefined,
): Promise<DecodedNode> {
  switch (encoding.kind) {
    case 'records':
      return unpack(encoding, bytes, count, wanted, allocate);
    case 'laz':
      return decodeLaz(bytes, count, wanted);
    case 'copc-chunk':
      return decodeChunk(bytes, count, encoding, wanted);
    case 'potree1-bin':
      return decodePotree1Bin(bytes, encoding.layout, wanted);
    case 'potree1-las':
      return decodePotree1Las(bytes, count, wanted);
    case 'potree2-planes':
      return decodePlanes(bytes, count, encoding.layout, wanted);
  }
}

async function unpack(
  { compression, layout }: Extract<DecodeJob['encoding'], { kind: 'records' }>,
  bytes: Uint8Array,
  count: number,
  wanted: readonly Dimension[],
  allocate: AllocatePoints | undefined,
): Promise<DecodedNode> {
  if (compression === 'none') return decodeRecords(bytes, count, layout, wanted, allocate);
  await zstdReady();
  return readZstd(bytes, count * layout.stride, (content) =>
    decodeRecords(content, count, layout, wanted, allocate),
  );
}

function format({ min, max }: Bounds): string {
  return `[${min.join(', ')}] to [${max.join(', ')}]`;
}
