/** The door of `inference/boxes/`. */
export {
  axisAngle,
  type Box,
  contains,
  corners,
  footprint,
  insideTest,
  iou3d,
  iouBev,
  overlap,
  toBoxFrame,
  type Vec2,
  type Vec3,
  volume,
  wrapAngle,
} from './box.ts';
export {
  IDENTITY_POSE,
  inversePose,
  type Pose,
  type Quaternion,
  quaternionYaw,
  transformBox,
  transformPoint,
  yawQuaternion,
} from './pose.ts';
export { convexHull, smallestRectangle } from './smallest-rectangle.ts';
export { minus, plus } from './vectors.ts';
