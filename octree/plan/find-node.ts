/** Finds a node of the hierarchy by its key, and lists what lies below it. */
import { NearboxError } from '../../cache/foundation/index.ts';
import { Key } from '../geometry/index.ts';
import { type HierarchyPage, OWN_PAGE } from '../hierarchy/index.ts';
import type { PageLink } from './plan.ts';
import type { PlannedNode } from './planned-node.ts';

type LoadPage = (link: PageLink) => Promise<HierarchyPage>;

export interface FoundNode extends PlannedNode {
  /** The page with the count of the node and its children. */
  readonly page: HierarchyPage;
}

/**
 * The node; null if the hierarchy has no such node. Loads the pages on the way one after the other. Throws
 * `corrupt_tile`.
 */
export async function findNode(
  rootPage: HierarchyPage,
  key: Key,
  loadPage: LoadPage,
): Promise<FoundNode | null> {
  let page = rootPage;
  for (;;) {
    const met = walkDown(page, key);
    if (met === null) return null;
    const id = Key.format(met);
    const points = page.nodes.get(id)!;
    const range = page.ranges?.get(id) ?? null;
    if (points !== OWN_PAGE) return { key, name: id, points, range, page };
    if (met.depth === page.root.depth && page !== rootPage)
      throw new NearboxError('corrupt_tile', `the hierarchy page of node ${id} only refers to itself`);
    page = await loadPage({ root: met, range });
  }
}

/** The node if the page has it, or the node above it that has a separate page; null if neither exists. */
function walkDown(page: HierarchyPage, key: Key): Key | null {
  if (!Key.isWithin(key, page.root)) return null;
  for (let depth = page.root.depth; depth <= key.depth; depth++) {
    const levels = key.depth - depth;
    const above = Key.create(depth, key.x >> levels, key.y >> levels, key.z >> levels);
    const points = page.nodes.get(Key.format(above));
    if (points === undefined) return null;
    if (points === OWN_PAGE || levels === 0) return above;
  }
  return null;
}

export interface NodeListing {
  /** Number of points by formatted key, parents first; 0 if only deeper nodes have points. */
  readonly nodes: ReadonlyMap<string, number>;
  /** Nodes that are left out together with everything below them: beyond the limit, or on a separate page. */
  readonly more: readonly string[];
}

/** The node and those below it in its page, breadth first, at most `limit`. */
export function listBelow({ page, key }: FoundNode, limit: number): NodeListing {
  const nodes = new Map<string, number>();
  const more: string[] = [];
  const queue: Key[] = [key];
  for (let at = 0; at < queue.length; at++) {
    const id = Key.format(queue[at]!);
    const points = page.nodes.get(id);
    if (points === undefined) continue;
    if (points === OWN_PAGE || nodes.size >= limit) {
      more.push(id);
      continue;
    }
    nodes.set(id, points);
    queue.push(...Key.children(queue[at]!));
  }
  return { nodes, more };
}
