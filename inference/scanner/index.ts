/** The door of `inference/scanner/`: where a scanner stood, told by the points of its scan. */
export { estimateScanner, LEAST_CONFIDENCE, type ScannerEstimate } from './estimate-scanner.ts';
export { ScannerPlaces } from './scanner-places.ts';
