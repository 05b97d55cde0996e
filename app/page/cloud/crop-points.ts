/** The points of a crop, as `POST /v1/crops` answers: binary PLY of double x, y, z and float intensity. */
import type { Vec3 } from '../../../inference/boxes/index.ts';
import { type PlyHeader, parsePlyHeader } from '../../../octree/ply/header/index.ts';
import type { PointList } from './point-list.ts';

const END = 'end_header\n';
const LONGEST_HEADER_BYTES = 4096;
const POINT_BYTES = 28;

/**
 * At most `most` of the points, evenly taken, told from `origin`.
 * @throws Error if the bytes are no crop
 */
export function cropPoints(bytes: ArrayBuffer, origin: Vec3, most = Infinity): PointList {
  const head = new Uint8Array(bytes, 0, Math.min(LONGEST_HEADER_BYTES, bytes.byteLength));
  const text = new TextDecoder('latin1').decode(head);
  const from = text.indexOf(END) + END.length;
  const count = pointCount(text.slice(0, from));
  if (bytes.byteLength !== from + count * POINT_BYTES)
    throw new Error(`a crop of ${count} points has ${bytes.byteLength} bytes`);
  const view = new DataView(bytes);
  const taken = Math.min(count, most);
  const xyz = new Float32Array(3 * taken);
  for (let i = 0; i < taken; i++) {
    const at = from + Math.floor((i * count) / taken) * POINT_BYTES;
    for (const k of [0, 1, 2] as const) xyz[3 * i + k] = view.getFloat64(at + 8 * k, true) - origin[k];
  }
  return { origin, xyz };
}

function pointCount(text: string): number {
  const lines = text.slice(0, -1).split('\n');
  if (lines[0] !== 'ply' || lines.at(-1) !== 'end_header') throw new Error('not the points of a crop');
  const header = parsePlyHeader(lines);
  if (layoutOf(header) !== CROP_LAYOUT) throw new Error('not the points of a crop');
  return header.elements[0]!.count;
}

const CROP_LAYOUT = 'binary_little_endian vertex: float64 x, float64 y, float64 z, float32 intensity';

function layoutOf({ format, elements }: PlyHeader): string {
  const texts = elements.map(
    ({ name, properties }) => `${name}: ${properties.map((one) => `${one.type} ${one.name}`).join(', ')}`,
  );
  return [format, ...texts].join(' ');
}
