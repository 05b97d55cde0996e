/** Writes LAS files of every version and point format that is read. Positions are whole steps. */
export interface LasSteps {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly intensity: number;
}

export interface LasFile {
  readonly version: 0 | 1 | 2 | 3 | 4;
  readonly pointFormat: number;
  readonly scale: number;
  readonly offset: readonly [number, number, number];
  readonly extraBytes?: number;
}

const RECORD_BYTES: Readonly<Record<number, number>> = {
  0: 20,
  1: 28,
  2: 26,
  3: 34,
  4: 57,
  5: 63,
  6: 30,
  7: 36,
  8: 38,
  9: 59,
  10: 67,
};
const HEADER_BYTES = [227, 227, 227, 235, 375] as const;

export function lasBytes(
  points: readonly LasSteps[],
  { version, pointFormat, scale, offset, extraBytes = 0 }: LasFile,
): Uint8Array {
  const headerBytes = HEADER_BYTES[version];
  // LAS 1.0 ends its header records with the bytes DD CC.
  const pointsAt = headerBytes + (version === 0 ? 2 : 0);
  const recordBytes = RECORD_BYTES[pointFormat]! + extraBytes;
  const bytes = new Uint8Array(pointsAt + points.length * recordBytes);
  const view = new DataView(bytes.buffer);
  bytes.set(Buffer.from('LASF'), 0);
  view.setUint8(24, 1);
  view.setUint8(25, version);
  view.setUint16(94, headerBytes, true);
  view.setUint32(96, pointsAt, true);
  view.setUint8(104, pointFormat);
  view.setUint16(105, recordBytes, true);
  view.setUint32(107, version === 4 ? 0 : points.length, true);
  if (version === 4) view.setBigUint64(247, BigInt(points.length), true);
  for (let axis = 0; axis < 3; axis++) {
    view.setFloat64(131 + 8 * axis, scale, true);
    view.setFloat64(155 + 8 * axis, offset[axis]!, true);
  }
  if (version === 0) bytes.set([0xdd, 0xcc], headerBytes);
  for (const [index, { x, y, z, intensity }] of points.entries()) {
    const at = pointsAt + index * recordBytes;
    view.setInt32(at, x, true);
    view.setInt32(at + 4, y, true);
    view.setInt32(at + 8, z, true);
    view.setUint16(at + 12, intensity, true);
  }
  return bytes;
}
