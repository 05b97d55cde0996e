/** What is known of a cloud's octree: nodes with their counts, filled in as listings come. */
import type { Bounds } from '../../../octree/geometry/index.ts';
import { Key } from '../../../octree/geometry/index.ts';

export interface TreeNode {
  readonly key: Key;
  readonly name: string;
  readonly count: number;
  readonly cube: Bounds;
}

/** A node whose own listing has to be asked for. */
interface UnlistedNode {
  readonly name: string;
  readonly cube: Bounds;
}

export interface BelowNode {
  readonly nodes: readonly TreeNode[];
  readonly unlisted: readonly UnlistedNode[];
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
  /** Looked up at every choice of nodes, of which there are many while the camera moves. */
  readonly #below = new Map<TreeNode, BelowNode>();

  constructor(cube: Bounds, spacing: number) {
    this.cube = cube;
    this.spacing = spacing;
  }

  get(name: string): TreeNode | undefined {
    return this.#nodes.get(name);
  }

  /** What is known to lie right below a node. */
  below(node: TreeNode): BelowNode {
    let below = this.#below.get(node);
    if (below === undefined) {
      below = this.#look(Key.children(node.key));
      this.#below.set(node, below);
    }
    return below;
  }

  /** The root. */
  top(): BelowNode {
    return this.#look([Key.root]);
  }

  #look(keys: readonly Key[]): BelowNode {
    const below: { nodes: TreeNode[]; unlisted: UnlistedNode[] } = { nodes: [], unlisted: [] };
    for (const key of keys) {
      const name = Key.format(key);
      const node = this.#nodes.get(name);
      if (node !== undefined) below.nodes.push(node);
      else if (this.#unlisted.has(name)) below.unlisted.push({ name, cube: Key.cube(key, this.cube) });
    }
    return below;
  }

  get size(): number {
    return this.#nodes.size;
  }

  add({ nodes, more }: ListedNodes): void {
    this.#below.clear();
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
