/** Axis-aligned bounds in the cloud's coordinates, float64. */

/** x, y, z in metres. */
export type Vec3 = readonly [number, number, number];

/** A closed axis-aligned box: its border belongs to it. */
export interface Bounds {
  readonly min: Vec3;
  readonly max: Vec3;
}

export const Bounds = {
  /** True if the two closed boxes touch once `a` is extended by `pad` on every side. */
  intersect(a: Bounds, b: Bounds, pad = 0): boolean {
    return (
      a.min[0] - pad <= b.max[0] &&
      a.max[0] + pad >= b.min[0] &&
      a.min[1] - pad <= b.max[1] &&
      a.max[1] + pad >= b.min[1] &&
      a.min[2] - pad <= b.max[2] &&
      a.max[2] + pad >= b.min[2]
    );
  },

  /** True if `inner` lies completely in `outer`, borders included. */
  contains(outer: Bounds, inner: Bounds): boolean {
    return (
      outer.min[0] <= inner.min[0] &&
      outer.max[0] >= inner.max[0] &&
      outer.min[1] <= inner.min[1] &&
      outer.max[1] >= inner.max[1] &&
      outer.min[2] <= inner.min[2] &&
      outer.max[2] >= inner.max[2]
    );
  },

  /** The box extended on both sides of each axis by `pad`, metres. */
  pad(bounds: Bounds, pad: Vec3): Bounds {
    const { min, max } = bounds;
    return {
      min: [min[0] - pad[0], min[1] - pad[1], min[2] - pad[2]],
      max: [max[0] + pad[0], max[1] + pad[1], max[2] + pad[2]],
    };
  },
} as const;
