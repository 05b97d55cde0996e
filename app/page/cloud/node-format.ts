/**
 * A node's points on their way to the page: 80 bytes of header, then four values a point (x, y, z,
 * intensity), little-endian, ready for the GPU as they come. docs/page.md has the table. Offsets are small
 * integers or float32 from a float64 origin.
 */
import type { Vec3 } from '../../../inference/boxes/index.ts';

export interface NodePayload {
  readonly count: number;
  /** value = origin + raw * step for x, y, z. */
  readonly origin: Vec3;
  readonly step: Vec3;
  /** intensity = offset + raw * scale; both 0 if the cloud has none. */
  readonly intensity: { readonly offset: number; readonly scale: number };
  /** Four raw values a point. */
  readonly data: Uint16Array<ArrayBuffer> | Float32Array<ArrayBuffer>;
}

export const NODE_MEDIA_TYPE = 'application/vnd.nearbox.points';

const MAGIC = 0x3150424e; // 'NBP1'
const HEADER_BYTES = 80;
const KIND = { u16: 2, f32: 4 } as const;

export function encodeNodePayload({ count, origin, step, intensity, data }: NodePayload): ArrayBuffer {
  const buffer = new ArrayBuffer(HEADER_BYTES + data.byteLength);
  const view = new DataView(buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, count, true);
  view.setUint32(8, data instanceof Uint16Array ? KIND.u16 : KIND.f32, true);
  for (const k of [0, 1, 2] as const) {
    view.setFloat64(16 + 8 * k, origin[k], true);
    view.setFloat64(40 + 8 * k, step[k], true);
  }
  view.setFloat64(64, intensity.offset, true);
  view.setFloat64(72, intensity.scale, true);
  const target =
    data instanceof Uint16Array
      ? new Uint16Array(buffer, HEADER_BYTES)
      : new Float32Array(buffer, HEADER_BYTES);
  target.set(data);
  return buffer;
}

/** @throws Error if the bytes are no node. */
export function decodeNodePayload(buffer: ArrayBuffer): NodePayload {
  const view = new DataView(buffer);
  if (buffer.byteLength < HEADER_BYTES || view.getUint32(0, true) !== MAGIC)
    throw new Error('not the points of a node');
  const count = view.getUint32(4, true);
  const kind = view.getUint32(8, true);
  if (kind !== KIND.u16 && kind !== KIND.f32) throw new Error(`points of an unknown kind (${kind})`);
  if (buffer.byteLength !== HEADER_BYTES + count * 4 * kind)
    throw new Error(
      `${count} points take ${count * 4 * kind} bytes, there are ${buffer.byteLength - HEADER_BYTES}`,
    );
  const three = (at: number): Vec3 => [
    view.getFloat64(at, true),
    view.getFloat64(at + 8, true),
    view.getFloat64(at + 16, true),
  ];
  return {
    count,
    origin: three(16),
    step: three(40),
    intensity: { offset: view.getFloat64(64, true), scale: view.getFloat64(72, true) },
    data: kind === KIND.u16 ? new Uint16Array(buffer, HEADER_BYTES) : new Float32Array(buffer, HEADER_BYTES),
  };
}
