export { copyAround } from './positions.ts';
export type { Limit, Projection } from './projection.ts';
export { scanRing } from './ring-scan.ts';
export { scannerMemoryBytes } from './scanner.ts';
export { scanSolid } from './solid.ts';
export type { Solid } from './solid-shape.ts';
