/**
 * Runs wasm/cells.wasm: copies the positions of points in, sorts them by the cells of the octree, and gives
 * the points of one node after the other.
 */
import { readFileSync } from 'node:fs';
import { WebAssembly } from '../../../cache/foundation/index.ts';
import type { BuildColumns } from '../points/index.ts';
import { placesPerStep, type StepCube } from './cube.ts';

/** The exports of cells.c, documented there. Pointers are offsets in `memory`, bytes. */
interface CellsExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  reserve(points: number): number;
  column(axis: number): number;
  own(): number;
  children(): number;
  begin(lowX: number, lowY: number, lowZ: number, perStep: number): void;
  sort(from: number, to: number, depth: number): number;
  rest(from: number, to: number): number;
  split(from: number, to: number, base: number, depth: number, spanBits: number, least: number): number;
}

/** Points that lie one after the other in the order of the cells; some may be in a node already. */
export interface CellRange {
  readonly from: number;
  readonly to: number;
}

/** What remains for a child of a node. */
export interface ChildRange extends CellRange {
  /** Points that are in no node yet. */
  readonly points: number;
}

interface SplitNode {
  readonly base: number;
  readonly depth: number;
  readonly spanBits: number;
  readonly least: number;
}

export class CellOrder {
  readonly #exports: CellsExports;

  static #module: object | null = null;

  constructor() {
    CellOrder.#module ??= new WebAssembly.Module(readFileSync(new URL('./wasm/cells.wasm', import.meta.url)));
    this.#exports = new WebAssembly.Instance(CellOrder.#module).exports as CellsExports;
  }

  /** Takes these points; those from before are forgotten, and their memory is used again. */
  begin({ count, x, y, z }: BuildColumns, cube: StepCube): void {
    const { memory, reserve, column, begin } = this.#exports;
    if (reserve(count) === 0) throw new RangeError(`no memory to lay out ${count} points`);
    for (const [axis, steps] of [x, y, z].entries())
      new Int32Array(memory.buffer, column(axis), count).set(steps.subarray(0, count));
    begin(...cube.low, placesPerStep(cube));
  }

  /**
   * Sorts the points of a range by their cells below `depth`, `KEY_LEVELS` down, and returns the range of
   * those that are in no node yet.
   */
  sort({ from, to }: CellRange, depth: number): CellRange {
    return { from, to: this.#exports.sort(from, to, depth) };
  }

  /** All points of a range that are in no node yet: ascending indices. */
  rest({ from, to }: CellRange): Uint32Array {
    return this.#own(this.#exports.rest(from, to));
  }

  /**
   * The points that a node keeps, likewise, and what remains for each of its children. It takes one point of
   * each cell of its grid, and all of children with fewer than `least`. The range must have been sorted by
   * the cells below `base`, no more than `KEY_LEVELS` above those of the grid.
   */
  split(
    { from, to }: CellRange,
    { base, depth, spanBits, least }: SplitNode,
  ): { readonly own: Uint32Array; readonly children: readonly ChildRange[] } {
    const own = this.#own(this.#exports.split(from, to, base, depth, spanBits, least));
    const table = new Uint32Array(this.#exports.memory.buffer, this.#exports.children(), 16);
    const children = Array.from({ length: 8 }, (_, child) => ({
      from: child === 0 ? from : table[child - 1]!,
      to: table[child]!,
      points: table[8 + child]!,
    }));
    return { own, children };
  }

  #own(points: number): Uint32Array {
    return new Uint32Array(this.#exports.memory.buffer, this.#exports.own(), points).slice();
  }
}

/** Levels that one `sort` tells apart (cells.c). */
export const KEY_LEVELS = 10;
