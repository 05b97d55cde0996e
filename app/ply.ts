/** Points as binary PLY: double x, y, z and float intensity, little-endian, so that nothing of the stored coordinates is lost. */

export interface PlyPoints {
  /** x, y, z interleaved, in the cloud's coordinates. */
  readonly xyz: Float64Array;
  /** One value a point; 0 where the cloud has none. */
  readonly intensity: Float32Array;
  readonly count: number;
}

export interface PlyOptions {
  /** These are not all points that were asked for. The header says so in a comment. Default: false. */
  readonly isTruncated?: boolean;
}

const POINT_BYTES = 28;

/** The whole file. */
export function encodePly(points: PlyPoints, { isTruncated = false }: PlyOptions = {}): Uint8Array {
  const header = new TextEncoder().encode(
    [
      'ply',
      'format binary_little_endian 1.0',
      ...(isTruncated ? ['comment truncated'] : []),
      `element vertex ${points.count}`,
      'property double x',
      'property double y',
      'property double z',
      'property float intensity',
      'end_header\n',
    ].join('\n'),
  );
  const bytes = new Uint8Array(header.length + points.count * POINT_BYTES);
  bytes.set(header);
  const view = new DataView(bytes.buffer, header.length);
  for (let i = 0; i < points.count; i++) {
    const at = i * POINT_BYTES;
    view.setFloat64(at, points.xyz[3 * i]!, true);
    view.setFloat64(at + 8, points.xyz[3 * i + 1]!, true);
    view.setFloat64(at + 16, points.xyz[3 * i + 2]!, true);
    view.setFloat32(at + 24, points.intensity[i]!, true);
  }
  return bytes;
}
