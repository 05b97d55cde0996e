/** From a decoded node to its colours, a byte each of red, green and blue. */
import type { DecodedNode } from '../../../../octree/index.ts';
import type { NodeColours } from '../../../page/cloud/index.ts';

const MOST_BYTE = 255;

/**
 * Colours of 16 bits lose their lower 8. Where none is above 255 the values stay as they are: many files
 * have bytes in these fields, and one node alone does not tell them from dark colours.
 */
export function nodeColours({ count, dimensions }: DecodedNode): NodeColours {
  const colour = dimensions?.colour;
  if (colour === undefined) return { areWide: false, rgb: new Uint8Array(0) };
  const { raw, scale, offset } = colour;
  const valueAt = (i: number) => raw[i]! * scale + offset;
  let areWide = false;
  for (let i = 0; i < 3 * count && !areWide; i++) areWide = valueAt(i) > MOST_BYTE;
  const rgb = new Uint8Array(3 * count);
  for (let i = 0; i < rgb.length; i++) rgb[i] = areWide ? valueAt(i) / 256 : valueAt(i);
  return { areWide, rgb };
}
