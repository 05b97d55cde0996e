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

type AttributeColumn =
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

export interface BuildColumns {
  /** Number of points; the arrays may be longer. */
  count: number;
  /** Steps of the scale, counted from the offset: coordinate = x * scale + offset. */
  readonly x: Int32Array;
  readonly y: Int32Array;
  readonly z: Int32Array;
  /** null if no input has an intensity. */
  readonly intensity: IntensityColumn | null;
  /** The other dimensions, in the order of the cloud's attributes. */
  readonly attributes: readonly AttributeColumn[];
}

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
      attributes: attributes.map(({ type }) => allocateAttribute(type, capacity)),
    };
  },

  capacity(columns: BuildColumns): number {
    return columns.x.length;
  },

  /** A larger copy. */
  grow(columns: BuildColumns, capacity: number): BuildColumns {
    const { count, x, y, z, intensity, attributes } = columns;
    const longer = <Column extends AttributeColumn>(column: Column): Column => {
      const copy = new (column.constructor as new (length: number) => Column)(capacity);
      copy.set(column.subarray(0, count));
      return copy;
    };
    return {
      count,
      x: longer(x),
      y: longer(y),
      z: longer(z),
      intensity: intensity === null ? null : longer(intensity),
      attributes: attributes.map(longer),
    };
  },

  /** A copy of these points. */
  take({ x, y, z, intensity, attributes }: BuildColumns, points: Uint32Array): BuildColumns {
    const count = points.length;
    const Intensities = intensity?.constructor as (new (length: number) => IntensityColumn) | undefined;
    const copy: BuildColumns = {
      count,
      x: new Int32Array(count),
      y: new Int32Array(count),
      z: new Int32Array(count),
      intensity: Intensities === undefined ? null : new Intensities(count),
      attributes: attributes.map((values) => taken(values, points)),
    };
    const { x: copyX, y: copyY, z: copyZ, intensity: copyIntensity } = copy;
    for (let i = 0; i < count; i++) {
      const point = points[i]!;
      copyX[i] = x[point]!;
      copyY[i] = y[point]!;
      copyZ[i] = z[point]!;
      if (copyIntensity !== null) copyIntensity[i] = intensity![point]!;
    }
    return copy;
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
  arrays({ x, y, z, intensity, attributes }: BuildColumns): AttributeColumn[] {
    return intensity === null ? [x, y, z, ...attributes] : [x, y, z, intensity, ...attributes];
  },
} as const;

function taken(values: AttributeColumn, points: Uint32Array): AttributeColumn {
  const copy = new (values.constructor as new (length: number) => AttributeColumn)(points.length);
  gatherColumn(values, points, copy, 0);
  return copy;
}

/**
 * A loop without calls for the most frequent type: where all types share one, each value costs a look at its
 * type.
 */
function gatherColumn(from: AttributeColumn, points: Uint32Array, to: AttributeColumn, at: number): void {
  if (from instanceof Int32Array && to instanceof Int32Array)
    for (let i = 0; i < points.length; i++) to[at + i] = from[points[i]!]!;
  else if (from instanceof Uint16Array && to instanceof Uint16Array)
    for (let i = 0; i < points.length; i++) to[at + i] = from[points[i]!]!;
  else for (let i = 0; i < points.length; i++) to[at + i] = from[points[i]!]!;
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

/** 64-bit integers become float64, which is exact up to 2^53. */
function allocateAttribute(type: NumberType, capacity: number): AttributeColumn {
  switch (type) {
    case 'int8':
      return new Int8Array(capacity);
    case 'uint8':
      return new Uint8Array(capacity);
    case 'int16':
      return new Int16Array(capacity);
    case 'uint16':
      return new Uint16Array(capacity);
    case 'int32':
      return new Int32Array(capacity);
    case 'uint32':
      return new Uint32Array(capacity);
    case 'float32':
      return new Float32Array(capacity);
    default:
      return new Float64Array(capacity);
  }
}
