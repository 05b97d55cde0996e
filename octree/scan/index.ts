export { copyAround } from './positions.ts';
export type { Limit, Projection } from './projection.ts';
export { scanRing } from './ring-scan.ts';
export { type Solid, scanSolid } from './solid.ts';
