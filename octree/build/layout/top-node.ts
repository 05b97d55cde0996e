/** A node above the subtrees of a large cloud: it keeps the first point of each cell of its grid. */
import type { Key } from '../../geometry/index.ts';
import { type Attribute, BuildColumns, type IntensityKind } from '../points/index.ts';
import { PLACE_BITS, placesPerStep, type StepCube } from './cube.ts';

const FIRST_CAPACITY = 1024;

export class TopNode {
  readonly key: Key;
  readonly #cube: StepCube;
  readonly #perStep: number;
  readonly #span: number;
  readonly #shift: number;
  /** A bit for each cell. */
  readonly #taken: Uint8Array;
  /**
   * With more points than this, the other points go further down. Scanned surfaces stay below it, volumes do
   * not.
   */
  readonly #most: number;
  #columns: BuildColumns;

  constructor(
    key: Key,
    cube: StepCube,
    span: number,
    intensity: IntensityKind | null,
    attributes: readonly Attribute[],
  ) {
    this.key = key;
    this.#cube = cube;
    this.#perStep = placesPerStep(cube);
    this.#span = span;
    this.#shift = PLACE_BITS - key.depth - Math.log2(span);
    this.#taken = new Uint8Array(Math.ceil(span ** 3 / 8));
    this.#most = 4 * span ** 2;
    this.#columns = BuildColumns.allocate(FIRST_CAPACITY, intensity, attributes);
  }

  get columns(): BuildColumns {
    return this.#columns;
  }

  /** Keeps the point if its cell is free. It must lie in this node. */
  offer(from: BuildColumns, point: number): boolean {
    if (this.#columns.count >= this.#most) return false;
    const cell = this.#cellOf(from, point);
    const bit = 1 << (cell & 7);
    const at = cell >> 3;
    if ((this.#taken[at]! & bit) !== 0) return false;
    this.#taken[at]! |= bit;
    this.add(from, point);
    return true;
  }

  /** Keeps the point in any case. */
  add(from: BuildColumns, point: number): void {
    const { count } = this.#columns;
    if (count === BuildColumns.capacity(this.#columns))
      this.#columns = BuildColumns.grow(this.#columns, 2 * count);
    BuildColumns.push(this.#columns, from, point);
  }

  #cellOf({ x, y, z }: BuildColumns, point: number): number {
    const [lowX, lowY, lowZ] = this.#cube.low;
    const span = this.#span;
    const cellX = ((((x[point]! - lowX + 0.5) * this.#perStep) | 0) >> this.#shift) & (span - 1);
    const cellY = ((((y[point]! - lowY + 0.5) * this.#perStep) | 0) >> this.#shift) & (span - 1);
    const cellZ = ((((z[point]! - lowZ + 0.5) * this.#perStep) | 0) >> this.#shift) & (span - 1);
    return (cellZ * span + cellY) * span + cellX;
  }
}
