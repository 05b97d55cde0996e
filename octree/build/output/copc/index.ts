/** The door of `octree/build/output/copc/`. */
export { COPC_FILE, FINGERPRINT_HEAD_BYTES, isCopcId, readCopcFingerprint } from './copc-file.ts';
export { CopcWriter } from './copc-writer.ts';
