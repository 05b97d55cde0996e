/** Recordings that the library of the format writes, with clouds of both kinds in each encoding. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { McapWriter, TempBuffer } from '@mcap/core';
import { protobufToDescriptor } from '@mcap/support';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { zstdCompress, zstdReady } from '../../../zstd/index.ts';
import { buildClouds } from '../../index.ts';
import { asMultiset, kittiBytes, readAll, readCloud, scenePoints, useScratch } from '../../testing/index.ts';
import { openInput } from '../open.ts';
import { listMcapParts } from './index.ts';

const scratch = useScratch();
const POINTS = scenePoints(60, 3);
/** x, y, z, intensity as float32, and a ring. */
const STRIDE = 18;

function records(padding = 0): Buffer {
  const bytes = Buffer.alloc(POINTS.length * STRIDE + padding);
  for (const [index, point] of POINTS.entries()) {
    const at = index * STRIDE;
    for (const [axis, value] of [point.x, point.y, point.z, point.intensity].entries())
      bytes.writeFloatLE(value, at + 4 * axis);
    bytes.writeUInt16LE(index % 32, at + 16);
  }
  return bytes;
}

/** The message as ROS 1 or 2 serialises it. */
function pointCloud2(
  form: 'cdr' | 'ros1',
  { rows = 1, names = ['x', 'y', 'z', 'intensity', 'ring'] } = {},
): Buffer {
  const parts: Buffer[] = [];
  let length = 0;
  const put = (bytes: Buffer) => {
    parts.push(bytes);
    length += bytes.length;
  };
  const uint32 = (value: number) => {
    if (form === 'cdr') put(Buffer.alloc((4 - (length % 4)) % 4));
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    put(bytes);
  };
  const text = (value: string) => {
    const bytes = Buffer.from(form === 'cdr' ? `${value}\0` : value);
    uint32(bytes.length);
    put(bytes);
  };
  if (form === 'ros1') uint32(7);
  uint32(1_700_000_000);
  uint32(250_000_000);
  text('lidar_top');
  uint32(rows);
  uint32(POINTS.length / rows);
  uint32(names.length);
  for (const [index, name] of names.entries()) {
    text(name);
    uint32(4 * index);
    put(Buffer.from([index === 4 ? 4 : 7]));
    uint32(1);
  }
  put(Buffer.from([0]));
  uint32(STRIDE);
  uint32((STRIDE * POINTS.length) / rows);
  uint32(records().length);
  put(records());
  put(Buffer.from([1]));
  return Buffer.concat([...(form === 'cdr' ? [Buffer.from([0, 1, 0, 0])] : []), ...parts]);
}

interface Channel {
  readonly topic: string;
  readonly schema: string;
  readonly schemaEncoding: string;
  readonly encoding: string;
  readonly data?: Uint8Array;
  readonly messages: readonly { readonly time: bigint; readonly data: Uint8Array }[];
}

async function mcap(channels: readonly Channel[]): Promise<Uint8Array> {
  await zstdReady();
  const buffer = new TempBuffer();
  const writer = new McapWriter({
    writable: buffer,
    compressChunk: (bytes) => ({ compression: 'zstd', compressedData: zstdCompress(bytes) }),
  });
  await writer.start({ profile: '', library: 'test' });
  for (const { topic, schema, schemaEncoding, encoding, data = new Uint8Array(0), messages } of channels) {
    const schemaId = await writer.registerSchema({ name: schema, encoding: schemaEncoding, data });
    const channelId = await writer.registerChannel({
      topic,
      schemaId,
      messageEncoding: encoding,
      metadata: new Map(),
    });
    for (const [sequence, { time, data: message }] of messages.entries())
      await writer.addMessage({ channelId, sequence, logTime: time, publishTime: time, data: message });
  }
  await writer.end();
  return buffer.get();
}

const ros2 = (topic: string, times: readonly bigint[], data = pointCloud2('cdr')): Channel => ({
  ...{ topic, schema: 'sensor_msgs/msg/PointCloud2', schemaEncoding: 'ros2msg', encoding: 'cdr' },
  messages: times.map((time) => ({ time, data })),
});
const ros1: Channel = {
  ...{ topic: '/velodyne', schema: 'sensor_msgs/PointCloud2', schemaEncoding: 'ros1msg', encoding: 'ros1' },
  messages: [{ time: 5n, data: pointCloud2('ros1') }],
};
const other: Channel = {
  ...{ topic: '/imu', schema: 'sensor_msgs/msg/Imu', schemaEncoding: 'ros2msg', encoding: 'cdr' },
  messages: [{ time: 1n, data: new Uint8Array(4) }],
};

const FIELDS = ['x', 'y', 'z', 'intensity', 'ring'].map((name, index) => ({
  ...{ name, offset: 4 * index, type: index === 4 ? 3 : 7 },
}));

function foxgloveJson(more: object = {}): Channel {
  const message = {
    ...{ timestamp: { sec: 1_700_000_000, nsec: 250_000_000 }, frame_id: 'lidar', point_stride: STRIDE },
    ...{ fields: FIELDS, data: records().toString('base64') },
    ...more,
  };
  return {
    ...{ topic: '/points', schema: 'foxglove.PointCloud', schemaEncoding: 'jsonschema', encoding: 'json' },
    messages: [{ time: 9n, data: Buffer.from(JSON.stringify(message)) }],
  };
}

function foxgloveProtobuf(): Channel {
  const { root } = protobuf.parse(`syntax = "proto3"; package foxglove;
    message Time { int64 seconds = 1; int32 nanos = 2; }
    message Field { string name = 1; fixed32 offset = 2; int32 type = 3; }
    message PointCloud { Time timestamp = 1; string frame_id = 2; fixed32 point_stride = 4;
      repeated Field fields = 5; bytes data = 6; }`);
  const type = root.lookupType('foxglove.PointCloud');
  const message = type.create({
    ...{ timestamp: { seconds: 1_700_000_000, nanos: 250_000_000 }, pointStride: STRIDE },
    ...{ fields: FIELDS, data: records() },
  });
  const descriptor = protobufToDescriptor(root);
  const data = (descriptor.$type as unknown as { encode(message: unknown): { finish(): Uint8Array } })
    .encode(descriptor)
    .finish();
  return {
    ...{
      topic: '/points',
      schema: 'foxglove.PointCloud',
      schemaEncoding: 'protobuf',
      encoding: 'protobuf',
      data,
    },
    messages: [{ time: 9n, data: type.encode(message).finish() }],
  };
}

describe('an MCAP recording', () => {
  it.each<[string, Channel]>([
    ['PointCloud2 of ROS 2', ros2('/lidar', [5n])],
    ['PointCloud2 of ROS 2, in rows', ros2('/lidar', [5n], pointCloud2('cdr', { rows: 6 }))],
    ['PointCloud2 of ROS 1', ros1],
    ['foxglove.PointCloud in JSON', foxgloveJson()],
    ['foxglove.PointCloud in Protobuf', foxgloveProtobuf()],
  ])('with %s', async (_, channel) => {
    const input = await openInput(await scratch.write('one.mcap', await mcap([other, channel])));
    expect(input).toMatchObject({
      count: POINTS.length,
      intensity: 'float32',
      timestamp: 1_700_000_000.25,
      unread: [],
      attributes: [{ name: 'Ring', type: 'uint16' }],
    });
    expect(await readAll(input)).toEqual(POINTS);
    const rings: number[] = [];
    for await (const { attributes, count } of input.batches({ attributes: true }))
      rings.push(...attributes[0]!.subarray(0, count));
    expect(rings).toEqual(POINTS.map((_point, index) => index % 32));
  });

  it('has a part for each message, by topic where there are several', async () => {
    const one = await scratch.write('topic.mcap', await mcap([ros2('/lidar', [20n, 10n, 20n])]));
    expect((await listMcapParts(one)).map(({ id }) => id)).toEqual(['10', '20', '20-1']);
    const two = await scratch.write('topics.mcap', await mcap([ros2('/lidar/top points', [5n]), ros1]));
    expect((await listMcapParts(two)).map(({ id }) => id)).toEqual(['lidar/top-points/5', 'velodyne/5']);
    await expect(openInput(two)).rejects.toThrow(/has 2 clouds/);
  });

  it('is built into a cloud a message, each with its time; a broken one does not stop the rest', async () => {
    await scratch.write('a.mcap', await mcap([ros2('/lidar', [10n, 20n]), other]));
    const cut = (await mcap([ros2('/lidar', [10n])])).subarray(0, 900);
    const inputs = [scratch.path('a.mcap'), await scratch.write('cut.mcap', cut)];
    inputs.push(await scratch.write('b.bin', kittiBytes(POINTS)));
    const out = scratch.path('out');
    const { clouds, failed } = await buildClouds(inputs, out, { jobs: 2 });
    expect(clouds.map(({ id, points }) => [id, points])).toEqual([
      ['a/10', 60],
      ['a/20', 60],
      ['b', 60],
    ]);
    expect(failed).toMatchObject([
      { id: 'cut', error: { message: expect.stringMatching(/cut\.mcap: is not an MCAP file/) } },
    ]);
    const { points } = await readCloud(path.join(out, 'a', '20'));
    expect(asMultiset(points, 0.001)).toEqual(asMultiset(POINTS, 0.001));
    const ept = JSON.parse(await readFile(path.join(out, 'a', '20', 'ept.json'), 'utf8'));
    expect(ept.nearbox).toEqual({ timestamp: 1_700_000_000.25 });
    const again = await buildClouds(inputs, out, { jobs: 1, skipExisting: true });
    expect(again.skipped).toHaveLength(3);
  });

  it.each<[string, readonly Channel[], RegExp]>([
    ['no clouds', [other], /has no sensor_msgs\/PointCloud2.*but sensor_msgs\/msg\/Imu \(cdr\)/],
    [
      'a cloud without x',
      [ros2('/l', [1n], pointCloud2('cdr', { names: ['a', 'y', 'z'] }))],
      /no x, y and z; their fields: a/,
    ],
    [
      'a message that is cut off',
      [ros2('/l', [1n], pointCloud2('cdr').subarray(0, 300))],
      /\/l at 1 ns: it is cut off/,
    ],
    ['a pose that moves it', [foxgloveJson({ pose: { position: { x: 1, y: 0, z: 0 } } })], /its pose moves/],
    ['records shorter than their fields', [foxgloveJson({ point_stride: 12 })], /intensity reaches beyond/],
  ])('with %s: refused', async (_, channels, message) => {
    const file = await scratch.write('bad.mcap', await mcap(channels));
    await expect(openInput(file)).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(message),
    });
  });
});
