/** The door of `inference/cameras/`: calibrated cameras, and the way between a cloud and their images. */
export type { Camera } from './camera.ts';
export { CameraProjection } from './projection.ts';
