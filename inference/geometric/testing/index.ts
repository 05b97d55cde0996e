/** The door of `inference/geometric/testing/`. */
export { carBlocks, scan } from './synthetic-scan.ts';
