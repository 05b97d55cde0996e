/**
 * Reads `sensor_msgs/PointCloud2` in the serialisation of ROS 2 (CDR) or ROS 1. The definition is fixed: a
 * header (in ROS 1 with a sequence number), height, width, fields, is_bigendian, point_step, row_step, data,
 * is_dense.
 */
import type { NumberType } from '../../points/index.ts';
import { checkedCloud, type MessageCloud, type MessageField } from './message-cloud.ts';

const DATATYPES: readonly (NumberType | undefined)[] = [
  undefined,
  ...(['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'float32', 'float64'] as const),
];
/** Bytes before a CDR message. They tell its byte order; numbers are aligned relative to their end. */
const ENCAPSULATION_BYTES = 4;

/** @throws Error, or RangeError if the message is cut off */
export function decodePointCloud2(bytes: Uint8Array, encoding: 'cdr' | 'ros1'): MessageCloud {
  const isCdr = encoding === 'cdr';
  const cursor = new Cursor(bytes, isCdr);
  if (!isCdr) cursor.uint32();
  const [seconds, nanoseconds] = [cursor.uint32() | 0, cursor.uint32()];
  cursor.text();
  const [rows, width] = [cursor.uint32(), cursor.uint32()];
  const fields: MessageField[] = [];
  const unread: string[] = [];
  for (let left = cursor.uint32(); left > 0; left--) {
    const name = cursor.text();
    const at = cursor.uint32();
    const type = DATATYPES[cursor.uint8()];
    // Some drivers write 0 for one value.
    const count = cursor.uint32();
    if (type === undefined || count > 1) unread.push(name);
    else fields.push({ name, at, type });
  }
  const littleEndian = cursor.uint8() === 0;
  const [stride, rowStride] = [cursor.uint32(), cursor.uint32()];
  const data = cursor.bytes(cursor.uint32());
  const timestamp = seconds === 0 && nanoseconds === 0 ? null : seconds + nanoseconds / 1e9;
  return checkedCloud({
    count: rows * width,
    rows,
    width,
    stride,
    rowStride,
    littleEndian,
    fields,
    unread,
    data,
    timestamp,
  });
}

class Cursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #start: number;
  readonly #isAligned: boolean;
  readonly #littleEndian: boolean;
  #at: number;

  constructor(bytes: Uint8Array, isCdr: boolean) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#start = isCdr ? ENCAPSULATION_BYTES : 0;
    this.#isAligned = isCdr;
    this.#littleEndian = !isCdr || (this.#view.getUint8(1) & 1) === 1;
    this.#at = this.#start;
  }

  uint8(): number {
    return this.#view.getUint8(this.#at++);
  }

  uint32(): number {
    if (this.#isAligned) this.#at += (4 - ((this.#at - this.#start) % 4)) % 4;
    const value = this.#view.getUint32(this.#at, this.#littleEndian);
    this.#at += 4;
    return value;
  }

  /** In CDR the text ends with a zero, which its length includes. */
  text(): string {
    const length = this.uint32();
    return new TextDecoder().decode(this.bytes(length)).replace(/\0$/, '');
  }

  bytes(length: number): Uint8Array {
    if (this.#at + length > this.#bytes.length) throw new RangeError('it is cut off');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}
