/** Distances from the faces of a box to the points in it: the padding that people leave. */
import { type Box, insideTest, toBoxFrame } from '../boxes/index.ts';
import { type GroundPlane, groundHeight } from '../ground/index.ts';

/**
 * Metres from the outermost points to the faces, outward positive. `floor`: its height over the ground; null
 * if unknown.
 */
export interface Gaps {
  readonly front: number;
  readonly rear: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly floor: number | null;
  /** Number of points of the object. */
  readonly count: number;
}

/** Points this far outside of the box belong to the object too, because boxes may be tight, metres. */
const MARGIN_METRES = 0.15;
/** Points lower than this over the ground belong to the ground, metres. */
const GROUND_BAND_METRES = 0.2;
/** Share of the points that count as stray returns. */
const STRAY_SHARE = 0.01;

/**
 * @param positions x, y, z interleaved, in the coordinates of the box
 * @returns null if there are no points of the object
 */
export function gapsOf(
  box: Box,
  positions: Float32Array,
  count: number,
  ground: GroundPlane | null,
): Gaps | null {
  const inside = insideTest(box, MARGIN_METRES);
  const [us, vs, ws]: [number[], number[], number[]] = [[], [], []];
  for (let i = 0; i < count; i++) {
    const [x, y, z] = [positions[3 * i]!, positions[3 * i + 1]!, positions[3 * i + 2]!];
    if (!inside(x, y, z)) continue;
    if (ground !== null && z - groundHeight(ground, x, y) < GROUND_BAND_METRES) continue;
    const [u, v, w] = toBoxFrame(box, [x, y, z]);
    us.push(u);
    vs.push(v);
    ws.push(w);
  }
  if (us.length === 0) return null;
  const [l, w, h] = [box.size[0] / 2, box.size[1] / 2, box.size[2] / 2];
  const outer = (values: number[], sign: 1 | -1) => {
    const sorted = Float64Array.from(values, (value) => sign * value).sort();
    return sorted[Math.ceil(sorted.length * (1 - STRAY_SHARE)) - 1]!;
  };
  const [x, y, z] = box.center;
  return {
    front: l - outer(us, 1),
    rear: l - outer(us, -1),
    left: w - outer(vs, 1),
    right: w - outer(vs, -1),
    top: h - outer(ws, 1),
    floor: ground === null ? null : z - h - groundHeight(ground, x, y),
    count: us.length,
  };
}
