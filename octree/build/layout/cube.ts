/**
 * The cube of an octree, aligned to whole steps of the cloud's scale.
 *
 * Its corner lies half a step below a step, and its edge is a multiple of a large power of two steps. So the
 * borders of all nodes that matter lie midway between two steps. No stored point is ever on a border, and
 * readers that halve the cube in floating point assign each point to the same node.
 */
import type { Bounds, Vec3 } from '../../geometry/index.ts';
import type { StepExtent, Steps } from '../points/index.ts';

/** In steps of the scale. */
export interface StepCube {
  /** The lowest step that belongs to the cube, per axis. */
  readonly low: Vec3;
  /** Steps along an edge. */
  readonly edge: number;
}

/** Bits of a position in the cube along one axis: enough for 24 levels above a grid of 128 cells. */
export const PLACE_BITS = 31;

/** Smallest edge, so that a cloud of one point has a cube too. */
const SMALLEST_EDGE = 1024;
/** The edge is rounded up to a multiple of a power of two that is at most this fraction of it. */
const SLACK = 1 / 32;

export function chooseCube({ min, max }: StepExtent): StepCube {
  const extent = Math.max(max[0] - min[0] + 1, max[1] - min[1] + 1, max[2] - min[2] + 1, SMALLEST_EDGE);
  const unit = 2 ** Math.floor(Math.log2(extent * SLACK));
  const edge = Math.ceil(extent / unit) * unit;
  const centred = (axis: 0 | 1 | 2) => min[axis] - Math.floor((edge - (max[axis] - min[axis] + 1)) / 2);
  return { low: [centred(0), centred(1), centred(2)], edge };
}

/** The cube in the cloud's coordinates. */
export function cubeBounds(cube: StepCube, { scale, offset }: Steps): Bounds {
  const length = cube.edge * scale;
  const corner = (axis: 0 | 1 | 2) => (cube.low[axis] - 0.5) * scale + offset[axis];
  const min: Vec3 = [corner(0), corner(1), corner(2)];
  return { min, max: [min[0] + length, min[1] + length, min[2] + length] };
}

/**
 * Converts steps to positions in the cube: an integer of PLACE_BITS bits per axis whose leading bits are the
 * grid index of the node at each depth. Multiply `step - low + 0.5` by `perStep` and drop the fraction.
 */
export function placesPerStep(cube: StepCube): number {
  return 2 ** PLACE_BITS / cube.edge;
}
