/** Region growing: from the columns at the hint to all columns connected with them. */
import { CELL, type Columns } from './columns.ts';

/**
 * Grows regions from seeds over ever wider gaps. Breadth first from all seeds at once, so that a cell between
 * a seed `on` the object and one `beside` it goes to the nearer along the way.
 *
 * @param gaps widest gaps bridged, metres, rising
 * @returns for each gap the columns of the object, as 1 in a mask over `columns`; equal ones are left out
 */
export function grow(
  columns: Columns,
  on: readonly number[],
  beside: readonly number[],
  gaps: readonly number[],
): Uint8Array[] {
  const owner = new Uint8Array(columns.count); // 0 nobody's yet, 1 the object's, 2 another's
  let border: number[] = [];
  for (const k of beside) owner[k] = 2;
  for (const k of on) owner[k] = 1;
  for (const k of [...on, ...beside]) border.push(k);
  const members = [...border];
  const regions: Uint8Array[] = [];
  let before = -1;
  for (const gap of gaps) {
    const steps = disc(gap);
    // A wider gap: every member may reach new columns.
    border = [...members];
    while (border.length > 0) {
      const next: number[] = [];
      for (const k of border) {
        const column = Math.floor((columns.x[k]! - columns.west) / CELL);
        const row = Math.floor((columns.y[k]! - columns.south) / CELL);
        for (let s = 0; s < steps.length; s += 2) {
          const c = column + steps[s]!;
          const r = row + steps[s + 1]!;
          if (c < 0 || r < 0 || c >= columns.side || r >= columns.side) continue;
          const found = columns.grid[r * columns.side + c]!;
          if (found < 0 || owner[found] !== 0) continue;
          owner[found] = owner[k]!;
          next.push(found);
          members.push(found);
        }
      }
      border = next;
    }
    let size = 0;
    const region = new Uint8Array(columns.count);
    for (let k = 0; k < columns.count; k++) {
      if (owner[k] !== 1) continue;
      region[k] = 1;
      size++;
    }
    if (size !== before) regions.push(region);
    before = size;
  }
  return regions;
}

/** The steps to the cells within a radius, row by row: column and row interleaved. */
function disc(radius: number): Int32Array {
  const reach = Math.ceil(radius / CELL);
  const limit = (radius / CELL) ** 2 + 1e-9;
  const steps = new Int32Array(2 * (2 * reach + 1) ** 2);
  let used = 0;
  for (let r = -reach; r <= reach; r++)
    for (let c = -reach; c <= reach; c++) {
      if (r * r + c * c > limit) continue;
      steps[used++] = c;
      steps[used++] = r;
    }
  return steps.subarray(0, used);
}
