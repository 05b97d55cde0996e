/** Images of cameras beside the cloud. No DOM. */
export { FrameCameras } from './frame-cameras.ts';
export { placeInImage } from './place-in-image.ts';
