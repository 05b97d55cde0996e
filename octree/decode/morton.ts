/** Morton codes of the Potree 2 BROTLI encoding: bit 0 is x, bit 1 is y, bit 2 is z, bit 3 is x again. */

/** Index: 12 bits of code. Value: 4 bits of x, 4 of y (from bit 8), 4 of z (from bit 16). */
const SPREAD = new Uint32Array(4096).map((_, code) => {
  let value = 0;
  for (let bit = 0; bit < 12; bit++) value |= ((code >> bit) & 1) << ((bit % 3) * 8 + Math.floor(bit / 3));
  return value;
});

/** Splits 24 bits of code into 8 bits of x (bits 0-7 of the result), y (8-15) and z (16-23). */
export function unmix24(code: number): number {
  return SPREAD[code & 4095]! | (SPREAD[(code >>> 12) & 4095]! << 4);
}
