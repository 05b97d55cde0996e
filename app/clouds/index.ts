/** The door of `app/clouds/`. */
export type { Clouds, Crop, CropOptions, StoredNodeOptions } from './clouds.ts';
export { LocalClouds } from './local-clouds.ts';
