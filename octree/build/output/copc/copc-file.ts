/** COPC files among the outputs: their ids, and what they say of what they were built from. */
import { COPC_EXTENSION, readOwnRecord } from '../../../formats/index.ts';

/** The file that a building folder of a COPC cloud holds. */
export const COPC_FILE = 'cloud.copc.laz';
/** Our own record stands in the first bytes of a file that we wrote, unless its hierarchy is large. */
export const FINGERPRINT_HEAD_BYTES = 256 * 1024;

export function isCopcId(id: string): boolean {
  return id.endsWith(COPC_EXTENSION);
}

/** From the first bytes of a file; null if it does not say. */
export function readCopcFingerprint(head: Uint8Array): string | null {
  const fingerprint = readOwnRecord(head)?.fingerprint;
  return typeof fingerprint === 'string' ? fingerprint : null;
}
