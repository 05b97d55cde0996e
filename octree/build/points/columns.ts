/** Points in memory while a cloud is built: one typed array per dimension, positions in steps of the cloud's scale. */

/** How an intensity is stored: integers of LAS as they are, floats as they are. */
export type IntensityKind = 'uint16' | 'float32' | 'float64';

export type IntensityColumn = Uint16Array | Float32Array | Float64Array;

export interface PointColumns {
  /** Points in use; the arrays may be longer. */
  count: number;
  /** Steps of the scale, counted from the offset: coordinate = x * scale + offset. */
  readonly x: Int32Array;
  readonly y: Int32Array;
  readonly z: Int32Array;
  /** Null if no input has an intensity. */
  readonly intensity: IntensityColumn | null;
}

export const INTENSITY_BYTES: Readonly<Record<IntensityKind, number>> = { uint16: 2, float32: 4, float64: 8 };

export const PointColumns = {
  allocate(capacity: number, intensity: IntensityKind | null): PointColumns {
    return {
      count: 0,
      x: new Int32Array(capacity),
      y: new Int32Array(capacity),
      z: new Int32Array(capacity),
      intensity: intensity === null ? null : allocateIntensity(intensity, capacity),
    };
  },

  capacity(columns: PointColumns): number {
    return columns.x.length;
  },

  /** A larger copy. */
  grow(columns: PointColumns, capacity: number): PointColumns {
    const { count, x, y, z, intensity } = columns;
    const longer = <Column extends Int32Array | IntensityColumn>(column: Column): Column => {
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
    };
  },

  /** Appends point `index` of `from`; there must be room. */
  push(to: PointColumns, from: PointColumns, index: number): void {
    const at = to.count++;
    to.x[at] = from.x[index]!;
    to.y[at] = from.y[index]!;
    to.z[at] = from.z[index]!;
    if (to.intensity !== null && from.intensity !== null) to.intensity[at] = from.intensity[index]!;
  },

  /** The columns in the order in which they are written to a temporary file. */
  arrays({ x, y, z, intensity }: PointColumns): (Int32Array | IntensityColumn)[] {
    return intensity === null ? [x, y, z] : [x, y, z, intensity];
  },
} as const;

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
