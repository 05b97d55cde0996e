/** The shapes that the scan tests without a ring. */
import type { Vec3 } from '../../geometry/index.ts';

export type Solid =
  | { readonly kind: 'sphere'; readonly center: Vec3; readonly numbers: readonly [squaredRadius: number] }
  | {
      readonly kind: 'cuboid';
      readonly center: Vec3;
      readonly numbers: readonly [cos: number, sin: number, ...half: Vec3];
    };
