/** The points of a crop, as `POST /v1/crops` answers: binary PLY of double x, y, z and float intensity. */
import type { Vec3 } from '../../../inference/boxes/index.ts';
import type { PointList } from './point-list.ts';

const END = 'end_header\n';
const LONGEST_HEADER = 4096;
const POINT_BYTES = 28;
const PROPERTIES = 'property double x\nproperty double y\nproperty double z\nproperty float intensity\n';

/**
 * At most `most` of the points, evenly taken, told from `origin`.
 * @throws Error if the bytes are no crop
 */
export function cropPoints(bytes: ArrayBuffer, origin: Vec3, most = Infinity): PointList {
  const text = new TextDecoder('latin1').decode(bytes.slice(0, Math.min(LONGEST_HEADER, bytes.byteLength)));
  const end = text.indexOf(END);
  const count = Number(/element vertex (\d+)\n/.exec(text)?.[1] ?? Number.NaN);
  const from = end + END.length;
  if (end === -1 || !text.slice(0, end).endsWith(PROPERTIES) || !Number.isSafeInteger(count))
    throw new Error('not the points of a crop');
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
