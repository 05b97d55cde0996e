/** Dimensions other than position and intensity, on their way from the batches of the inputs into columns. */
import type { PointBatch, PointInput } from '../inputs/index.ts';
import type { Attribute, BuildColumns, NumberColumn } from '../points/index.ts';
import type { AppendedRun } from './rounding.ts';

/** Those of points without returns: the first of one. Of all other dimensions, 0 says nothing. */
const ONE_RETURN: readonly string[] = ['ReturnNumber', 'NumberOfReturns'];

/** Together or not at all. */
const COLOURS: readonly string[] = ['Red', 'Green', 'Blue'];

/** As many as a run of the rounding has in a column. */
const ZEROS = Buffer.alloc(65_536);

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

  /** Copies a run of the batch to the columns, from `first` on. */
  copy(batch: PointBatch, input: PointInput, run: AppendedRun, columns: BuildColumns, first: number): void {
    const { from: start, next, rows } = run;
    const last = first + (rows?.length ?? next - start);
    for (const [column, from] of this.#placesOf(input).entries()) {
      const to = columns.attributes[column]!;
      if (from === -1) {
        to.fill(0, first, last);
        continue;
      }
      const values = batch.attributes[from]!.subarray(start, next);
      // Up to here the columns hold nothing but 0.
      if (this.#isZero[column] && areZero(values)) continue;
      this.#isZero[column] = false;
      if (rows === null) to.set(values, first);
      else for (let i = 0; i < rows.length; i++) to[first + i] = values[rows[i]!]!;
      this.#isUsed[column] ||= saysSomething(to.subarray(first, last), this.all[column]!);
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

/** Compared as bytes first, by a native call; -0 is 0 as well. */
function areZero(values: NumberColumn): boolean {
  if (values.byteLength <= ZEROS.length) {
    const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    if (bytes.equals(ZEROS.subarray(0, bytes.length))) return true;
  }
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) return false;
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
