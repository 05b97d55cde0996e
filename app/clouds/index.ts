/** The door of `app/clouds/`. */
export type { Clouds, CropOptions, PlyCrop, StoredNodeOptions } from './clouds.ts';
export { LocalClouds } from './local-clouds.ts';
