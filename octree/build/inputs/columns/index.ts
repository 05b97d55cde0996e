/** The door of `octree/build/inputs/columns/`: points in the columns of a table. */
export { columnsInput, type PointTable } from './columns-input.ts';
export { openFeather } from './feather.ts';
export { openPandas } from './pandas.ts';
