/** Points that lie exactly where another one of their node lies. */
import type { DecodedNode } from '../points/index.ts';

/** The least table of an empty node, and the share of it that is filled at most: half. */
const LEAST_SLOTS = 16;

/**
 * How many points would have to go for every place to be taken once. Linear in the points; 8 to 16 bytes each
 * meanwhile.
 */
export function countDuplicates({ count, x, y, z }: DecodedNode): number {
  let slots = LEAST_SLOTS;
  while (slots < 2 * count) slots *= 2;
  // Open addressing; index + 1, so that 0 is a free slot.
  const table = new Uint32Array(slots);
  const mask = slots - 1;
  let duplicates = 0;
  for (let i = 0; i < count; i++) {
    let slot = hash(x[i]!, y[i]!, z[i]!) & mask;
    for (let other = table[slot]!; other !== 0; other = table[slot]!) {
      const j = other - 1;
      if (x[j] === x[i] && y[j] === y[i] && z[j] === z[i]) break;
      slot = (slot + 1) & mask;
    }
    if (table[slot] === 0) table[slot] = i + 1;
    else duplicates++;
  }
  return duplicates;
}

/** Of the bits that differ between neighbours, in integers as well as in metres. */
function hash(x: number, y: number, z: number): number {
  let h = Math.imul(bits(x), 0x9e3779b1) ^ Math.imul(bits(y), 0x85ebca6b) ^ Math.imul(bits(z), 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return h ^ (h >>> 13);
}

function bits(value: number): number {
  return Number.isInteger(value) ? value | 0 : (value * 4096) | 0;
}
