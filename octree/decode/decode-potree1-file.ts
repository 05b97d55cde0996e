/** Node files of Potree 1: `.bin`, `.las` and `.laz`. Their length and header say how many points they have; the hierarchy only guesses. */

import type { DecodedNode, Dimension, RecordLayout } from '../points/index.ts';
import { decodeLaz, readLasHeader } from './decode-laz.ts';
import { decodeRecords } from './decode-records.ts';

/** Decodes the records that the file has. Throws an Error if its last one is not whole. */
export function decodePotree1Bin(
  bytes: Uint8Array,
  layout: RecordLayout,
  wanted: readonly Dimension[] = [],
): DecodedNode {
  const count = Math.floor(bytes.byteLength / layout.stride);
  return decodeRecords(bytes, count, layout, wanted);
}

/**
 * Decodes a LAS or LAZ file. A LAS file must end with its last point; of a LAZ file, which cannot be seen to end, header and
 * hierarchy (`count`) must agree: PotreeConverter begins headers with a placeholder of 111 points. Throws an Error that says what does not fit.
 */
export async function decodePotree1Las(
  bytes: Uint8Array,
  count: number,
  wanted: readonly Dimension[] = [],
): Promise<DecodedNode> {
  const header = readLasHeader(bytes);
  if (header.isCompressed) return decodeLaz(bytes, count, wanted);
  if (header.pointsAt + header.count * header.recordBytes !== bytes.byteLength) {
    throw new Error(`a file of ${bytes.byteLength} bytes does not end after ${header.count} points`);
  }
  return decodeLaz(bytes, header.count, wanted);
}
