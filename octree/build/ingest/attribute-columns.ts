/** Dimensions other than position and intensity, on their way from the batches of the inputs into columns. */
import type { PointBatch, PointInput } from '../inputs/index.ts';
import type { Attribute, BuildColumns } from '../points/index.ts';

/** Those of points without returns: the first of one. Of all other dimensions, 0 says nothing. */
const ONE_RETURN: readonly string[] = ['ReturnNumber', 'NumberOfReturns'];

/** Together or not at all. */
const COLOURS: readonly string[] = ['Red', 'Green', 'Blue'];

export class AttributeColumns {
  /** The dimensions of all inputs. Points of an input without one get 0. */
  readonly all: readonly Attribute[];
  /** Whether a value was there that says something. */
  readonly #isUsed: boolean[];
  /** Whether all values were 0 so far. Many dimensions of many files are. */
  readonly #isZero: boolean[];
  readonly #places = new Map<PointInput, readonly number[]>();

  constructor(inputs: readonly PointInput[]) {
    this.all = allAttributes(inputs);
    this.#isUsed = this.all.map(() => false);
    this.#isZero = this.all.map(() => true);
  }

  /** Indices of the dimensions that are stored: those that say something. */
  get used(): number[] {
    const isColoured = this.all.some(({ name }, column) => COLOURS.includes(name) && this.#isUsed[column]);
    return this.all.flatMap(({ name }, column) =>
      this.#isUsed[column] || (isColoured && COLOURS.includes(name)) ? [column] : [],
    );
  }

  /** Copies these rows of the batch to the columns, from `first` on. */
  copy(batch: PointBatch, input: PointInput, rows: Uint32Array, columns: BuildColumns, first: number): void {
    for (const [column, from] of this.#placesOf(input).entries()) {
      const to = columns.attributes[column]!;
      if (from === -1) {
        to.fill(0, first, first + rows.length);
        continue;
      }
      const values = batch.attributes[from]!;
      // Up to here the columns hold nothing but 0.
      if (this.#isZero[column] && areZero(values, batch.count)) continue;
      this.#isZero[column] = false;
      for (let i = 0; i < rows.length; i++) to[first + i] = values[rows[i]!]!;
      this.#isUsed[column] ||= saysSomething(to.subarray(first, first + rows.length), this.all[column]!);
    }
  }

  #placesOf(input: PointInput): readonly number[] {
    const known = this.#places.get(input);
    if (known !== undefined) return known;
    const places = this.all.map(({ name }) => input.attributes.findIndex((own) => own.name === name));
    this.#places.set(input, places);
    return places;
  }
}

function areZero(values: Float64Array, count: number): boolean {
  for (let i = 0; i < count; i++) if (values[i] !== 0) return false;
  return true;
}

function saysSomething(values: ArrayLike<number>, { name }: Attribute): boolean {
  const usual = ONE_RETURN.includes(name) ? 1 : 0;
  for (let i = 0; i < values.length; i++) if (values[i] !== 0 && values[i] !== usual) return true;
  return false;
}

/** If inputs have the same name for different types, one that holds all of their values. */
function allAttributes(inputs: readonly PointInput[]): Attribute[] {
  const all = new Map<string, Attribute>();
  for (const { attributes } of inputs)
    for (const { name, type } of attributes) {
      const other = all.get(name)?.type ?? type;
      all.set(name, { name, type: other === type ? type : 'float64' });
    }
  return [...all.values()];
}
