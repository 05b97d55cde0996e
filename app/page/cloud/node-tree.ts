/** What is known of a cloud's octree: nodes with their counts, filled in as listings come. */
import type { Bounds } from '../../../octree/geometry/index.ts';
import { Key } from '../../../octree/geometry/index.ts';

export interface TreeNode {
  readonly key: Key;
  readonly name: string;
  readonly count: number;
  readonly cube: Bounds;
}

/** A listing as the server answers it. */
export interface ListedNodes {
  readonly nodes: Readonly<Record<string, number>>;
  readonly more: readonly string[];
}

export class NodeTree {
  readonly cube: Bounds;
  /** Distance between the root's points, metres. */
  readonly spacing: number;
  readonly #nodes = new Map<string, TreeNode>();
  readonly #unlisted = new Set<string>(['0-0-0-0']);

  constructor(cube: Bounds, spacing: number) {
    this.cube = cube;
    this.spacing = spacing;
  }

  get(name: string): TreeNode | undefined {
    return this.#nodes.get(name);
  }

  /** True for a node whose own listing has to be asked for. */
  isUnlisted(name: string): boolean {
    return this.#unlisted.has(name);
  }

  get size(): number {
    return this.#nodes.size;
  }

  add({ nodes, more }: ListedNodes): void {
    for (const [name, count] of Object.entries(nodes)) {
      const key = Key.parse(name);
      if (key === null) continue;
      this.#unlisted.delete(name);
      this.#nodes.set(name, { key, name, count, cube: Key.cube(key, this.cube) });
    }
    for (const name of more) if (!this.#nodes.has(name)) this.#unlisted.add(name);
  }

  /** Distance between the points of a node, metres. */
  spacingOf({ key }: TreeNode): number {
    return this.spacing / 2 ** key.depth;
  }
}
