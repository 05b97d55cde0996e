/** The door of `octree/decode/records/`. */
export { decodeRecords } from './decode-records.ts';
