/**
 * Cells some levels below a node, numbered so that the cells of any node between have consecutive numbers.
 */
import type { Key } from '../../geometry/index.ts';
import type { PlaceColumns } from '../points/index.ts';
import { PLACE_BITS, placesPerStep, type StepCube } from './cube.ts';

export class Grid {
  readonly root: Key;
  readonly cells: number;
  readonly #cube: StepCube;
  readonly #perStep: number;
  readonly #shift: number;
  readonly #last: number;
  /** For an index along one axis, its bits three apart. */
  readonly #spread: Uint32Array;

  constructor(cube: StepCube, root: Key, levels: number) {
    this.root = root;
    this.cells = 8 ** levels;
    this.#cube = cube;
    this.#perStep = placesPerStep(cube);
    this.#shift = PLACE_BITS - root.depth - levels;
    this.#last = 2 ** levels - 1;
    this.#spread = Uint32Array.from({ length: 2 ** levels }, (_, index) => {
      let spread = 0;
      for (let bit = 0; bit < levels; bit++) spread |= ((index >> bit) & 1) << (3 * bit);
      return spread;
    });
  }

  /** The number of a point's cell. */
  cellOf({ x, y, z }: PlaceColumns, point: number): number {
    const [lowX, lowY, lowZ] = this.#cube.low;
    const perStep = this.#perStep;
    const shift = this.#shift;
    const last = this.#last;
    const spread = this.#spread;
    const cellX = (((x[point]! - lowX + 0.5) * perStep) >> shift) & last;
    const cellY = (((y[point]! - lowY + 0.5) * perStep) >> shift) & last;
    const cellZ = (((z[point]! - lowZ + 0.5) * perStep) >> shift) & last;
    return spread[cellX]! | (spread[cellY]! << 1) | (spread[cellZ]! << 2);
  }
}
