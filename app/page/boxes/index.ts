/** Edits of boxes. */
export {
  type Axis,
  flipped,
  moved,
  movedOwn,
  resized,
  type Side,
  standing,
  toWorld,
  turned,
} from './edit.ts';
export { type Face, placedFaces } from './faces.ts';
export {
  type ArrowDirection,
  directionSteps,
  KEY_STEP,
  keyEdit,
  nudged,
  stretched,
} from './key-edit.ts';
export { boxOverRectangle, MIN_DRAG } from './rough.ts';
export { type BoxDirection, SIDE_AXES, type SideName } from './side-axes.ts';
export { draggedInSide, dragName, type SideGrip } from './side-drag.ts';
export { countInside, shrunk, snapFace } from './snap.ts';
export { knownTilt, quaternionOf, tiltedCorners, tiltOfQuaternion, withTilt } from './tilt.ts';
