/** The points of a node above the subtrees of a large cloud. */
import type { Key } from '../../geometry/index.ts';
import { type Attribute, BuildColumns, type IntensityKind } from '../points/index.ts';

const FIRST_CAPACITY = 1024;

export class TopNode {
  readonly key: Key;
  #columns: BuildColumns;

  constructor(key: Key, intensity: IntensityKind | null, attributes: readonly Attribute[]) {
    this.key = key;
    this.#columns = BuildColumns.allocate(FIRST_CAPACITY, intensity, attributes);
  }

  get columns(): BuildColumns {
    return this.#columns;
  }

  /** Adds these points of `from`. */
  addAll(from: BuildColumns, points: Uint32Array): void {
    const needed = this.#columns.count + points.length;
    const capacity = BuildColumns.capacity(this.#columns);
    if (needed > capacity) this.#columns = BuildColumns.grow(this.#columns, Math.max(needed, 2 * capacity));
    BuildColumns.gather(this.#columns, from, points);
  }
}
