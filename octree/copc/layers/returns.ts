/**
 * Contexts by the return number r and the number of returns n of a pulse, both 0 to 15, sound or not.
 * Source: LASzip specification for LAS 1.4, tables number_return_map_6ctx and number_return_level_8ctx.
 */

/** One row for each n, one digit for each r. */
const MAP_ROWS = [
  '0123453445555555',
  '1013333333333333',
  '2124444444433333',
  '3345444444444444',
  '4344544444444444',
  '5344454444444444',
  '3344445444444444',
  '4344444544444444',
  '4344444454444444',
  '5344444445444444',
  '5344444444544444',
  '5334444444455444',
  '5334444444455544',
  '5334444444445554',
  '5334444444444555',
  '5334444444444455',
];

/** By 16 * n + r: one of six contexts. */
export const RETURN_MAP = Uint8Array.from(MAP_ROWS.join(''), Number);

/** By 16 * n + r: how many returns are still to come, at most 7. */
export const RETURN_LEVEL = Uint8Array.from({ length: 256 }, (_, i) =>
  Math.min(7, Math.abs((i >> 4) - (i & 15))),
);
