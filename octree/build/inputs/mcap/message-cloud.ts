/** The cloud of a message: records with named fields. */
import type { NumberType } from '../../points/index.ts';
import type { InputField } from '../records/index.ts';

export interface MessageField extends InputField {
  readonly name: string;
}

export interface MessageCloud {
  readonly count: number;
  readonly rows: number;
  /** Points per row. */
  readonly width: number;
  /** Distance in bytes from one point to the next, and from one row to the next. */
  readonly stride: number;
  readonly rowStride: number;
  readonly littleEndian: boolean;
  readonly fields: readonly MessageField[];
  /** Names of fields that are not read: of an unknown type, or of several values. */
  readonly unread: readonly string[];
  readonly data: Uint8Array;
  /** Seconds; null: the message has no time. */
  readonly timestamp: number | null;
}

const BYTES: Readonly<Record<NumberType, number>> = {
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  float32: 4,
  float64: 8,
};

/** @throws Error if a field or row extends beyond the data */
export function checkedCloud(cloud: MessageCloud): MessageCloud {
  const { fields, rows, width, stride, rowStride, data } = cloud;
  for (const { name, at, type } of fields)
    if (at + BYTES[type] > stride)
      throw new Error(`its field ${name} reaches beyond the point's ${stride} bytes`);
  if (
    rows * width > 0 &&
    (width * stride > rowStride || (rows - 1) * rowStride + width * stride > data.length)
  )
    throw new Error(`it promises ${rows} x ${width} points of ${stride} bytes, and has ${data.length} bytes`);
  return cloud;
}
