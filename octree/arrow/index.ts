/** The door of `octree/arrow/`. */
export { type ArrowTable, readArrowTable } from './arrow-table.ts';
