/** Cameras of clouds. */
export { type CameraOptions, cameraRoutes } from './cameras.ts';
