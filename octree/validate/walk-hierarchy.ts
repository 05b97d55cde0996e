/** Every node of a cloud, page by page, with only one page in memory at a time. */
import { isNearboxError } from '../../cache/foundation/index.ts';
import type { FormatCloud } from '../formats/index.ts';
import { Key } from '../geometry/index.ts';
import { type HierarchyPage, OWN_PAGE } from '../hierarchy/index.ts';
import type { PageLink, PlannedNode } from '../plan/index.ts';

export interface WalkOptions {
  readonly signal: AbortSignal;
  /** A page that cannot be read: what is below `node` is left out. */
  readonly onLostPage: (node: string, what: string) => void;
  readonly onPage: (page: HierarchyPage) => void;
}

/**
 * Nodes from the top down, those without points as well. A linked page begins deeper than the page that links
 * it (the formats see to that), so this ends.
 */
export async function* walkHierarchy(cloud: FormatCloud, options: WalkOptions): AsyncGenerator<PlannedNode> {
  const links: PageLink[] = [];
  let page: HierarchyPage | null = cloud.rootPage;
  for (;;) {
    if (page !== null) {
      options.onPage(page);
      yield* nodesOf(page, links);
    }
    const link = links.pop();
    if (link === undefined) return;
    page = await loadPage(cloud, link, options);
  }
}

function* nodesOf(page: HierarchyPage, links: PageLink[]): Generator<PlannedNode> {
  const stack: Key[] = [page.root];
  for (let key = stack.pop(); key !== undefined; key = stack.pop()) {
    const name = Key.format(key);
    const points = page.nodes.get(name);
    if (points === undefined) continue;
    const range = page.ranges?.get(name) ?? null;
    if (points === OWN_PAGE) {
      links.push({ root: key, range });
      continue;
    }
    yield { key, name, points, range };
    stack.push(...Key.children(key));
  }
}

async function loadPage(
  cloud: FormatCloud,
  { root, range }: PageLink,
  { signal, onLostPage }: WalkOptions,
): Promise<HierarchyPage | null> {
  try {
    return await cloud.loadPage(root, signal, range);
  } catch (error) {
    signal.throwIfAborted();
    if (!isNearboxError(error)) throw error;
    onLostPage(Key.format(root), error.message);
    return null;
  }
}
