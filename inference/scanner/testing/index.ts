/** The door of `inference/scanner/testing/`. */
export { syntheticScan } from './synthetic-scan.ts';
