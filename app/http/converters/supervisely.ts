/**
 * Boxes as Supervisely's `cuboid_3d` geometry. Read off its importers of KITTI and nuScenes: `dimensions` are
 * width, length, height, so that the length lies along the cuboid's own +y and `rotation.z` is the heading
 * less a quarter turn; radians, metres, `position` the centre.
 */
import { type Box, wrapAngle } from '../../../inference/index.ts';

interface SuperviselyVector {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

export interface SuperviselyCuboid {
  readonly position: SuperviselyVector;
  readonly rotation: SuperviselyVector;
  readonly dimensions: SuperviselyVector;
}

export function superviselyCuboid({ center, size, yaw }: Box): SuperviselyCuboid {
  const [length, width, height] = size;
  return {
    position: { x: center[0], y: center[1], z: center[2] },
    rotation: { x: 0, y: 0, z: wrapAngle(yaw - Math.PI / 2) },
    dimensions: { x: width, y: length, z: height },
  };
}
