/** COPC files as outputs: their ids and their fingerprints. */
import { COPC_EXTENSION, readOwnRecord } from '../../../formats/index.ts';

/** Name of the COPC file in the building folder. */
export const COPC_FILE = 'cloud.copc.laz';
/** Our own record is in the first bytes of a file that nearbox wrote, unless its hierarchy is large. */
export const FINGERPRINT_HEAD_BYTES = 256 * 1024;

export function isCopcId(id: string): boolean {
  return id.endsWith(COPC_EXTENSION);
}

/** The fingerprint in the first bytes of a file; null if there is none. */
export function readCopcFingerprint(head: Uint8Array): string | null {
  const fingerprint = readOwnRecord(head)?.fingerprint;
  return typeof fingerprint === 'string' ? fingerprint : null;
}
