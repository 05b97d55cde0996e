/** From a node's stored bytes to its points: unpack, decode, and check what a checksum would have told. */
import { Bounds } from './bounds.ts';
import { decodeChunk } from './copc/decode-chunk.ts';
import type { DecodeJob } from './decode-job.ts';
import { decodeLaz } from './decode-laz.ts';
import { decodeRecords } from './decode-records.ts';
import type { DecodedNode } from './decoded-node.ts';
import type { Dimension } from './dimensions.ts';
import { decodePotree1Bin, decodePotree1Las } from './potree1/decode-node-file.ts';
import { decodePlanes } from './potree2/decode-planes.ts';
import { readZstd, zstdReady } from './zstd.ts';

/** Runs in a decode worker. Throws an Error that says what is wrong with the bytes; the caller knows which node it is. */
export async function decodeNode({
  encoding,
  bytes,
  count,
  within,
  dimensions = [],
}: DecodeJob): Promise<DecodedNode> {
  const node = await decode(encoding, bytes, count, dimensions);
  // Flipped bits decode silently in LAZ and in plain records; most of them throw a point out of its cube.
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
): Promise<DecodedNode> {
  switch (encoding.kind) {
    case 'records':
      return unpack(encoding, bytes, count, wanted);
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
): Promise<DecodedNode> {
  if (compression === 'none') return decodeRecords(bytes, count, layout, wanted);
  await zstdReady();
  return readZstd(bytes, count * layout.stride, (content) => decodeRecords(content, count, layout, wanted));
}

function format({ min, max }: Bounds): string {
  return `[${min.join(', ')}] to [${max.join(', ')}]`;
}
