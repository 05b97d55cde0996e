/**
 * Tells which points of a large cloud its top nodes keep, and which ones go to which subtree below
 * (wasm/grid.c). A top node keeps the first point of each cell of its grid.
 */
import { NearboxError } from '../../../cache/foundation/index.ts';
import type { Key } from '../../geometry/index.ts';
import type { BuildColumns } from '../points/index.ts';
import type { Grid } from './grid.ts';

/** Of `add_node`. */
const NO_MEMORY = -1;

/** The points of a slice by their owners. Valid until the next slice. */
export interface DistributedSlice {
  /** Ascending indices of the points that go to this subtree. */
  ofSubtree(subtree: number): Uint32Array;
  /** Likewise of those that this top node keeps. */
  ofNode(node: number): Uint32Array;
}

export class Distribution {
  readonly #grid: Grid;
  #subtrees = 0;
  #nodes = 0;

  /** `span`: cells of a top node's grid along an edge. `most`: points that a top node keeps at most. */
  constructor(grid: Grid, span: number, most: number) {
    this.#grid = grid;
    grid.exports.distribution(Math.log2(span), most);
  }

  /** Returns the number of the top node, from 0 on. */
  addNode(key: Key): number {
    if (this.#grid.exports.add_node(key.depth) === NO_MEMORY)
      throw new NearboxError('invalid_request', `no memory for ${this.#nodes} nodes of so large a span`);
    return this.#nodes++;
  }

  /** The subtree of cells `from` to `to`, with its top nodes from the top down. Returns its number. */
  addSubtree(from: number, to: number, above: readonly number[]): number {
    const { add_subtree: add, add_above: addAbove } = this.#grid.exports;
    const subtree = add(from, to);
    for (const node of above) addAbove(subtree, node);
    this.#subtrees++;
    return subtree;
  }

  /** Distributes the points of a slice. */
  distribute(slice: BuildColumns): DistributedSlice {
    const { memory, distribute, order, starts } = this.#grid.exports;
    this.#grid.take(slice, 0, slice.count);
    distribute(slice.count);
    const first = new Uint32Array(memory.buffer, starts(), this.#subtrees + this.#nodes + 1);
    const sorted = new Uint32Array(memory.buffer, order(), slice.count);
    const ofOwner = (owner: number) => sorted.subarray(first[owner], first[owner + 1]);
    return {
      ofSubtree: (subtree) => ofOwner(subtree),
      ofNode: (node) => ofOwner(this.#subtrees + node),
    };
  }
}
