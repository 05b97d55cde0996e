/**
 * Assigns points in memory to nodes.
 *
 * Additive levels of detail (entwine-point-tile.md, "ept-data"): a node keeps one point per cell of its grid
 * of span^3 cells, the point nearest to the cell's centre; the others go to the children. Few points are not
 * split. Points for a child that is too small for its own file stay in its parent.
 */
import { Key } from '../../geometry/index.ts';
import type { BuildColumns } from '../points/index.ts';
import { PLACE_BITS, placesPerStep, type StepCube } from './cube.ts';

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
  /** Indices into the columns, ascending. Valid until the next node is requested. */
  readonly points: Uint32Array;
}

/** The deepest level at which the positions can still distinguish the cells of a grid of `span`. */
export function deepestLevel(span: number): number {
  return PLACE_BITS - 1 - Math.log2(span);
}

/**
 * Yields the nodes at and below `root`, parents before children. Every point is in exactly one node, and no
 * node is empty. All points must lie in the cube of `root`.
 */
export function* layOut(
  columns: BuildColumns,
  cube: StepCube,
  options: LayoutOptions,
  root: Key = Key.root,
): Generator<LaidOutNode> {
  const order = new Uint32Array(columns.count);
  for (let i = 0; i < order.length; i++) order[i] = i;
  if (order.length === 0) return;
  if (root.depth === 0 && order.length <= (options.maxSingleNodePoints ?? 0)) {
    yield { key: root, points: order };
    return;
  }
  const splitter = new Splitter(columns, cube, options, order.length);
  const deepest = deepestLevel(options.span);
  const open: { key: Key; points: Uint32Array }[] = [{ key: root, points: order }];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const { key, points } = node;
    if (points.length <= options.maxNodePoints || key.depth >= deepest) {
      yield { key, points };
      continue;
    }
    const { own, children } = splitter.split(key.depth, points);
    yield { key, points: own };
    for (let child = 7; child >= 0; child--) {
      const below = children[child]!;
      if (below.length > 0) open.push({ key: Key.child(key, child), points: below });
    }
  }
}

/** Number of the part that stays in the node; parts 0 to 7 are its children. */
const OWN_PART = 8;

/**
 * Splits the points of a node, in place, into those that it keeps and those of its children. Reuses its
 * tables for all nodes.
 */
class Splitter {
  readonly #columns: BuildColumns;
  readonly #cube: StepCube;
  readonly #perStep: number;
  readonly #span: number;
  readonly #spanBits: number;
  readonly #minNodePoints: number;
  /** For each cell of the grid, 1 + the position of its best point so far; all 0 between nodes. */
  readonly #cells: Uint32Array;
  readonly #cellOf: Uint32Array;
  readonly #distance: Float64Array;
  readonly #part: Uint8Array;
  readonly #sorted: Uint32Array;

  constructor(columns: BuildColumns, cube: StepCube, { span, minNodePoints }: LayoutOptions, room: number) {
    this.#columns = columns;
    this.#cube = cube;
    this.#perStep = placesPerStep(cube);
    this.#span = span;
    this.#spanBits = Math.log2(span);
    this.#minNodePoints = minNodePoints;
    this.#cells = new Uint32Array(span ** 3);
    this.#cellOf = new Uint32Array(room);
    this.#distance = new Float64Array(room);
    this.#part = new Uint8Array(room);
    this.#sorted = new Uint32Array(room);
  }

  split(depth: number, points: Uint32Array): { own: Uint32Array; children: Uint32Array[] } {
    this.#assign(depth, points);
    this.#keepOnePerCell(points.length);
    return this.#partition(points);
  }

  /** For each point: its cell, its distance from the cell's centre and the child it would go to. */
  #assign(depth: number, points: Uint32Array): void {
    const { x, y, z } = this.#columns;
    const [lowX, lowY, lowZ] = this.#cube.low;
    const perStep = this.#perStep;
    const span = this.#span;
    const childShift = PLACE_BITS - 1 - depth;
    const cellShift = PLACE_BITS - depth - this.#spanBits;
    const inCell = 2 ** cellShift - 1;
    const half = inCell / 2;
    const part = this.#part;
    const cellOf = this.#cellOf;
    const distance = this.#distance;
    for (let i = 0; i < points.length; i++) {
      const point = points[i]!;
      const placeX = ((x[point]! - lowX + 0.5) * perStep) | 0;
      const placeY = ((y[point]! - lowY + 0.5) * perStep) | 0;
      const placeZ = ((z[point]! - lowZ + 0.5) * perStep) | 0;
      part[i] =
        ((placeX >> childShift) & 1) |
        (((placeY >> childShift) & 1) << 1) |
        (((placeZ >> childShift) & 1) << 2);
      const cellX = (placeX >> cellShift) & (span - 1);
      const cellY = (placeY >> cellShift) & (span - 1);
      const cellZ = (placeZ >> cellShift) & (span - 1);
      cellOf[i] = (cellZ * span + cellY) * span + cellX;
      const dx = (placeX & inCell) - half;
      const dy = (placeY & inCell) - half;
      const dz = (placeZ & inCell) - half;
      distance[i] = dx * dx + dy * dy + dz * dz;
    }
  }

  #keepOnePerCell(count: number): void {
    const cells = this.#cells;
    const cellOf = this.#cellOf;
    const distance = this.#distance;
    const part = this.#part;
    for (let i = 0; i < count; i++) {
      const cell = cellOf[i]!;
      const best = cells[cell]!;
      if (best === 0 || distance[i]! < distance[best - 1]!) cells[cell] = i + 1;
    }
    for (let i = 0; i < count; i++) {
      const cell = cellOf[i]!;
      const best = cells[cell]!;
      if (best === 0) continue;
      part[best - 1] = OWN_PART;
      cells[cell] = 0;
    }
  }

  #partition(points: Uint32Array): { own: Uint32Array; children: Uint32Array[] } {
    const part = this.#part;
    const sizes = new Array<number>(OWN_PART + 1).fill(0);
    for (let i = 0; i < points.length; i++) sizes[part[i]!]! += 1;
    // Where each part goes: the node's own points first, together with those of children that are too small.
    const target = sizes.map((size, child) =>
      child === OWN_PART || size < this.#minNodePoints ? OWN_PART : child,
    );
    const lengths = new Array<number>(OWN_PART + 1).fill(0);
    for (const [child, size] of sizes.entries()) lengths[target[child]!]! += size;
    const starts = new Array<number>(OWN_PART + 1).fill(0);
    for (let child = 0, at = lengths[OWN_PART]!; child < OWN_PART; child++) {
      starts[child] = at;
      at += lengths[child]!;
    }
    const cursor = starts.slice();
    const sorted = this.#sorted;
    for (let i = 0; i < points.length; i++) sorted[cursor[target[part[i]!]!]!++] = points[i]!;
    points.set(sorted.subarray(0, points.length));
    const section = (child: number) => points.subarray(starts[child]!, starts[child]! + lengths[child]!);
    return { own: section(OWN_PART), children: [0, 1, 2, 3, 4, 5, 6, 7].map(section) };
  }
}
