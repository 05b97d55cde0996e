/**
 * Chunks of Potree 2's hierarchy.bin: breadth-first records of 22 bytes, u8 type, u8 child mask, u32 points,
 * u64 byte offset, u64 byte size. Source: PotreeConverter 2.1 (HierarchyBuilder.h) and the Potree viewer
 * (OctreeLoader.parseHierarchy).
 */

import type { ByteRange } from '../../../cache/byte-source/index.ts';
import { atOnce, NearboxError, type Sliced } from '../../../cache/foundation/index.ts';
import { Key, MAX_KEY_DEPTH } from '../../geometry/index.ts';
import type { RangedPage } from '../../hierarchy/index.ts';
import {
  isSound,
  MAX_NODE_BYTES,
  MAX_NODE_POINTS,
  MAX_PAGE_NODES,
  type OnDamage,
  OWN_PAGE,
  RECORDS_PER_STEP,
} from '../../hierarchy/index.ts';
import type { InvalidFile } from '../invalid.ts';
import { potreeChild } from '../potree-name.ts';

/** Sizes of the files that ranges must lie in, bytes. */
export interface Potree2Extent {
  readonly hierarchyBytes: number;
  readonly octreeBytes: number;
  /** Bytes per point if nodes are plain records; null if they are compressed. */
  readonly stride: number | null;
}

const RECORD_BYTES = 22;

/** Largest chunk that is read, bytes. */
export const MAX_CHUNK_BYTES = MAX_PAGE_NODES * RECORD_BYTES;
/** A node whose record, and everything below it, is in another chunk. Its mask is not expanded here. */
const PROXY = 2;

/**
 * Parses the chunk of the subtree of `root`. Throws `corrupt_tile` with the cloud (`name`) and the node
 * unless the number of records is the one that the masks say and all ranges lie in the files. With
 * `onDamage`, nodes with invalid ranges have no points (and nothing below them). `PagePlaces` makes sure that
 * chunks do not link to each other in a loop.
 */
export function parsePotree2Chunk(
  bytes: Uint8Array,
  root: Key,
  extent: Potree2Extent,
  name: string,
  onDamage?: OnDamage,
): RangedPage {
  return atOnce(parsingPotree2Chunk(bytes, root, extent, name, onDamage));
}

/** The same in slices. */
export function* parsingPotree2Chunk(
  bytes: Uint8Array,
  root: Key,
  extent: Potree2Extent,
  name: string,
  onDamage?: OnDamage,
): Sliced<RangedPage> {
  const bad: InvalidFile = (what) =>
    new NearboxError('corrupt_tile', `${name}: hierarchy chunk ${Key.format(root)}: ${what}`);
  checkChunkLength(bytes.byteLength, bad);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records = bytes.byteLength / RECORD_BYTES;
  const nodes = new Map<string, number>();
  const ranges = new Map<string, ByteRange>();
  const keys: Key[] = [root];
  for (let i = 0; i < keys.length; i++) {
    if (i % RECORDS_PER_STEP === 0) yield;
    if (i >= records) throw bad(`it ends after ${records} records, before node ${Key.format(keys[i]!)}`);
    const record = readRecord(view, i * RECORD_BYTES);
    const id = Key.format(keys[i]!);
    if (record.type > PROXY) throw bad(`node ${id} has type ${record.type}`);
    if (record.type === PROXY) {
      if (i === 0) throw bad(`node ${id} leads back to its own chunk`);
      const isThere = isSound(id, onDamage, () => {
        checkChunkLength(record.range.length, (what) => bad(`linked chunk ${id}: ${what}`));
        ranges.set(id, inFile(record.range, extent.hierarchyBytes, id, bad));
      });
      nodes.set(id, isThere ? OWN_PAGE : 0);
      continue;
    }
    isSound(id, onDamage, () => {
      const range = dataRange(record, id, extent, bad);
      if (range !== null) ranges.set(id, range);
    });
    nodes.set(id, ranges.has(id) ? record.points : 0);
    addChildren(keys, keys[i]!, record.mask, records, bad);
  }
  if (keys.length !== records) throw bad(`${records} records for ${keys.length} nodes`);
  return { root, nodes, ranges, storedBytes: bytes.byteLength };
}

interface NodeRecord {
  readonly type: number;
  readonly mask: number;
  readonly points: number;
  readonly range: ByteRange;
}

function readRecord(view: DataView, at: number): NodeRecord {
  return {
    type: view.getUint8(at),
    mask: view.getUint8(at + 1),
    points: view.getUint32(at + 2, true),
    range: {
      offset: Number(view.getBigUint64(at + 6, true)),
      length: Number(view.getBigUint64(at + 14, true)),
    },
  };
}

function checkChunkLength(length: number, bad: InvalidFile): void {
  if (length <= 0 || length % RECORD_BYTES !== 0 || length > MAX_CHUNK_BYTES) {
    throw bad(`${length} bytes are not a chunk: at most ${MAX_CHUNK_BYTES}, a multiple of ${RECORD_BYTES}`);
  }
}

/**
 * Nodes of size 0 have no points, whatever their count says, and may have children (PotreeConverter#476,
 * #516, #523).
 */
function dataRange(
  { points, range }: NodeRecord,
  id: string,
  extent: Potree2Extent,
  bad: InvalidFile,
): ByteRange | null {
  if (range.length === 0) return null;
  if (points === 0 || points > MAX_NODE_POINTS)
    throw bad(`node ${id} is said to have ${points} points in ${range.length} bytes`);
  if (range.length > MAX_NODE_BYTES) throw bad(`node ${id} is said to have ${range.length} bytes`);
  if (extent.stride !== null && range.length !== points * extent.stride) {
    throw bad(`node ${id}: ${range.length} bytes are not ${points} points of ${extent.stride}`);
  }
  return inFile(range, extent.octreeBytes, id, bad);
}

function inFile(range: ByteRange, size: number, id: string, bad: InvalidFile): ByteRange {
  if (range.offset + range.length > size) {
    throw bad(
      `node ${id} is said to be at bytes ${range.offset} to ${range.offset + range.length} of ${size}`,
    );
  }
  return range;
}

function addChildren(keys: Key[], parent: Key, mask: number, records: number, bad: InvalidFile): void {
  if (mask === 0) return;
  if (parent.depth >= MAX_KEY_DEPTH)
    throw bad(`node ${Key.format(parent)} has children, deeper than ${MAX_KEY_DEPTH} levels`);
  for (let digit = 0; digit < 8; digit++) if (mask & (1 << digit)) keys.push(potreeChild(parent, digit));
  if (keys.length > records) throw bad(`${records} records, but at least ${keys.length} nodes`);
}
