/**
 * The layout of more points than fit into memory. The top of the octree is laid out point by point in one
 * pass. The points below go to one temporary file per subtree, and each subtree is then laid out in memory.
 *
 * Memory at any time: one subtree of `memoryPoints`, or the points of the top nodes with a buffer for each
 * subtree.
 */
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { NearboxError } from '../../../cache/foundation/index.ts';
import { Key } from '../../geometry/index.ts';
import { MAX_NODE_POINTS } from '../../hierarchy/index.ts';
import {
  type Attribute,
  BuildColumns,
  ColumnScratch,
  type IntensityKind,
  PointStore,
} from '../points/index.ts';
import { byPlace, PlaceScratch } from './by-place.ts';
import { CellOrder } from './cell-order.ts';
import type { StepCube } from './cube.ts';
import { type DistributedSlice, Distribution } from './distribution.ts';
import { Grid, SLICE_POINTS } from './grid.ts';
import { deepestLevel, type LayoutOptions, layOut } from './layout.ts';
import { TopNode } from './top-node.ts';

export interface LargeLayoutOptions extends LayoutOptions {
  /** Most points in memory. */
  readonly memoryPoints: number;
  readonly intensity: IntensityKind | null;
  readonly attributes: readonly Attribute[];
  /** Folder of the temporary files. */
  readonly folder: string;
  /** Position of a point as text, for errors. */
  readonly placeOf: (columns: BuildColumns, point: number) => string;
  /** Most points of a node that readers accept. Default: MAX_NODE_POINTS. */
  readonly largestNode?: number;
  readonly signal?: AbortSignal | undefined;
}

export type WriteNode = (key: Key, columns: BuildColumns, points: Uint32Array) => Promise<void>;

/** A subtree that is laid out in memory later, with the node above it. */
interface Subtree {
  readonly key: Key;
  readonly above: TopNode;
  readonly store: PointStore;
}

/** Memory that one subtree after the other uses. */
class Scratch extends PlaceScratch {
  readonly loaded = new ColumnScratch();
  readonly cells = new CellOrder();
}

/**
 * Points are counted in a grid of 2^GRID_LEVELS cells along an edge, to find subtrees that fit into memory.
 */
const GRID_LEVELS = 5;
/**
 * A top node keeps at most so many points for each cell of a face of its grid; the others go further down.
 * Scanned surfaces stay below it, volumes do not.
 */
const MOST_OF_GRID = 4;
/** Points that are buffered for each subtree before they are written to its file. */
const BUFFERED_POINTS = 8192;

/** Writes all nodes at and below `root` from the points in `store`. The store is discarded on the way. */
export async function layOutLarge(
  store: PointStore,
  cube: StepCube,
  options: LargeLayoutOptions,
  write: WriteNode,
  root: Key = Key.root,
  scratch = new Scratch(),
): Promise<void> {
  const { memoryPoints, span } = options;
  if (store.count <= memoryPoints) {
    const columns = byPlace(store.load(scratch.loaded), cube, root, scratch);
    store.discard();
    for (const { key, points } of layOut(columns, cube, options, root, scratch.cells))
      await write(key, columns, points);
    return;
  }
  const levels = Math.min(GRID_LEVELS, deepestLevel(span) - root.depth);
  if (levels < 1) {
    // Not even the deepest level tells these points apart: all of them become one node, if readers take one
    // so large.
    const { largestNode = MAX_NODE_POINTS } = options;
    const columns = store.load();
    if (store.count > largestNode) throw tooDense(store.count, largestNode, options.placeOf(columns, 0));
    store.discard();
    await write(root, columns, allOf(columns));
    return;
  }
  const grid = new Grid(cube, root, levels);
  const split = new Split(grid, await countCells(store, grid, options.signal), options);
  try {
    await split.distribute(store);
    store.discard();
    for (const { key, columns } of split.top) await write(key, columns, allOf(columns));
    for (const { key, store: below } of split.subtrees)
      await layOutLarge(below, cube, options, write, key, scratch);
  } finally {
    split.discard();
  }
}

/** Points in each cell of the grid. */
async function countCells(store: PointStore, grid: Grid, signal?: AbortSignal): Promise<Uint32Array> {
  const counts = new Uint32Array(grid.cells);
  for (const block of store.places()) {
    await nextTurn();
    signal?.throwIfAborted();
    for (const { cells } of grid.cellsOf(block))
      for (let i = 0; i < cells.length; i++) counts[cells[i]!]! += 1;
  }
  return counts;
}

/**
 * Nodes with more points than memory holds become top nodes; the largest nodes below them that have fewer
 * become subtrees.
 */
class Split {
  readonly top: TopNode[] = [];
  readonly #subtrees: Subtree[] = [];
  readonly #counts: Uint32Array;
  readonly #options: LargeLayoutOptions;
  readonly #distribution: Distribution;

  constructor(grid: Grid, counts: Uint32Array, options: LargeLayoutOptions) {
    this.#counts = counts;
    this.#options = options;
    this.#distribution = new Distribution(grid, options.span, MOST_OF_GRID * options.span ** 2);
    this.#visit(grid.root, 0, grid.cells, []);
  }

  /** Adds each point to the first node above its cell that accepts it, or else to the subtree. */
  async distribute(store: PointStore): Promise<void> {
    for (const block of store.blocks()) {
      await nextTurn();
      this.#options.signal?.throwIfAborted();
      for (let from = 0; from < block.count; from += SLICE_POINTS) {
        const slice = BuildColumns.slice(block, from, Math.min(block.count, from + SLICE_POINTS));
        this.#append(slice, this.#distribution.distribute(slice));
      }
    }
    for (const subtree of this.#subtrees) this.#keepIfSmall(subtree);
  }

  /** The subtrees that get nodes of their own, after the points are distributed. */
  get subtrees(): Subtree[] {
    return this.#subtrees.filter(({ store }) => this.#isLargeEnough(store));
  }

  /** Removes the temporary files. */
  discard(): void {
    for (const { store } of this.#subtrees) store.discard();
  }

  #append(slice: BuildColumns, points: DistributedSlice): void {
    for (const [number, node] of this.top.entries()) node.addAll(slice, points.ofNode(number));
    for (const [number, { store }] of this.#subtrees.entries())
      store.appendAll(slice, points.ofSubtree(number));
  }

  /** `above`: the numbers of the top nodes above, from the top down. */
  #visit(key: Key, from: number, to: number, above: readonly number[]): void {
    const { memoryPoints, intensity, attributes, folder } = this.#options;
    const count = this.#counts.subarray(from, to).reduce((sum, points) => sum + points, 0);
    if (count === 0) return;
    // Half of what memory holds: the points of a subtree are sorted by place, which needs them twice.
    if (above.length > 0 && (2 * count <= memoryPoints || to - from === 1)) {
      this.#distribution.addSubtree(from, to, above);
      const file = path.join(folder, `subtree-${Key.format(key)}.tmp`);
      const blockPoints = Math.min(BUFFERED_POINTS, memoryPoints);
      this.#subtrees.push({
        key,
        above: this.top[above.at(-1)!]!,
        store: new PointStore({ intensity, attributes, path: file, blockPoints }),
      });
      return;
    }
    const node = this.#distribution.addNode(key);
    this.top.push(new TopNode(key, intensity, attributes));
    const eighth = (to - from) / 8;
    for (let child = 0; child < 8; child++) {
      const first = from + child * eighth;
      this.#visit(Key.child(key, child), first, first + eighth, [...above, node]);
    }
  }

  /** A subtree of few points does not become a node; its points stay in the node above. */
  #keepIfSmall({ above, store }: Subtree): void {
    if (this.#isLargeEnough(store)) return;
    const columns = store.load();
    above.addAll(columns, allOf(columns));
    store.discard();
  }

  #isLargeEnough({ count }: PointStore): boolean {
    return count > 0 && count >= this.#options.minNodePoints;
  }
}

function allOf({ count }: BuildColumns): Uint32Array {
  return Uint32Array.from({ length: count }, (_, index) => index);
}

function tooDense(count: number, most: number, place: string): NearboxError {
  return new NearboxError(
    'invalid_request',
    `${count} points lie within a few steps of the scale at ${place}, at most ${most} can: are they copies of one point?`,
  );
}
