/**
 * Hierarchy pages of a COPC file: records of 32 bytes, in any order. Source: copc.io specification 1.0,
 * "Hierarchy VLR": i32 level, x, y, z; u64 offset; i32 byteSize; i32 pointCount.
 */

import type { ByteRange } from '../../../cache/byte-source/index.ts';
import { atOnce, NearboxError, type Sliced } from '../../../cache/foundation/index.ts';
import { Key } from '../../geometry/index.ts';
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

/** The parts of the file that ranges may refer to. */
export interface CopcExtent {
  readonly fileSize: number;
  /** Where the compressed points begin. */
  readonly pointsAt: number;
}

const ENTRY_BYTES = 32;

/** Largest page that is read, bytes. */
export const MAX_COPC_PAGE_BYTES = MAX_PAGE_NODES * ENTRY_BYTES;

/**
 * Parses the page of the subtree of `root`. Throws `corrupt_tile` with the cloud (`name`) and the node unless
 * every record belongs to that subtree, occurs once, has its parent in the same page, and refers to bytes of
 * the file. With `onDamage`, invalid records are left out instead.
 */
export function parseCopcPage(
  bytes: Uint8Array,
  root: Key,
  extent: CopcExtent,
  name: string,
  onDamage?: OnDamage,
): RangedPage {
  return atOnce(parsingCopcPage(bytes, root, extent, name, onDamage));
}

/** The same in slices. */
export function* parsingCopcPage(
  bytes: Uint8Array,
  root: Key,
  extent: CopcExtent,
  name: string,
  onDamage?: OnDamage,
): Sliced<RangedPage> {
  const page = Key.format(root);
  const bad = (what: string) => new NearboxError('corrupt_tile', `${name}: hierarchy page ${page}: ${what}`);
  checkPageLength(bytes.byteLength, bad);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const keys: Key[] = [];
  const nodes = new Map<string, number>();
  const ranges = new Map<string, ByteRange>();
  for (let at = 0; at < bytes.byteLength; at += ENTRY_BYTES) {
    if (at % (RECORDS_PER_STEP * ENTRY_BYTES) === 0) yield;
    isSound(placeOf(view, at), onDamage, () => {
      const key = readKey(view, at, bad);
      const id = Key.format(key);
      if (!Key.isWithin(key, root)) throw bad(`node ${id} does not belong there`);
      if (nodes.has(id)) throw bad(`node ${id} occurs twice`);
      const count = view.getInt32(at + 28, true);
      const stored = {
        offset: Number(view.getBigUint64(at + 16, true)),
        length: view.getInt32(at + 24, true),
      };
      const range =
        count === OWN_PAGE ? pageRange(stored, id, extent, bad) : dataRange(stored, count, id, extent, bad);
      if (range !== null) ranges.set(id, range);
      nodes.set(id, count);
      keys.push(key);
    });
  }
  yield* checkParents(keys, nodes, page, bad, onDamage);
  return { root, nodes, ranges, storedBytes: bytes.byteLength };
}

function checkPageLength(length: number, bad: InvalidFile): void {
  if (length <= 0 || length % ENTRY_BYTES !== 0 || length > MAX_COPC_PAGE_BYTES) {
    throw bad(`${length} bytes are not a page: at most ${MAX_COPC_PAGE_BYTES}, a multiple of ${ENTRY_BYTES}`);
  }
}

/** The node key of a record as text, valid or not. */
function placeOf(view: DataView, at: number): string {
  return [0, 4, 8, 12].map((step) => view.getInt32(at + step, true)).join('-');
}

function readKey(view: DataView, at: number, bad: InvalidFile): Key {
  const key = Key.parse(placeOf(view, at));
  if (key === null) throw bad(`${placeOf(view, at)} is not a node of an octree`);
  return key;
}

function pageRange(range: ByteRange, id: string, extent: CopcExtent, bad: InvalidFile): ByteRange {
  checkPageLength(range.length, (what) => bad(`linked page ${id}: ${what}`));
  return inFile(range, id, 0, extent, bad);
}

function dataRange(
  range: ByteRange,
  count: number,
  id: string,
  extent: CopcExtent,
  bad: InvalidFile,
): ByteRange | null {
  if (count === 0) return null;
  if (count < 0 || count > MAX_NODE_POINTS) throw bad(`node ${id} is said to have ${count} points`);
  if (range.length <= 0 || range.length > MAX_NODE_BYTES)
    throw bad(`node ${id} is said to have ${range.length} bytes`);
  return inFile(range, id, extent.pointsAt, extent, bad);
}

function inFile(
  range: ByteRange,
  id: string,
  first: number,
  { fileSize }: CopcExtent,
  bad: InvalidFile,
): ByteRange {
  if (range.offset < first || range.offset + range.length > fileSize) {
    throw bad(
      `node ${id} is said to be at bytes ${range.offset} to ${range.offset + range.length} of ${fileSize}`,
    );
  }
  return range;
}

/**
 * A record without its parent cannot be reached from the root: its points would be missing without an error.
 */
function* checkParents(
  keys: readonly Key[],
  nodes: Map<string, number>,
  page: string,
  bad: InvalidFile,
  onDamage: OnDamage | undefined,
): Sliced<void> {
  const own = nodes.get(page);
  if (own === undefined) throw bad(`node ${page} itself is missing`);
  if (own === OWN_PAGE) throw bad(`node ${page} leads back to its own page`);
  for (const [i, key] of keys.entries()) {
    if (i % RECORDS_PER_STEP === 0) yield;
    const id = Key.format(key);
    const parent = Key.parent(key);
    if (id === page || parent === null) continue;
    const hangs = isSound(id, onDamage, () => {
      const points = nodes.get(Key.format(parent));
      if (points === undefined) throw bad(`node ${id} has no parent`);
      if (points === OWN_PAGE) throw bad(`node ${id} belongs to the page of ${Key.format(parent)}`);
    });
    if (!hangs) nodes.delete(id);
  }
}
