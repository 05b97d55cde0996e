export type { Limit, Projection } from './projection.ts';
export { scanRing } from './ring-scan.ts';
export { copyAround, scannerMemoryBytes, scanSolid } from './scanner.ts';
export type { Solid } from './solid-shape.ts';
