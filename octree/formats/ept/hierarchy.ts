/**
 * An EPT hierarchy page: JSON that maps `D-X-Y-Z` to a number of points, or to -1 if the subtree has a page
 * of its own (entwine-point-tile.md, "Hierarchy data"). Zeros are not in the specification but occur.
 */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { atOnce, type Sliced } from '../../../cache/foundation/index.ts';
import { Key } from '../../geometry/index.ts';
import {
  type HierarchyPage,
  isSound,
  MAX_PAGE_NODES,
  type OnDamage,
  OWN_PAGE,
  RECORDS_PER_STEP,
} from '../../hierarchy/index.ts';
import { nodeCounts } from './node-counts.ts';
import type { EptHierarchyType } from './schema.ts';

const gunzipAsync = promisify(gunzip);

const COLON = 0x3a;

/**
 * A larger count makes the whole page invalid. Counts between `MAX_NODE_POINTS` and this make only their node
 * unreadable, so that clicks elsewhere in the cloud still work.
 */
const MAX_PROMISED_POINTS = 1_000_000_000;

/** The JSON text of a stored page. Rejects if it has more than `maxBytes`. */
export async function unpackPage(
  bytes: Uint8Array,
  type: EptHierarchyType,
  maxBytes: number,
): Promise<Uint8Array> {
  if (type === 'json') return bytes;
  // Some storages unpack gzip in transit: bytes that do not begin as gzip are used as they are.
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  return gunzipAsync(bytes, { maxOutputLength: maxBytes });
}

/**
 * Parses and checks the page of the subtree of `root`. Throws an Error with the invalid entry; with
 * `onDamage`, invalid entries are left out instead.
 */
export function parseEptPage(
  bytes: Uint8Array,
  root: Key,
  storedBytes: number,
  onDamage?: OnDamage,
): HierarchyPage {
  return atOnce(parsingEptPage(bytes, root, storedBytes, onDamage));
}

/** The same in slices. */
export function* parsingEptPage(
  bytes: Uint8Array,
  root: Key,
  storedBytes: number,
  onDamage?: OnDamage,
): Sliced<HierarchyPage> {
  yield* checkEntryCount(bytes);
  const nodes = new Map<string, number>();
  let entries = 0;
  for (const [name, points] of nodeCounts(bytes)) {
    if (++entries % RECORDS_PER_STEP === 0) yield;
    if (entries > MAX_PAGE_NODES) throw new Error(`it has more than ${MAX_PAGE_NODES} nodes`);
    if (isSound(name, onDamage, () => checkEntry(name, points, root))) nodes.set(name, points as number);
  }
  yield* checkTree(nodes, root, onDamage);
  return { root, nodes, storedBytes };
}

/**
 * Counts the colons, one per entry: a page that is too large is refused before memory is allocated for its
 * nodes.
 */
function* checkEntryCount(bytes: Uint8Array): Sliced<void> {
  let colons = 0;
  for (let at = bytes.indexOf(COLON); at >= 0; at = bytes.indexOf(COLON, at + 1)) {
    if (++colons > MAX_PAGE_NODES) throw new Error(`it has more than ${MAX_PAGE_NODES} nodes`);
    if (colons % (16 * RECORDS_PER_STEP) === 0) yield;
  }
}

function checkEntry(name: string, points: unknown, root: Key): void {
  const key = Key.parse(name);
  if (key === null || !Key.isWithin(key, root))
    throw new Error(`${JSON.stringify(name)} is not below ${Key.format(root)}`);
  if (!Number.isInteger(points) || (points as number) < OWN_PAGE || (points as number) > MAX_PROMISED_POINTS)
    throw new Error(`${name} cannot have ${JSON.stringify(points)} points`);
}

/**
 * Every node must have its parent in the same page, and the root of the page must have a real count. Pages
 * link only to deeper nodes, so walking them ends.
 */
function* checkTree(nodes: Map<string, number>, root: Key, onDamage: OnDamage | undefined): Sliced<void> {
  const name = Key.format(root);
  const own = nodes.get(name);
  if (own === undefined && nodes.size > 0) throw new Error(`${name} is not in its own page`);
  if (own === OWN_PAGE) throw new Error(`${name} refers to itself`);
  let checked = 0;
  for (const child of nodes.keys()) {
    if (++checked % RECORDS_PER_STEP === 0) yield;
    if (child === name) continue;
    const parent = Key.format(Key.parent(Key.parse(child)!)!);
    const hangs = isSound(child, onDamage, () => {
      const points = nodes.get(parent);
      if (points === undefined) throw new Error(`${child} has no parent`);
      if (points === OWN_PAGE) throw new Error(`${child} belongs to the page of ${parent}`);
    });
    if (!hangs) nodes.delete(child);
  }
}
