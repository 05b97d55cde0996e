/** The door of `inference/kitti/`: label and calibration files of KITTI, without I/O. */
export { readKittiCamera } from './kitti-camera.ts';
export { type KittiCalibration, readKittiCalibration, readKittiLabels } from './kitti-labels.ts';
