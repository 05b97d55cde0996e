/**
 * A pickled `pandas.DataFrame`, as pandas 0.25 to 3 write it: a manager holds blocks of columns of one type,
 * each with the numbers of its columns.
 */
import { type PandasNumbers, readArray, readScalar } from './arrays.ts';
import { PickledObject, unpickle } from './unpickle.ts';

/** Numbers as they are stored, or a value for each row. */
export type PandasColumn = PandasNumbers | readonly unknown[];

export interface PandasTable {
  readonly rows: number;
  /** By name, in the table's order. */
  readonly columns: ReadonlyMap<string, PandasColumn>;
}

/**
 * @param bytes the pickle, unpacked
 * @throws Error that says what is wrong, in words that go behind the file's name
 */
export function readPandasPickle(bytes: Uint8Array): PandasTable {
  let root: unknown;
  try {
    root = unpickle(bytes);
  } catch (cause) {
    throw new Error(`it is not a readable pickle: ${(cause as Error).message}`, { cause });
  }
  if (!(root instanceof PickledObject) || root.name !== 'DataFrame')
    throw new Error('it is a pickle, but not of a pandas table');
  return root.state === null ? fromLists(root.args[0]) : fromState(root.state);
}

/** `DataFrame({"name": [values]})`: what we write. */
function fromLists(lists: unknown): PandasTable {
  if (!(lists instanceof Map)) throw new Error('the table has no columns');
  const columns = new Map([...lists].map(([name, values]) => [String(name), values as unknown[]]));
  return checked(columns);
}

function fromState(state: unknown): PandasTable {
  const manager = state instanceof Map ? (state.get('_mgr') ?? state.get('_data')) : undefined;
  if (!(manager instanceof PickledObject)) throw new Error('the table has no columns');
  const { axes, blocks } = partsOf(manager);
  const names = namesOf(axes[0]);
  const columns = new Map<string, PandasColumn>(names.map((name) => [name, []]));
  for (const { values, places } of blocks)
    for (const [index, column] of columnsOf(values, places.length).entries()) {
      const name = names[places[index]!];
      if (name === undefined) throw new Error('a column has no name');
      columns.set(name, column);
    }
  return checked(columns);
}

interface PandasBlock {
  readonly values: unknown;
  /** The numbers of its columns. */
  readonly places: readonly number[];
}

/** pandas 1.3 and later call the manager with its blocks; before, they are its state. */
function partsOf(manager: PickledObject): { axes: readonly unknown[]; blocks: readonly PandasBlock[] } {
  if (manager.args.length >= 2) {
    const [blocks, axes] = manager.args as [unknown[], unknown[]];
    return {
      axes,
      blocks: blocks.map((block) => {
        const [values, places] = (block as PickledObject).args;
        return { values, places: placesOf(places) };
      }),
    };
  }
  const newest = (manager.state as unknown[] | null)?.[3];
  const parts = newest instanceof Map ? (newest.get('0.14.1') as unknown) : undefined;
  if (!(parts instanceof Map)) throw new Error('the table is of a version of pandas before 0.14.1');
  return {
    axes: parts.get('axes') as unknown[],
    blocks: (parts.get('blocks') as Map<string, unknown>[]).map((block) => ({
      values: block.get('values'),
      places: placesOf(block.get('mgr_locs')),
    })),
  };
}

function placesOf(value: unknown): number[] {
  if (!(value instanceof PickledObject) || value.name !== 'slice')
    return Array.from(readArray(value).values as PandasNumbers, Number);
  const [start, stop, step] = value.args.map((part) => part as number | null);
  const places: number[] = [];
  for (let at = start ?? 0; at < stop!; at += step ?? 1) places.push(at);
  return places;
}

function namesOf(index: unknown): string[] {
  const options = index instanceof PickledObject ? index.args[1] : undefined;
  if (!(options instanceof Map) || !options.has('data')) throw new Error('the columns have no names');
  return Array.from(readArray(options.get('data')).values as unknown[], String);
}

function columnsOf(block: unknown, count: number): PandasColumn[] {
  const { shape, values, isFortran, isBoolean } = readArray(block);
  const rows = shape.at(-1)!;
  if (rows * count !== values.length) throw new Error('a block of columns is shorter than it says');
  const own = (value: unknown) => (isBoolean ? value === 1 : readScalar(value));
  return Array.from({ length: count }, (_, index): PandasColumn => {
    const column = isFortran
      ? (values as PandasNumbers).filter((_value, at) => at % count === index)
      : values.slice(index * rows, (index + 1) * rows);
    return isBoolean || Array.isArray(column) ? Array.from(column as unknown[], own) : column;
  });
}

function checked(columns: ReadonlyMap<string, PandasColumn>): PandasTable {
  const [first] = columns.values();
  const rows = first?.length ?? 0;
  for (const [name, column] of columns)
    if (column.length !== rows) throw new Error(`its column ${name} has ${column.length} rows of ${rows}`);
  return { rows, columns };
}
