/**
 * Points as binary PLY: double x, y, z and float intensity, little-endian. Doubles keep the stored
 * coordinates exactly.
 */

export interface PlyRecords {
  /** x, y, z interleaved, in the cloud's coordinates. */
  readonly xyz: Float64Array;
  /** One value per point; 0 if the cloud has none. */
  readonly intensity: Float32Array;
  readonly count: number;
}

export interface PlyOptions {
  /** The file does not have all points of the region; a comment in the header says so. Default: false. */
  readonly isTruncated?: boolean;
  /** Further properties, unsigned 16-bit each. Default: none. */
  readonly properties?: readonly PlyColumn[];
}

/** The value of point i is at `from + i * step`. */
export interface PlyColumn {
  readonly name: string;
  readonly values: Uint16Array;
  readonly from: number;
  readonly step: number;
}

const POINT_BYTES = 28;

/** Bytes of one point with this number of properties besides position and intensity. */
export function plyPointBytes(properties: number): number {
  return POINT_BYTES + 2 * properties;
}

/** The header of a file with `count` points. */
export function plyHeader(
  count: number,
  properties: readonly string[],
  { isTruncated = false }: Pick<PlyOptions, 'isTruncated'> = {},
): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(
    [
      'ply',
      'format binary_little_endian 1.0',
      ...(isTruncated ? ['comment truncated'] : []),
      `element vertex ${count}`,
      'property double x',
      'property double y',
      'property double z',
      'property float intensity',
      ...properties.map((name) => `property ushort ${name}`),
      'end_header\n',
    ].join('\n'),
  );
}

/** The points in the form in which they follow the header. */
export function writePlyRecords(
  points: PlyRecords,
  properties: readonly PlyColumn[],
): Uint8Array<ArrayBuffer> {
  const pointBytes = plyPointBytes(properties.length);
  const bytes = new Uint8Array(points.count * pointBytes);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < points.count; i++) {
    const at = i * pointBytes;
    view.setFloat64(at, points.xyz[3 * i]!, true);
    view.setFloat64(at + 8, points.xyz[3 * i + 1]!, true);
    view.setFloat64(at + 16, points.xyz[3 * i + 2]!, true);
    view.setFloat32(at + 24, points.intensity[i]!, true);
  }
  for (const [k, { values, from, step }] of properties.entries()) {
    const place = POINT_BYTES + 2 * k;
    for (let i = 0; i < points.count; i++)
      view.setUint16(i * pointBytes + place, values[from + step * i]!, true);
  }
  return bytes;
}

/** The complete file, in memory: for few points. */
export function encodePly(
  points: PlyRecords,
  { isTruncated = false, properties = [] }: PlyOptions = {},
): Uint8Array<ArrayBuffer> {
  const header = plyHeader(
    points.count,
    properties.map(({ name }) => name),
    { isTruncated },
  );
  const records = writePlyRecords(points, properties);
  const bytes = new Uint8Array(header.byteLength + records.byteLength);
  bytes.set(header);
  bytes.set(records, header.byteLength);
  return bytes;
}
