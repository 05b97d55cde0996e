/**
 * Potree 1 hierarchies. From 1.5 on: pages (`.hrc`) of breadth-first records of 5 bytes, u8 child mask, u32
 * points. In 1.4: a list in cloud.js.
 * Source: PotreeConverter 1.7 (PotreeWriter), potree PointCloudOctreeGeometry.loadHierachyThenPoints.
 * The counts are hints: there are files with more or fewer points than their page says (PotreeConverter#218).
 */

import { atOnce, NearboxError, type Sliced } from '../../../cache/foundation/index.ts';
import { Key, MAX_KEY_DEPTH } from '../../geometry/index.ts';
import {
  type HierarchyPage,
  isSound,
  MAX_NODE_POINTS,
  MAX_PAGE_NODES,
  type OnDamage,
  OWN_PAGE,
  RECORDS_PER_STEP,
} from '../../hierarchy/index.ts';
import type { InvalidFile } from '../invalid.ts';
import { fromPotreeName, potreeChild } from '../potree-name.ts';

const RECORD_BYTES = 5;

/** Largest page that is read, bytes. */
export const MAX_HRC_BYTES = MAX_PAGE_NODES * RECORD_BYTES;

/**
 * Parses the page of the subtree of `root`. It covers the levels from root to root + `step`, both included;
 * nodes of the last level that have children have a page of their own, which repeats their record. Throws
 * `corrupt_tile` with the cloud (`name`) and the node unless the number of records is the one that the masks
 * say. With `onDamage`, a node with an impossible count has no points.
 */
export function parsePotree1Page(
  bytes: Uint8Array,
  root: Key,
  step: number,
  name: string,
  onDamage?: OnDamage,
): HierarchyPage {
  return atOnce(parsingPotree1Page(bytes, root, step, name, onDamage));
}

/** The same in slices. */
export function* parsingPotree1Page(
  bytes: Uint8Array,
  root: Key,
  step: number,
  name: string,
  onDamage?: OnDamage,
): Sliced<HierarchyPage> {
  const bad: InvalidFile = (what) =>
    new NearboxError('corrupt_tile', `${name}: hierarchy page ${Key.format(root)}: ${what}`);
  const { byteLength } = bytes;
  if (byteLength === 0 || byteLength % RECORD_BYTES !== 0 || byteLength > MAX_HRC_BYTES) {
    throw bad(`${byteLength} bytes are not a page: at most ${MAX_HRC_BYTES}, a multiple of ${RECORD_BYTES}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, byteLength);
  const records = byteLength / RECORD_BYTES;
  const nodes = new Map<string, number>();
  const keys: Key[] = [root];
  for (let i = 0; i < keys.length; i++) {
    if (i % RECORDS_PER_STEP === 0) yield;
    const key = keys[i]!;
    if (i >= records) throw bad(`it ends after ${records} records, before node ${Key.format(key)}`);
    const mask = view.getUint8(i * RECORD_BYTES);
    const points = view.getUint32(i * RECORD_BYTES + 1, true);
    const isLinked = mask !== 0 && key.depth === root.depth + step;
    const id = Key.format(key);
    const isBelieved = isLinked || isSound(id, onDamage, () => checkCount(points, key, bad));
    nodes.set(id, isLinked ? OWN_PAGE : isBelieved ? points : 0);
    if (isLinked || mask === 0) continue;
    if (key.depth >= MAX_KEY_DEPTH)
      throw bad(`node ${Key.format(key)} has children, deeper than ${MAX_KEY_DEPTH} levels`);
    for (let digit = 0; digit < 8; digit++) if (mask & (1 << digit)) keys.push(potreeChild(key, digit));
    if (keys.length > records) throw bad(`${records} records, but at least ${keys.length} nodes`);
  }
  if (keys.length !== records) throw bad(`${records} records for ${keys.length} nodes`);
  return { root, nodes, storedBytes: byteLength };
}

/**
 * Parses the list `[["r", points], ["r0", points], ...]` of 1.4, in any order. Throws `corrupt_tile`
 * likewise.
 */
export function parsePotree1List(list: readonly unknown[], name: string, onDamage?: OnDamage): HierarchyPage {
  return atOnce(parsingPotree1List(list, name, onDamage));
}

/** The same in slices. */
export function* parsingPotree1List(
  list: readonly unknown[],
  name: string,
  onDamage?: OnDamage,
): Sliced<HierarchyPage> {
  const bad: InvalidFile = (what) =>
    new NearboxError('corrupt_tile', `${name}: the hierarchy in cloud.js: ${what}`);
  if (list.length > MAX_PAGE_NODES)
    throw bad(`it has ${list.length} nodes: at most ${MAX_PAGE_NODES} are read`);
  const nodes = new Map<string, number>();
  const keys: Key[] = [];
  for (const [i, entry] of list.entries()) {
    if (i % RECORDS_PER_STEP === 0) yield;
    const [node, points] = Array.isArray(entry) ? (entry as unknown[]) : [];
    isSound(String(node), onDamage, () => {
      const key = typeof node === 'string' ? fromPotreeName(node) : null;
      if (key === null)
        throw bad(`${JSON.stringify(entry)?.slice(0, 100)} does not begin with the name of a node`);
      if (!Number.isInteger(points) || (points as number) < 0)
        throw bad(`node ${node} has ${JSON.stringify(points)} points`);
      if (nodes.has(Key.format(key))) throw bad(`node ${node} occurs twice`);
      checkCount(points as number, key, bad);
      nodes.set(Key.format(key), points as number);
      keys.push(key);
    });
  }
  for (const [i, key] of keys.entries()) {
    if (i % RECORDS_PER_STEP === 0) yield;
    const id = Key.format(key);
    const parent = Key.parent(key);
    const hangs = isSound(id, onDamage, () => {
      if (parent !== null && !nodes.has(Key.format(parent))) throw bad(`node ${id} has no parent`);
    });
    if (!hangs) nodes.delete(id);
  }
  if (!nodes.has(Key.format(Key.root))) throw bad('node r is missing');
  return { root: Key.root, nodes, storedBytes: 0 };
}

function checkCount(points: number, key: Key, bad: InvalidFile): void {
  if (points > MAX_NODE_POINTS) throw bad(`node ${Key.format(key)} is said to have ${points} points`);
}
