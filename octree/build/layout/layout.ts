/**
 * Assigns points in memory to nodes.
 *
 * Additive levels of detail (entwine-point-tile.md, "ept-data"): a node keeps one point per cell of its grid
 * of span^3 cells, the point nearest to the cell's centre; the others go to the children. Few points are not
 * split. Points for a child that is too small for its own file stay in its parent.
 *
 * Points are sorted by cells once; from then on the points of a node and those of a cell lie one after the
 * other on all levels (wasm/cells.c).
 */
import { Key } from '../../geometry/index.ts';
import type { BuildColumns } from '../points/index.ts';
import { CellOrder, type CellRange, KEY_LEVELS } from './cell-order.ts';
import { PLACE_BITS, type StepCube } from './cube.ts';

export interface LayoutOptions {
  /** Cells of a node's grid along one edge: a power of two. */
  readonly span: number;
  /** A node with at most this many points in and below it is a leaf. */
  readonly maxNodePoints: number;
  /** A cloud with at most this many points is one node. Default: 0, only `maxNodePoints` decides. */
  readonly maxSingleNodePoints?: number;
  /** A child with fewer points than this in and below it stays in its parent. */
  readonly minNodePoints: number;
}

export interface LaidOutNode {
  readonly key: Key;
  /** Indices into the columns, ascending. */
  readonly points: Uint32Array;
}

/** A node whose points are still to be assigned. */
interface OpenNode {
  readonly key: Key;
  readonly points: number;
  readonly range: CellRange;
  /** The depth below whose cells its range was sorted. */
  readonly base: number;
}

/** The deepest level at which the positions can still distinguish the cells of a grid of `span`. */
export function deepestLevel(span: number): number {
  return PLACE_BITS - 1 - Math.log2(span);
}

/**
 * Yields the nodes at and below `root`, parents before children. Every point is in exactly one node, and no
 * node is empty. All points must lie in the cube of `root`. `cells` must not be in use.
 */
export function* layOut(
  columns: BuildColumns,
  cube: StepCube,
  options: LayoutOptions,
  root: Key = Key.root,
  cells = new CellOrder(),
): Generator<LaidOutNode> {
  if (columns.count === 0) return;
  if (root.depth === 0 && columns.count <= (options.maxSingleNodePoints ?? 0)) {
    yield { key: root, points: Uint32Array.from({ length: columns.count }, (_, index) => index) };
    return;
  }
  cells.begin(columns, cube);
  yield* nodesOf(cells, columns.count, options, root);
}

function* nodesOf(
  cells: CellOrder,
  count: number,
  { span, maxNodePoints, minNodePoints }: LayoutOptions,
  root: Key,
): Generator<LaidOutNode> {
  const spanBits = Math.log2(span);
  const deepest = deepestLevel(span);
  const open: OpenNode[] = [
    { key: root, points: count, range: cells.sort({ from: 0, to: count }, root.depth), base: root.depth },
  ];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const { key, points } = node;
    let { range, base } = node;
    if (points <= maxNodePoints || key.depth >= deepest) {
      yield { key, points: cells.rest(range) };
      continue;
    }
    if (key.depth + spanBits > base + KEY_LEVELS) {
      base = key.depth;
      range = cells.sort(range, base);
    }
    const { own, children } = cells.split(range, { base, depth: key.depth, spanBits, least: minNodePoints });
    for (let child = 7; child >= 0; child--) {
      const { points: left, ...below } = children[child]!;
      if (left > 0) open.push({ key: Key.child(key, child), points: left, range: below, base });
    }
    yield { key, points: own };
  }
}
