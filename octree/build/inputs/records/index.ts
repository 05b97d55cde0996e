/** The door of `octree/build/inputs/records/`: points in records of a fixed length. */
export { readRecords } from './read-records.ts';
export { type InputField, type InputRecord, RecordDecoder } from './record-decoder.ts';
