/**
 * Node files of Potree 1: `.bin`, `.las` and `.laz`. The number of points follows from their length or
 * header; that in the hierarchy is only a hint.
 */

import type { DecodedNode, Dimension, RecordLayout } from '../points/index.ts';
import { decodeLaz, readLasHeader } from './decode-laz.ts';
import { decodeRecords } from './records/index.ts';

/** Decodes all records of the file. Throws an Error if the last record is incomplete. */
export function decodePotree1Bin(
  bytes: Uint8Array,
  layout: RecordLayout,
  wanted: readonly Dimension[] = [],
): DecodedNode {
  const count = Math.floor(bytes.byteLength / layout.stride);
  return decodeRecords(bytes, count, layout, wanted);
}

/**
 * Decodes a LAS or LAZ file. A LAS file must end with its last point. The end of a LAZ file cannot be
 * checked, so its header must agree with the hierarchy (`count`): PotreeConverter first writes headers with a
 * placeholder of 111 points. Throws an Error that says what is wrong.
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
