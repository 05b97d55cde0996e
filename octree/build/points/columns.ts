/**
 * Points in memory while a cloud is built: one typed array per dimension, positions in steps of the cloud's
 * scale.
 */

/** How files store numbers. */
export type NumberType =
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float32'
  | 'float64';

/** A dimension other than position and intensity. */
export interface Attribute {
  /** Name in EPT and PDAL: `Classification`, `ReturnNumber`, `GpsTime`, `Red`, `Ring`, ... */
  readonly name: string;
  readonly type: NumberType;
}

/** Values of a dimension. */
export type NumberColumn =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** The type of a stored intensity: integers of LAS, or floats. */
export type IntensityKind = 'uint16' | 'float32' | 'float64';

type IntensityColumn = Uint16Array | Float32Array | Float64Array;

/** Where points are. */
export interface PlaceColumns {
  /** Number of points; the arrays may be longer. */
  count: number;
  /** Steps of the scale, counted from the offset: coordinate = x * scale + offset. */
  readonly x: Int32Array;
  readonly y: Int32Array;
  readonly z: Int32Array;
}

export interface BuildColumns extends PlaceColumns {
  /** null if no input has an intensity. */
  readonly intensity: IntensityColumn | null;
  /** The other dimensions, in the order of the cloud's attributes. */
  readonly attributes: readonly NumberColumn[];
}

/** For the values of a type; 64-bit integers become float64, which is exact up to 2^53. */
export const NUMBER_ARRAYS = {
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: Float64Array,
  uint64: Float64Array,
  float32: Float32Array,
  float64: Float64Array,
} as const satisfies Record<NumberType, unknown>;

export const INTENSITY_BYTES: Readonly<Record<IntensityKind, number>> = { uint16: 2, float32: 4, float64: 8 };

export const BuildColumns = {
  allocate(
    capacity: number,
    intensity: IntensityKind | null,
    attributes: readonly Attribute[] = [],
  ): BuildColumns {
    return {
      count: 0,
      x: new Int32Array(capacity),
      y: new Int32Array(capacity),
      z: new Int32Array(capacity),
      intensity: intensity === null ? null : allocateIntensity(intensity, capacity),
      attributes: attributes.map(({ type }) => new NUMBER_ARRAYS[type](capacity)),
    };
  },

  capacity(columns: BuildColumns): number {
    return columns.x.length;
  },

  /** A larger copy. */
  grow(columns: BuildColumns, capacity: number): BuildColumns {
    const copy = BuildColumns.emptyLike(columns, capacity);
    BuildColumns.append(copy, columns);
    return copy;
  },

  /** Without points, with room for so many, and the dimensions of `columns`. */
  emptyLike({ x, y, z, intensity, attributes }: BuildColumns, capacity: number): BuildColumns {
    return {
      count: 0,
      x: emptyLike(x, capacity),
      y: emptyLike(y, capacity),
      z: emptyLike(z, capacity),
      intensity: intensity === null ? null : emptyLike(intensity, capacity),
      attributes: attributes.map((values) => emptyLike(values, capacity)),
    };
  },

  /**
   * Empty columns with the dimensions of `columns` in this memory: each begins at its place, bytes, and has
   * room for `capacity` points.
   */
  within(
    columns: BuildColumns,
    memory: ArrayBuffer,
    places: readonly number[],
    capacity: number,
  ): BuildColumns {
    const next = places.values();
    const at = () => next.next().value!;
    const { x, y, z, intensity, attributes } = columns;
    return {
      count: 0,
      x: viewLike(x, memory, at(), capacity),
      y: viewLike(y, memory, at(), capacity),
      z: viewLike(z, memory, at(), capacity),
      intensity: intensity === null ? null : viewLike(intensity, memory, at(), capacity),
      attributes: attributes.map((values) => viewLike(values, memory, at(), capacity)),
    };
  },

  /** The points from `from` to `to`, without `to`, in the same memory. */
  slice({ x, y, z, intensity, attributes }: BuildColumns, from: number, to: number): BuildColumns {
    return {
      count: to - from,
      x: x.subarray(from, to),
      y: y.subarray(from, to),
      z: z.subarray(from, to),
      intensity: intensity === null ? null : intensity.subarray(from, to),
      attributes: attributes.map((values) => values.subarray(from, to)),
    };
  },

  /** Puts each point of `from` to its place in `to`, which has room and no points. */
  scatter(to: BuildColumns, from: BuildColumns, places: Uint32Array): void {
    const sources = BuildColumns.arrays(from);
    for (const [index, column] of BuildColumns.arrays(to).entries())
      scatterColumn(sources[index]!, places, column);
    to.count = from.count;
  },

  /** Appends point `index` of `from`; there must be room. */
  push(to: BuildColumns, from: BuildColumns, index: number): void {
    const at = to.count++;
    to.x[at] = from.x[index]!;
    to.y[at] = from.y[index]!;
    to.z[at] = from.z[index]!;
    if (to.intensity !== null && from.intensity !== null) to.intensity[at] = from.intensity[index]!;
    for (let i = 0; i < to.attributes.length; i++) to.attributes[i]![at] = from.attributes[i]![index]!;
  },

  /** Appends these points of `from`; there must be room. */
  gather(to: BuildColumns, from: BuildColumns, points: Uint32Array): void {
    const sources = BuildColumns.arrays(from);
    for (const [index, column] of BuildColumns.arrays(to).entries())
      gatherColumn(sources[index]!, points, column, to.count);
    to.count += points.length;
  },

  /** Appends all points of `from`; there must be room. */
  append(to: BuildColumns, from: BuildColumns): void {
    const arrays = BuildColumns.arrays(to);
    for (const [index, values] of BuildColumns.arrays(from).entries())
      arrays[index]!.set(values.subarray(0, from.count), to.count);
    to.count += from.count;
  },

  /** The columns in the order in which they are written to a temporary file. */
  arrays({ x, y, z, intensity, attributes }: BuildColumns): NumberColumn[] {
    return intensity === null ? [x, y, z, ...attributes] : [x, y, z, intensity, ...attributes];
  },
} as const;

function emptyLike<Column extends NumberColumn>(column: Column, length: number): Column {
  return viewLike(column, new ArrayBuffer(length * column.BYTES_PER_ELEMENT), 0, length);
}

function viewLike<Column extends NumberColumn>(
  column: Column,
  memory: ArrayBuffer,
  at: number,
  length: number,
): Column {
  const View = column.constructor as new (memory: ArrayBuffer, at: number, length: number) => Column;
  return new View(memory, at, length);
}

/**
 * Loops without calls for the types: where all types share one, each value costs a look at its type.
 */
function gatherColumn(from: NumberColumn, points: Uint32Array, to: NumberColumn, at: number): void {
  if (from instanceof Int32Array && to instanceof Int32Array)
    for (let i = 0; i < points.length; i++) to[at + i] = from[points[i]!]!;
  else if (from instanceof Uint16Array && to instanceof Uint16Array)
    for (let i = 0; i < points.length; i++) to[at + i] = from[points[i]!]!;
  else if (from instanceof Uint8Array && to instanceof Uint8Array)
    for (let i = 0; i < points.length; i++) to[at + i] = from[points[i]!]!;
  else if (from instanceof Float32Array && to instanceof Float32Array)
    for (let i = 0; i < points.length; i++) to[at + i] = from[points[i]!]!;
  else if (from instanceof Float64Array && to instanceof Float64Array)
    for (let i = 0; i < points.length; i++) to[at + i] = from[points[i]!]!;
  else for (let i = 0; i < points.length; i++) to[at + i] = from[points[i]!]!;
}

function scatterColumn(from: NumberColumn, places: Uint32Array, to: NumberColumn): void {
  if (from instanceof Int32Array && to instanceof Int32Array)
    for (let i = 0; i < places.length; i++) to[places[i]!] = from[i]!;
  else if (from instanceof Uint16Array && to instanceof Uint16Array)
    for (let i = 0; i < places.length; i++) to[places[i]!] = from[i]!;
  else if (from instanceof Uint8Array && to instanceof Uint8Array)
    for (let i = 0; i < places.length; i++) to[places[i]!] = from[i]!;
  else if (from instanceof Float32Array && to instanceof Float32Array)
    for (let i = 0; i < places.length; i++) to[places[i]!] = from[i]!;
  else if (from instanceof Float64Array && to instanceof Float64Array)
    for (let i = 0; i < places.length; i++) to[places[i]!] = from[i]!;
  else for (let i = 0; i < places.length; i++) to[places[i]!] = from[i]!;
}

function allocateIntensity(kind: IntensityKind, capacity: number): IntensityColumn {
  switch (kind) {
    case 'uint16':
      return new Uint16Array(capacity);
    case 'float32':
      return new Float32Array(capacity);
    case 'float64':
      return new Float64Array(capacity);
  }
}
