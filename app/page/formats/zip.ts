/**
 * A ZIP archive of a few small files, stored without compression; read with deflate too (APPNOTE.TXT 6.3).
 */
import type { PackedFile } from './files.ts';

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const UTF8_NAMES = 0x800;
/** An archive may unpack to no more than this. */
const MAX_UNPACKED_BYTES = 256 * 2 ** 20;

export function writeZip(files: readonly PackedFile[]): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const { name, bytes: data } of files) {
    const path = encoder.encode(name);
    const crc = crc32(data);
    const local = record(30, path, (v) => {
      v.setUint32(0, LOCAL, true);
      common(v, 4, crc, data.length, path.length);
    });
    directory.push(
      record(46, path, (v) => {
        v.setUint32(0, CENTRAL, true);
        v.setUint16(4, 20, true);
        common(v, 6, crc, data.length, path.length);
        v.setUint32(42, at, true);
      }),
    );
    parts.push(local, data);
    at += local.length + data.length;
  }
  const size = directory.reduce((total, entry) => total + entry.length, 0);
  const end = record(22, new Uint8Array(0), (v) => {
    v.setUint32(0, END, true);
    v.setUint16(8, files.length, true);
    v.setUint16(10, files.length, true);
    v.setUint32(12, size, true);
    v.setUint32(16, at, true);
  });
  return joined([...parts, ...directory, end]);
}

/** @throws Error if the bytes are no ZIP archive. Folders are left out. */
export async function readZip(bytes: Uint8Array<ArrayBuffer>): Promise<PackedFile[]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== END) end -= 1;
  if (end < 0) throw new Error('not a ZIP archive');
  const files: PackedFile[] = [];
  let unpacked = 0;
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (view.getUint32(at, true) !== CENTRAL) throw new Error('the ZIP directory is damaged');
    const method = view.getUint16(at + 10, true);
    const packed = view.getUint32(at + 20, true);
    unpacked += view.getUint32(at + 24, true);
    if (unpacked > MAX_UNPACKED_BYTES) throw new Error('the ZIP archive unpacks to too much');
    const nameLength = view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    const local = view.getUint32(at + 42, true);
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    const data = bytes.subarray(start, start + packed);
    if (!name.endsWith('/')) files.push({ name, bytes: await unpack(data, method, name) });
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return files;
}

async function unpack(
  data: Uint8Array<ArrayBuffer>,
  method: number,
  name: string,
): Promise<Uint8Array<ArrayBuffer>> {
  if (method === 0) return data;
  if (method !== 8) throw new Error(`${name} is packed in a way that cannot be read (${method})`);
  const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function common(v: DataView, at: number, crc: number, size: number, nameLength: number): void {
  v.setUint16(at, 20, true);
  v.setUint16(at + 2, UTF8_NAMES, true);
  v.setUint16(at + 8, 0x21, true); // 1980-01-01: the same work makes the same bytes
  v.setUint32(at + 10, crc, true);
  v.setUint32(at + 14, size, true);
  v.setUint32(at + 18, size, true);
  v.setUint16(at + 22, nameLength, true);
}

function record(length: number, tail: Uint8Array, fill: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(length + tail.length);
  fill(new DataView(bytes.buffer));
  bytes.set(tail, length);
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

export function crc32(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of bytes) c = TABLE[(c ^ byte) & 255]! ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}
