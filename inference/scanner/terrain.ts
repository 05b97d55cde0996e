/** The points of a scan, parted into the ground and what stands on it. */

export interface Terrain {
  /** x, y, z of points on the ground, interleaved, metres. */
  readonly ground: Float64Array;
  /** x, y of points of things that a scanner on a car cannot see over, interleaved, metres. */
  readonly obstacles: Float64Array;
}

/** The ground of a square of this side is taken as level, metres. */
const CELL_M = 4;
/** The share of a square's points that lie below its ground: stray returns. */
const STRAY_SHARE = 0.1;
/** A point at most this far from its square's ground lies on it, metres. */
const GROUND_BAND_M = 0.25;
/** Things from this height on hide the ground behind them from a scanner on a car, metres. */
const OBSTACLE_HEIGHT_M = 1.2;

/**
 * @param positions x, y, z interleaved, metres; values that are not finite are passed over
 * @param count how many points of `positions` to read
 */
export function partTerrain(positions: Float32Array, count: number): Terrain {
  const heightsByCell = new Map<number, number[]>();
  const cells = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const cell = cellOf(positions[3 * i]!, positions[3 * i + 1]!);
    cells[i] = cell;
    const z = positions[3 * i + 2]!;
    if (!Number.isFinite(cell + z)) continue;
    const heights = heightsByCell.get(cell);
    if (heights === undefined) heightsByCell.set(cell, [z]);
    else heights.push(z);
  }
  const groundByCell = new Map<number, number>();
  for (const [cell, heights] of heightsByCell)
    groundByCell.set(cell, heights.sort((a, b) => a - b)[Math.floor(heights.length * STRAY_SHARE)]!);

  const ground: number[] = [];
  const obstacles: number[] = [];
  for (let i = 0; i < count; i++) {
    const x = positions[3 * i]!;
    const y = positions[3 * i + 1]!;
    const z = positions[3 * i + 2]!;
    const height = z - (groundByCell.get(cells[i]!) ?? Number.NaN);
    if (Math.abs(height) < GROUND_BAND_M) ground.push(x, y, z);
    else if (height > OBSTACLE_HEIGHT_M) obstacles.push(x, y);
  }
  return { ground: Float64Array.from(ground), obstacles: Float64Array.from(obstacles) };
}

/** The number of a square; exact for places within 10,000 km of the origin. */
function cellOf(x: number, y: number): number {
  return Math.floor(x / CELL_M) * 0x4000000 + Math.floor(y / CELL_M);
}
