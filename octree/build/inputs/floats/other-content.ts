/** Files whose first bytes say that they are no bare floats, whatever their names are. */

const SIGNATURES: readonly (readonly [string, string, string | null])[] = [
  ['LASF', 'a LAS file', 'las'],
  ['ply\n', 'a PLY file', 'ply'],
  ['ply\r', 'a PLY file', 'ply'],
  ['# .PCD', 'a PCD file', 'pcd'],
  ['VERSION', 'a PCD file', 'pcd'],
  ['\x93NUMPY', 'an array of numpy', 'npy'],
  ['ASTM-E57', 'an E57 file', 'e57'],
  ['\x89MCAP', 'an MCAP file', 'mcap'],
  ['ARROW1', 'a Feather file', 'feather'],
  ['PK\x03\x04', 'a zip archive', null],
  ['\x1f\x8b', 'compressed by gzip', null],
  ['\x89HDF', 'an HDF5 file', null],
  ['PAR1', 'a Parquet file', null],
  ['# ROS', 'a log of ROS', null],
];

export const SIGNATURE_BYTES = 16;

/** What the file is and what to do, as the end of a sentence; null if its first bytes are no signature. */
export function otherContent(head: Uint8Array): string | null {
  const text = Buffer.from(head).toString('latin1');
  const found = SIGNATURES.find(([signature]) => text.startsWith(signature));
  if (found === undefined) return null;
  const [, what, format] = found;
  return format === null
    ? `is ${what}: unpack or convert it`
    : `is ${what} by its first bytes: use --format ${format}`;
}
