/**
 * MCAP recordings: each `sensor_msgs/PointCloud2` (ROS 1 and 2) or `foxglove.PointCloud` (Protobuf, JSON)
 * message is a cloud. A part is named by its channel and the time at which the message was logged.
 */
import type { McapIndexedReader, McapTypes } from '@mcap/core';
import { intensityKind } from '../../points/index.ts';
import { intensityName, knownDimensions, storedType } from '../dimensions/index.ts';
import { InputFile } from '../input-file.ts';

import {
  BATCH_POINTS,
  badInput,
  type PointBatch,
  type PointInput,
  type PointReadOptions,
} from '../point-input.ts';
import { type InputField, type InputRecord, RecordDecoder } from '../records/index.ts';
import { decodeFoxglove } from './foxglove-cloud.ts';
import type { MessageCloud, MessageField } from './message-cloud.ts';
import { decodePointCloud2 } from './point-cloud2.ts';

export interface McapPart {
  /** The identifier for `openMcap`. */
  readonly part: string;
  /** The id below the file name: the topic, if there are several, and the time in nanoseconds. */
  readonly id: string;
}

type Decode = (
  bytes: Uint8Array,
  schema: McapTypes.TypedMcapRecords['Schema'],
) => Promise<MessageCloud> | MessageCloud;

/** The clouds of a recording, sorted by topic and time. Throws `invalid_request` if there are none. */
export function listMcapParts(path: string): Promise<McapPart[]> {
  return withReader(path, async (reader) => {
    const topics = cloudTopics(reader);
    if (topics.size === 0) throw badInput(path, noClouds(reader));
    const parts: McapPart[] = [];
    const seen = new Map<string, number>();
    for await (const { channelId, logTime } of reader.readMessages({ topics: [...topics.keys()] })) {
      const name = `${channelId}:${logTime}`;
      const nth = seen.get(name) ?? 0;
      seen.set(name, nth + 1);
      const topic = reader.channelsById.get(channelId)!.topic;
      const time = nth === 0 ? `${logTime}` : `${logTime}-${nth}`;
      parts.push({ part: `${name}:${nth}`, id: topics.size === 1 ? time : `${segments(topic)}/${time}` });
    }
    return parts.sort((a, b) => (a.id < b.id ? -1 : 1));
  });
}

/** Converts a topic such as `/lidar_top/points` to folders of an id. */
function segments(topic: string): string {
  const parts = topic.split('/').map((part) => part.replaceAll(/[^\w.-]/g, '-').replace(/^\.+$/, '-'));
  return parts.filter((part) => part !== '').join('/');
}

/** Opens one message. Without `part`, the file must have only one. */
export async function openMcap(path: string, part: string | undefined): Promise<PointInput> {
  const wanted = part ?? (await onlyPart(path));
  const cloud = await readCloud(path, wanted);
  const { count, timestamp } = cloud;
  const { layout, others } = layoutOf(path, cloud);
  const held = new WeakRef(cloud);
  return knownDimensions({
    path,
    count,
    intensity: layout.intensity === null ? null : intensityKind(layout.intensity.type),
    attributes: others,
    unread: cloud.unread,
    ...(timestamp !== null && { timestamp }),
    batches: async function* (options: PointReadOptions = {}) {
      yield* slices(held.deref() ?? (await readCloud(path, wanted)), layout, options);
    },
  });
}

async function onlyPart(path: string): Promise<string> {
  const parts = await listMcapParts(path);
  if (parts.length === 1) return parts[0]!.part;
  throw badInput(path, `has ${parts.length} clouds: name it as a local file, then each becomes a cloud`);
}

function readCloud(path: string, part: string): Promise<MessageCloud> {
  const [channel, time, nth] = part.split(':') as [string, string, string];
  return withReader(path, async (reader) => {
    const { topic } = reader.channelsById.get(Number(channel))!;
    const logTime = BigInt(time);
    let left = Number(nth);
    for await (const message of reader.readMessages({
      topics: [topic],
      startTime: logTime,
      endTime: logTime,
    })) {
      if (message.channelId !== Number(channel) || left-- > 0) continue;
      const { schema, decode } = cloudTopics(reader).get(topic)!;
      try {
        return await decode(message.data, schema);
      } catch (cause) {
        throw badInput(path, `the message of ${topic} at ${time} ns: ${(cause as Error).message}`, cause);
      }
    }
    throw badInput(path, `has no message ${part}`);
  });
}

interface CloudTopic {
  readonly schema: McapTypes.TypedMcapRecords['Schema'];
  readonly decode: Decode;
}

function cloudTopics(reader: McapIndexedReader): Map<string, CloudTopic> {
  const topics = new Map<string, CloudTopic>();
  for (const { topic, schemaId, messageEncoding } of reader.channelsById.values()) {
    const schema = reader.schemasById.get(schemaId);
    const decode = schema === undefined ? null : decoderOf(schema.name, messageEncoding);
    if (schema !== undefined && decode !== null) topics.set(topic, { schema, decode });
  }
  return topics;
}

function decoderOf(name: string, encoding: string): Decode | null {
  if (/^sensor_msgs\/(msg\/)?PointCloud2$/.test(name)) {
    if (encoding === 'cdr') return (bytes) => decodePointCloud2(bytes, 'cdr');
    return encoding === 'ros1' ? (bytes) => decodePointCloud2(bytes, 'ros1') : null;
  }
  if (name !== 'foxglove.PointCloud') return null;
  return encoding === 'protobuf' || encoding === 'json'
    ? (bytes, schema) => decodeFoxglove(bytes, encoding, schema)
    : null;
}

function noClouds(reader: McapIndexedReader): string {
  const kinds = new Set(
    [...reader.channelsById.values()].map(
      ({ schemaId, messageEncoding }) =>
        `${reader.schemasById.get(schemaId)?.name ?? '?'} (${messageEncoding})`,
    ),
  );
  const found = [...kinds].slice(0, 8).join(', ') || 'no messages';
  return `has no sensor_msgs/PointCloud2 (cdr, ros1) and no foxglove.PointCloud (protobuf, json), but ${found}`;
}

/** Runs `work` with a reader of the file. The library is large, so it is loaded on demand. */
function withReader<Result>(
  path: string,
  work: (reader: McapIndexedReader) => Promise<Result>,
): Promise<Result> {
  return InputFile.use(path, async (file) => {
    const [{ McapIndexedReader }, { loadDecompressHandlers }] = await Promise.all([
      import('@mcap/core'),
      import('@mcap/support'),
    ]);
    const readable = {
      size: async () => BigInt(file.size),
      read: (offset: bigint, length: bigint) => file.read(Number(offset), Number(length)),
    };
    let reader: McapIndexedReader;
    try {
      reader = await McapIndexedReader.Initialize({
        readable,
        decompressHandlers: await loadDecompressHandlers(),
      });
    } catch (cause) {
      throw badInput(
        path,
        `is not an MCAP file with an index (\`mcap recover\` writes one): ${(cause as Error).message}`,
        cause,
      );
    }
    try {
      return await work(reader);
    } catch (cause) {
      // Errors of the library about the file.
      if (cause instanceof Error && cause.constructor === Error) throw badInput(path, cause.message, cause);
      throw cause;
    }
  });
}

function layoutOf(
  path: string,
  { fields, stride, littleEndian }: MessageCloud,
): { layout: InputRecord; others: MessageField[] } {
  const find = (name: string) => fields.find((field) => field.name.toLowerCase() === name);
  const [x, y, z] = ['x', 'y', 'z'].map(find);
  if (x === undefined || y === undefined || z === undefined)
    throw badInput(
      path,
      `its clouds have no x, y and z; their fields: ${fields.map(({ name }) => name).join(', ')}`,
    );
  const found = intensityName(fields.map(({ name }) => name));
  const intensity: InputField | null = fields.find(({ name }) => name === found) ?? null;
  const used: unknown[] = [x, y, z, intensity];
  const others = fields
    .filter((field) => !used.includes(field))
    .map((field) => ({ ...field, type: storedType(field) }));
  return { layout: { stride, littleEndian, x, y, z, intensity, attributes: others }, others };
}

function* slices(
  { rows, width, stride, rowStride, data }: MessageCloud,
  whole: InputRecord,
  { attributes = false, signal }: PointReadOptions,
): Generator<PointBatch> {
  const layout = attributes ? whole : { ...whole, attributes: [] };
  const most = Math.min(BATCH_POINTS, Math.max(width, 1));
  const decoder = new RecordDecoder(layout, most);
  try {
    for (let row = 0; row < rows; row++)
      for (let from = 0; from < width; from += most) {
        signal?.throwIfAborted();
        const count = Math.min(most, width - from);
        const at = row * rowStride + from * stride;
        decoder.bytes.set(data.subarray(at, at + count * stride));
        yield decoder.decode(count);
      }
  } finally {
    decoder.release();
  }
}
