/**
 * A page of an EPT hierarchy: JSON from `D-X-Y-Z` to a number of points, -1 where the subtree has a file of its own
 * (entwine-point-tile.md, "Hierarchy data"). Zeros are outside of the specification and occur.
 */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Key } from '../../geometry/index.ts';
import { type HierarchyPage, isSound, type OnDamage, OWN_PAGE } from '../../hierarchy/index.ts';
import type { EptHierarchyType } from './schema.ts';

const gunzipAsync = promisify(gunzip);

/** More points in one node than any writer makes (4 * span^2 is the rule; 65,536 the default). */
const MAX_NODE_POINTS = 1_000_000_000;

/** The JSON text of a stored page; at most `maxBytes` of it. */
export async function unpackPage(
  bytes: Uint8Array,
  type: EptHierarchyType,
  maxBytes: number,
): Promise<Uint8Array> {
  if (type === 'json') return bytes;
  // Some stores unpack on the way: what does not begin as gzip is taken as it is.
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  return gunzipAsync(bytes, { maxOutputLength: maxBytes });
}

/** Checks and reads a page that begins at `root`. Throws an Error that names the entry, unless that is left to `onDamage`. */
export function parseEptPage(
  bytes: Uint8Array,
  root: Key,
  storedBytes: number,
  onDamage?: OnDamage,
): HierarchyPage {
  const raw: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw new Error('a page is an object');
  const nodes = new Map<string, number>();
  for (const [name, points] of Object.entries(raw)) {
    if (isSound(name, onDamage, () => checkEntry(name, points, root))) nodes.set(name, points as number);
  }
  checkTree(nodes, root, onDamage);
  return { root, nodes, storedBytes };
}

function checkEntry(name: string, points: unknown, root: Key): void {
  const key = Key.parse(name);
  if (key === null || !Key.isWithin(key, root))
    throw new Error(`${JSON.stringify(name)} is not below ${Key.format(root)}`);
  if (!Number.isInteger(points) || (points as number) < OWN_PAGE || (points as number) > MAX_NODE_POINTS)
    throw new Error(`${name} cannot have ${JSON.stringify(points)} points`);
}

/**
 * Every node hangs from a parent in the same page, and the page's own root has its real count. Pages only ever point to nodes that
 * lie deeper than themselves, so that walking them comes to an end.
 */
function checkTree(nodes: Map<string, number>, root: Key, onDamage: OnDamage | undefined): void {
  const name = Key.format(root);
  const own = nodes.get(name);
  if (own === undefined && nodes.size > 0) throw new Error(`${name} is not in its own page`);
  if (own === OWN_PAGE) throw new Error(`${name} refers to itself`);
  for (const child of nodes.keys()) {
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
