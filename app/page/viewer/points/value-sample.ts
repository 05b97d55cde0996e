/** A few thousand values of loaded points, to spread colours over. */
import type { Vec3 } from '../../../../inference/boxes/index.ts';
import type { LoadedNode } from '../../cloud/index.ts';

const VALUES_A_NODE = 2000;
const MOST_VALUES = 20_000;

/**
 * Heights, intensities or distances of the coarsest points.
 * @param origin what heights and `eye` are measured from, in the cloud's coordinates
 */
export function sampleValues(
  nodes: Iterable<LoadedNode>,
  value: 'height' | 'intensity' | 'distance',
  origin: Vec3,
  eye: Vec3,
): number[] {
  const values: number[] = [];
  for (const { payload } of nodes) {
    const { data, step, intensity, count } = payload;
    const stride = 4 * Math.max(1, Math.floor(count / VALUES_A_NODE));
    for (let i = 0; i < 4 * count; i += stride) {
      const at = ([0, 1, 2] as const).map((k) => payload.origin[k] + data[i + k]! * step[k] - origin[k]);
      if (value === 'height') values.push(at[2]!);
      else if (value === 'intensity') values.push(intensity.offset + data[i + 3]! * intensity.scale);
      else values.push(Math.hypot(at[0]! - eye[0], at[1]! - eye[1], at[2]! - eye[2]));
    }
    if (values.length > MOST_VALUES) break;
  }
  return values;
}
