/** Morton codes as Potree 2's BROTLI encoding stores them: bit 0 is x, bit 1 is y, bit 2 is z, bit 3 is x again. */

/** For 12 bits of code: 4 bits of x, then 4 of y (from bit 8), then 4 of z (from bit 16). */
const SPREAD = new Uint32Array(4096).map((_, code) => {
  let value = 0;
  for (let bit = 0; bit < 12; bit++) value |= ((code >> bit) & 1) << ((bit % 3) * 8 + Math.floor(bit / 3));
  return value;
});

/**
 * 24 bits of code: 8 bits of x (bits 0-7 of the result), of y (8-15) and of z (16-23).
 */
export function unmix24(code: number): number {
  return SPREAD[code & 4095]! | (SPREAD[(code >>> 12) & 4095]! << 4);
}
