/**
 * Cells some levels below a node, numbered so that the cells of any node between have consecutive numbers.
 * Runs wasm/grid.wasm.
 */
import { readFileSync } from 'node:fs';
import { WebAssembly } from '../../../cache/foundation/index.ts';
import type { Key } from '../../geometry/index.ts';
import type { PlaceColumns } from '../points/index.ts';
import { PLACE_BITS, placesPerStep, type StepCube } from './cube.ts';

/** The exports of grid.c, documented there. Pointers are offsets in `memory`, bytes. */
interface GridExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  column(axis: number): number;
  cells(): number;
  order(): number;
  starts(): number;
  begin(lowX: number, lowY: number, lowZ: number, perStep: number, shift: number, levels: number): void;
  find(points: number): void;
  distribution(spanBits: number, most: number): void;
  add_node(depth: number): number;
  add_subtree(from: number, to: number): number;
  add_above(subtree: number, node: number): void;
  distribute(points: number): void;
}

/** Points of a slice: with their columns they fit into the processor's cache. */
export const SLICE_POINTS = 65_536;

export class Grid {
  readonly root: Key;
  readonly cells: number;
  /** For what else grid.c does with the points of a slice (distribution.ts). */
  readonly exports: GridExports;
  static #module: object | null = null;
  static #brief: GridExports | null = null;

  /**
   * `isBrief`: the grid is used up before the next turn of the event loop, and before another one is made.
   * All of these share one memory, because new memory has to be cleared.
   */
  constructor(cube: StepCube, root: Key, levels: number, isBrief = false) {
    this.root = root;
    this.cells = 8 ** levels;
    if (isBrief) Grid.#brief ??= Grid.#instance();
    this.exports = (isBrief ? Grid.#brief : null) ?? Grid.#instance();
    this.exports.begin(...cube.low, placesPerStep(cube), PLACE_BITS - root.depth - levels, levels);
  }

  static #instance(): GridExports {
    Grid.#module ??= new WebAssembly.Module(readFileSync(new URL('./wasm/grid.wasm', import.meta.url)));
    return new WebAssembly.Instance(Grid.#module).exports as GridExports;
  }

  /** Copies the positions of a slice, the points from `from` to `to`, to where grid.c takes them. */
  take({ x, y, z }: PlaceColumns, from: number, to: number): void {
    const { memory, column } = this.exports;
    for (const [axis, steps] of [x, y, z].entries())
      new Int32Array(memory.buffer, column(axis), SLICE_POINTS).set(steps.subarray(from, to));
  }

  /** Yields the cells of the points, slice by slice; those of a slice are valid until the next one. */
  *cellsOf(columns: PlaceColumns): Generator<{ readonly from: number; readonly cells: Uint32Array }> {
    const { memory, find, cells } = this.exports;
    for (let from = 0; from < columns.count; from += SLICE_POINTS) {
      const to = Math.min(columns.count, from + SLICE_POINTS);
      this.take(columns, from, to);
      find(to - from);
      yield { from, cells: new Uint32Array(memory.buffer, cells(), to - from) };
    }
  }
}
