/** Points in the columns of a table: x, y, z, and the intensity by one of its usual names. */
import { intensityKind, type NumberType } from '../../points/index.ts';
import { intensityName, knownDimensions } from '../dimensions/index.ts';

import {
  BATCH_POINTS,
  badInput,
  PointBatch,
  type PointInput,
  type PointReadOptions,
} from '../point-input.ts';

export interface PointColumn {
  readonly type: NumberType;
  /** One number per point. */
  readonly values: ArrayLike<number | bigint>;
}

/** Columns by their names in the file. */
export type PointTable = ReadonlyMap<string, PointColumn>;

/** Names that only one data set has. PandaSet's d: the number of the scanner, 0 or 1. */
const MEANINGS: Readonly<Record<string, string>> = { d: 'point source id' };

/**
 * `load` reads the table. It is called again for the points if the table was released in between, because a
 * merge may have thousands of inputs. Throws `invalid_request` if x, y or z is missing.
 */
export async function columnsInput(path: string, load: () => Promise<PointTable>): Promise<PointInput> {
  const table = await load();
  const names = [...table.keys()];
  const find = (name: string) => names.find((own) => own.toLowerCase() === name);
  const [x, y, z] = ['x', 'y', 'z'].map(find);
  if (x === undefined || y === undefined || z === undefined)
    throw badInput(
      path,
      `has no columns x, y and z; its columns: ${names.slice(0, 20).join(', ') || 'none'}`,
    );
  const intensity = intensityName(names);
  const others = names.filter((name) => ![x, y, z, intensity].includes(name));
  const count = table.get(x)!.values.length;
  for (const name of names)
    if (table.get(name)!.values.length !== count)
      throw badInput(path, `its columns ${x} and ${name} differ in length`);
  const held = new WeakRef(table);
  return knownDimensions({
    path,
    count,
    intensity: intensity === null ? null : intensityKind(table.get(intensity)!.type),
    attributes: others.map((name) => ({
      name,
      type: table.get(name)!.type,
      ...(name in MEANINGS && { meaning: MEANINGS[name]! }),
    })),
    batches: async function* (options: PointReadOptions = {}) {
      const columns = held.deref() ?? (await load());
      const values = (name: string) => columns.get(name)!.values;
      yield* slices(
        count,
        [values(x), values(y), values(z)],
        intensity === null ? null : values(intensity),
        options.attributes ? others.map(values) : [],
        options.signal,
      );
    },
  });
}

type Values = ArrayLike<number | bigint>;

function* slices(
  count: number,
  axes: readonly Values[],
  intensity: Values | null,
  attributes: readonly Values[],
  signal: AbortSignal | undefined,
): Generator<PointBatch> {
  const batch = PointBatch.allocate(
    Math.min(BATCH_POINTS, Math.max(count, 1)),
    intensity !== null,
    attributes.length,
  );
  const copies: (readonly [Values, Float64Array])[] = [
    [axes[0]!, batch.x],
    [axes[1]!, batch.y],
    [axes[2]!, batch.z],
    ...(intensity === null ? [] : [[intensity, batch.intensity!] as const]),
    ...attributes.map((values, at) => [values, batch.attributes[at]!] as const),
  ];
  for (let from = 0; from < count; from += batch.count) {
    signal?.throwIfAborted();
    batch.count = Math.min(batch.x.length, count - from);
    for (const [values, to] of copies) for (let i = 0; i < batch.count; i++) to[i] = Number(values[from + i]);
    yield batch;
  }
}
