/** The door of `octree/pandas/`: tables of pandas in pickles, read and written without Python. */
export { gunzip, gzip, isGzip } from './gzip.ts';
export { type PandasColumn, type PandasTable, readPandasPickle } from './read-pickle.ts';
export { type PandasValue, writePandasPickle } from './write-pickle.ts';
