/** `foxglove.PointCloud` in Protobuf or JSON: packed fields, and the pose of the cloud in its frame. */
import type { McapTypes } from '@mcap/core';
import type { NumberType } from '../../points/index.ts';
import { checkedCloud, type MessageCloud, type MessageField } from './message-cloud.ts';

const TYPES: readonly (NumberType | undefined)[] = [
  undefined,
  ...(['uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'float32', 'float64'] as const),
];
const TYPE_NAMES = ['UNKNOWN', 'UINT8', 'INT8', 'UINT16', 'INT16', 'UINT32', 'INT32', 'FLOAT32', 'FLOAT64'];

/** @throws Error if the message is invalid */
export async function decodeFoxglove(
  bytes: Uint8Array,
  encoding: 'protobuf' | 'json',
  schema: McapTypes.TypedMcapRecords['Schema'],
): Promise<MessageCloud> {
  const message = encoding === 'json' ? fromJson(bytes) : await fromProtobuf(bytes, schema);
  const stride = Number(message.point_stride);
  const data = typeof message.data === 'string' ? base64(message.data) : message.data;
  if (!(stride > 0) || !(data instanceof Uint8Array) || !Array.isArray(message.fields))
    throw new Error('it has no point_stride, fields and data');
  checkPose(message.pose);
  const unread: string[] = [];
  const fields = message.fields.flatMap((field: FoxgloveMessage): MessageField[] => {
    const type = TYPES[typeof field.type === 'string' ? TYPE_NAMES.indexOf(field.type) : Number(field.type)];
    const name = String(field.name);
    if (type === undefined) unread.push(name);
    return type === undefined ? [] : [{ name, at: Number(field.offset ?? 0), type }];
  });
  const count = Math.floor(data.length / stride);
  const timestamp = timeOf(message.timestamp);
  return checkedCloud({
    ...{ count, rows: 1, width: count, stride, rowStride: count * stride, littleEndian: true },
    ...{ fields, unread, data, timestamp },
  });
}

// biome-ignore lint/suspicious/noExplicitAny: the fields of a message are checked one by one.
type FoxgloveMessage = Record<string, any>;

function fromJson(bytes: Uint8Array): FoxgloveMessage {
  return JSON.parse(new TextDecoder().decode(bytes)) as FoxgloveMessage;
}

async function fromProtobuf(
  bytes: Uint8Array,
  schema: McapTypes.TypedMcapRecords['Schema'],
): Promise<FoxgloveMessage> {
  const { protobufFromBinaryDescriptor } = await import('@mcap/support');
  const type = protobufFromBinaryDescriptor(schema.data).lookupType(schema.name);
  const plain = type.toObject(type.decode(bytes), { longs: Number, enums: Number, bytes: Uint8Array });
  // The library returns names in camel case.
  return { ...plain, point_stride: plain.pointStride ?? plain.point_stride };
}

function base64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}

/** Points keep their stored coordinates, so a cloud with a pose within its frame is refused. */
function checkPose(pose: FoxgloveMessage | undefined): void {
  const { position: p, orientation: q } = pose ?? {};
  const isMoved = [p?.x, p?.y, p?.z, q?.x, q?.y, q?.z].some((value) => Math.abs(value ?? 0) > 1e-9);
  if (isMoved) throw new Error('its pose moves the cloud within its frame, which is not supported');
}

function timeOf(value: FoxgloveMessage | undefined): number | null {
  if (value === undefined) return null;
  const seconds = Number(value.sec ?? value.seconds ?? 0);
  const nanoseconds = Number(value.nsec ?? value.nanos ?? 0);
  return seconds === 0 && nanoseconds === 0 ? null : seconds + nanoseconds / 1e9;
}
