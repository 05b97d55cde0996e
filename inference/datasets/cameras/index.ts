/** The cameras of data sets. */
export {
  type Argoverse2Lens,
  argoverse2Cameras,
  argoverse2Images,
} from './argoverse2-cameras.ts';
export { kittiCameras, kittiRawCalibration } from './kitti-cameras.ts';
export { type CameraLens, lensOf, nuScenesCameras, type TakenImage } from './nuscenes-cameras.ts';
export { pandaSetCameras } from './pandaset-cameras.ts';
export { writeCameras } from './write-cameras.ts';
