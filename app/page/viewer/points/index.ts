/** The points that are drawn. */
export { boundsOf } from './bounds-of.ts';
export { CloudLayer } from './cloud-layer.ts';
export { isPassing } from './node-requests.ts';
export type { OpenCloud } from './open-cloud.ts';
export { PointMaterial } from './point-material.ts';
