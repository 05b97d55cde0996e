/**
 * `ept-hierarchy`: the nodes and their numbers of points (entwine-point-tile.md, "ept-hierarchy"). A small
 * hierarchy is one page. A page of a large one has whole levels from its root on; the subtrees below are
 * separate pages, marked by -1. A leaf just below is listed in the page, because its own page would only cost
 * a request.
 */
import { Key } from '../../geometry/index.ts';

export interface WrittenPage {
  /** The first node of the page, which names its file. */
  readonly root: string;
  readonly entries: Record<string, number>;
}

/** Some 100 KB of JSON: a first click on a large cloud waits for it. */
const PAGE_NODES = 4096;

/** The pages for all nodes, the root's page first. */
export function hierarchyPages(
  counts: ReadonlyMap<string, number>,
  pageNodes: number = PAGE_NODES,
): WrittenPage[] {
  const tree = new Tree(counts);
  const pages: WrittenPage[] = [];
  const open = [Key.format(Key.root)];
  for (let root = open.shift(); root !== undefined; root = open.shift()) {
    const { entries, below } = tree.page(root, pageNodes);
    pages.push({ root, entries });
    open.push(...below);
  }
  return pages;
}

class Tree {
  readonly #counts: ReadonlyMap<string, number>;
  readonly #children = new Map<string, string[]>();

  constructor(counts: ReadonlyMap<string, number>) {
    this.#counts = counts;
    for (const name of counts.keys()) {
      const parent = Key.parent(Key.parse(name)!);
      if (parent === null) continue;
      const siblings = this.#children.get(Key.format(parent));
      if (siblings === undefined) this.#children.set(Key.format(parent), [name]);
      else siblings.push(name);
    }
    for (const siblings of this.#children.values()) siblings.sort();
  }

  page(root: string, pageNodes: number): { entries: Record<string, number>; below: string[] } {
    const entries: Record<string, number> = { [root]: this.#counts.get(root)! };
    let size = 1;
    let level = this.#childrenOf(root);
    // The first level is always included, so that every page reaches deeper.
    for (let first = true; level.length > 0 && (first || size + level.length <= pageNodes); first = false) {
      for (const name of level) entries[name] = this.#counts.get(name)!;
      size += level.length;
      level = level.flatMap((name) => this.#childrenOf(name));
    }
    const below = level.filter((name) => this.#childrenOf(name).length > 0);
    for (const name of level) entries[name] = this.#counts.get(name)!;
    for (const name of below) entries[name] = -1;
    return { entries, below };
  }

  #childrenOf(name: string): string[] {
    return this.#children.get(name) ?? [];
  }
}
