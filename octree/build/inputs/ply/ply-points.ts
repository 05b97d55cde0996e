/** The properties of a PLY vertex that are read. */

/** Indices of the properties that are read, in the element's list of properties. */
export interface PlyPointProperties {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly intensity: number | null;
  /** Other single values. */
  readonly others: readonly number[];
}
