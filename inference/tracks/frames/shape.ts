/** The object's own points in a frame, in the coordinates of its box. */
import { type Box, insideTest, toBoxFrame } from '../../boxes/index.ts';
import type { Crop } from '../../fit/index.ts';

/**
 * x, y, z interleaved: along the heading, to the left, up, from the centre of the box, metres. At most
 * `MOST_POINTS`.
 */
export type Shape = Float32Array;

/** More points do not improve the registration. */
const MOST_POINTS = 400;
/** Points this close to the floor of the box count as ground, metres. */
const FLOOR = 0.2;
/**
 * The points in the box, in its coordinates, without those at its floor. Its sides are moved out by `margin`
 * metres.
 */
export function shapeOf({ positions, count }: Crop, box: Box, margin: number): Shape {
  const isInside = insideTest(box, margin);
  const found: number[] = [];
  for (let i = 0; i < 3 * count; i += 3) {
    const [x, y, z] = [positions[i]!, positions[i + 1]!, positions[i + 2]!];
    if (z > box.center[2] - box.size[2] / 2 + FLOOR && isInside(x, y, z)) found.push(i);
  }
  const kept = Math.min(found.length, MOST_POINTS);
  const shape = new Float32Array(3 * kept);
  for (let k = 0; k < kept; k++) {
    const i = found[Math.floor((k * found.length) / kept)]!;
    shape.set(toBoxFrame(box, [positions[i]!, positions[i + 1]!, positions[i + 2]!]), 3 * k);
  }
  return shape;
}
