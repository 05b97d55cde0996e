/** One stored value of every point of a node. */

export type NumberArray =
  | Int8Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

/** One value per point, as stored: value = raw * scale + offset. */
export interface Channel {
  readonly raw: NumberArray;
  readonly scale: number;
  readonly offset: number;
}
