/**
 * What the rays say of places about a click or a box: is something in front of a place, so that nobody knows
 * what is there, or did rays go through it to something behind, so that no body is there? Where the outermost
 * point of an object is its end, and where it is only the last thing that was seen, cannot be told from the
 * object's own points. `training/kernels/occlusion.c` computes the same.
 */
import type { Box, Vec3 } from '../../boxes/index.ts';
import type { GroundPlane } from '../../ground/index.ts';

/** About a box: in half lengths along it, each on the right side, the middle line and the left side. */
const BOX_ALONG = [-1.2, -1, -0.8, -0.6, 0.6, 0.8, 1, 1.2];
const BOX_ACROSS = [-1, 0, 1];
/** About a click: in metres away from the scanner, and to the left of that. */
const CLICK_ALONG = [-1.5, 0, 1.5, 3, 4.5, 6];
const CLICK_ACROSS = [-2.5, -1.2, 0, 1.2, 2.5];
/** Two values for each place: the share of its heights that is hidden, and the share that is free. */
const BOX_FEATURES = 2 * BOX_ALONG.length * BOX_ACROSS.length;
const CLICK_FEATURES = 2 * CLICK_ALONG.length * CLICK_ACROSS.length;

/** Points farther from the middle than this do not count, in metres: crops are about as large. */
const RADIUS = 12;
/** The scanner's height over the ground, in metres, as nobody tells it: roofs of cars. */
const SCANNER_HEIGHT = 1.8;
/**
 * The heights over the ground that are looked at: from the first on, in four steps of the second, in metres.
 */
const LOWEST = 0.2;
const STEP = 0.3;
const STEPS = 4;
/** A point this much nearer or farther than the place is before or behind it, in metres. */
const RANGE_TOLERANCE = 0.5;
/** A body hides its own far side: what is this near to the box's outline, in metres, does not count. */
const OUTLINE_MARGIN = 0.3;
/**
 * Half the width of a place as seen from the scanner, in metres, and what is added for each metre of
 * distance.
 */
const WIDTH = 0.1;
const WIDENING = 0.004;

const FAN_SLICES = 128;

/** How many of four bits are set, as a share. */
const SHARE = Array.from(
  { length: 1 << STEPS },
  (_, bits) => [...bits.toString(2)].filter((bit) => bit === '1').length / STEPS,
);

/** What is looked through: points (x, y, z interleaved), where the scanner stood, where the ground is. */
export interface View {
  readonly positions: Float32Array;
  readonly count: number;
  readonly sensor: Vec3 | null;
  readonly ground: GroundPlane | null;
}

/**
 * [hidden, free] of every place about a box, each from 0 to 1; all 0 where the scanner's place or the ground
 * is unknown.
 */
export function occlusionOfBox(view: View, box: Box): Float32Array {
  const c = Math.cos(box.yaw);
  const s = Math.sin(box.yaw);
  const hl = box.size[0] / 2;
  const hw = box.size[1] / 2;
  return look(view, box.center, BOX_FEATURES, Math.sqrt(1.44 * hl * hl + hw * hw) + 0.5, {
    *places(x, y) {
      for (const along of BOX_ALONG)
        for (const across of BOX_ACROSS)
          yield [x + along * hl * c - across * hw * s, y + along * hl * s + across * hw * c];
    },
    own: { c, s, length: hl + OUTLINE_MARGIN, width: hw + OUTLINE_MARGIN },
  });
}

/** The same about a click. */
export function occlusionOfClick(view: View, click: Vec3): Float32Array {
  return look(view, click, CLICK_FEATURES, 3, {
    *places(x, y, ux, uy) {
      for (const along of CLICK_ALONG)
        for (const across of CLICK_ACROSS) yield [x + along * ux - across * uy, y + along * uy + across * ux];
    },
    own: { c: 1, s: 0, length: -1, width: -1 },
  });
}

interface Surroundings {
  /** The places from the scanner, given the middle and the direction to it. */
  places(x: number, y: number, ux: number, uy: number): Iterable<readonly [number, number]>;
  /** The outline round the middle in which points do not count: its direction, half its length and width. */
  readonly own: { readonly c: number; readonly s: number; readonly length: number; readonly width: number };
}

/** @param reach how far beside the middle places are, in metres: other points are not on the way */
function look(
  { positions, count, sensor, ground }: View,
  [cx, cy]: Vec3,
  length: number,
  reach: number,
  { places, own }: Surroundings,
): Float32Array {
  const values = new Float32Array(length);
  if (sensor === null || ground === null) return values;
  const [sx, sy] = sensor;
  const middleX = cx - sx;
  const middleY = cy - sy;
  const distance = Math.sqrt(middleX * middleX + middleY * middleY);
  if (!(distance >= 1)) return values;
  const ux = middleX / distance;
  const uy = middleY / distance;
  const lines = linesOfSight([...places(middleX, middleY, ux, uy)]);
  const most = (1.3 * reach) / distance + 0.2;
  const nearest = Math.max(1, distance - RADIUS);
  const { first, line } = fan(lines, ux, uy, most, Math.asin(Math.min(1, WIDTH / nearest + WIDENING)));
  const toSlice = FAN_SLICES / (2 * most);
  const { c, s, length: ownLength, width: ownWidth } = own;
  const { x: lineX, y: lineY, length: lineLength, hidden, free } = lines;
  const { a: slopeX, b: slopeY, c: level0 } = ground;
  for (let i = 0; i < count; i++) {
    const px = positions[3 * i]!;
    const py = positions[3 * i + 1]!;
    const x = px - sx;
    const y = py - sy;
    const along = x * ux + y * uy;
    // Most points are not on the way: they end here.
    if (!(along >= 1) || Math.abs(x * uy - y * ux) > (1.3 * reach * along) / distance + 0.2) continue;
    const slice = Math.min(
      FAN_SLICES - 1,
      Math.max(0, Math.floor(((y * ux - x * uy) / along + most) * toSlice)),
    );
    const last = first[slice + 1]!;
    if (first[slice] === last) continue;
    const bx = px - cx;
    const by = py - cy;
    if (!(bx * bx + by * by <= RADIUS * RADIUS)) continue;
    if (Math.abs(bx * c + by * s) <= ownLength && Math.abs(by * c - bx * s) <= ownWidth) continue;
    const h = positions[3 * i + 2]! - (slopeX * px + slopeY * py + level0);
    if (!(h > -0.5 && h < 5)) continue;
    for (let j = first[slice]!; j < last; j++) {
      const k = line[j]!;
      const a = x * lineX[k]! + y * lineY[k]!;
      if (!(a >= 1) || Math.abs(x * lineY[k]! - y * lineX[k]!) > WIDTH + WIDENING * a) continue;
      const over = a - lineLength[k]!;
      if (Math.abs(over) <= RANGE_TOLERANCE) continue;
      const level = (SCANNER_HEIGHT + ((h - SCANNER_HEIGHT) * lineLength[k]!) / a - LOWEST) / STEP;
      if (!(level >= 0 && level < STEPS)) continue;
      const bit = 1 << Math.floor(level);
      if (over < 0) hidden[k] = hidden[k]! | bit;
      else free[k] = free[k]! | bit;
    }
  }
  for (const k of hidden.keys()) {
    values[2 * k] = SHARE[hidden[k]!]!;
    values[2 * k + 1] = SHARE[free[k]!]!;
  }
  return values;
}

/**
 * The lines of sight to places: directions, lengths, and the heights at which each is hidden or free, as
 * bits.
 */
function linesOfSight(places: readonly (readonly [number, number])[]) {
  const length = Float64Array.from(places, ([x, y]) => Math.max(Math.sqrt(x * x + y * y), 1e-6));
  return {
    x: Float64Array.from(places, ([x], k) => x / length[k]!),
    y: Float64Array.from(places, ([, y], k) => y / length[k]!),
    length,
    hidden: new Uint8Array(places.length),
    free: new Uint8Array(places.length),
  };
}

/**
 * The lines of sight by direction, so that a point is held against the few that it may be near to: `line`
 * from `first[slice]` to `first[slice + 1]`.
 * @param most the largest tangent, from the middle direction (ux, uy), of any point
 * @param slack how far off a line a point may be, in radians
 */
function fan(lines: ReturnType<typeof linesOfSight>, ux: number, uy: number, most: number, slack: number) {
  const angles = Array.from(lines.x, (x, k) =>
    Math.atan2(lines.y[k]! * ux - x * uy, x * ux + lines.y[k]! * uy),
  );
  const edge = (slice: number) => Math.atan((slice / FAN_SLICES) * 2 * most - most);
  const first = new Int32Array(FAN_SLICES + 1);
  const line: number[] = [];
  for (let slice = 0; slice < FAN_SLICES; slice++) {
    const from = edge(slice) - slack - 1e-6;
    const to = edge(slice + 1) + slack + 1e-6;
    for (const [k, angle] of angles.entries()) if (angle >= from && angle <= to) line.push(k);
    first[slice + 1] = line.length;
  }
  return { first, line: Uint8Array.from(line) };
}
