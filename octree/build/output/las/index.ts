/** The door of `octree/build/output/las/`: points as LAS 1.4 records and files. */
export {
  extraBytesVlr,
  lasHead,
  laszipVlr,
  MOST_VLR_BYTES,
  type VariableRecord,
  wktVlr,
} from './las-head.ts';
export { type LasLayout, lasLayout, lasRecords } from './las-records.ts';
export { lazFile } from './laz-file.ts';
