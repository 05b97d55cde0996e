/**
 * Dimensions besides position and intensity. They are read only on request, because most questions do not
 * need them.
 */
import type { Channel } from './channel.ts';

export const DIMENSIONS = ['classification', 'returnNumber', 'colour'] as const;

/** `colour` is red, green and blue, 16 bits each. */
export type Dimension = (typeof DIMENSIONS)[number];

/**
 * Decoded dimensions: one value per point, three for the colour. Dimensions that the cloud lacks are missing.
 */
export type Dimensions = Readonly<Partial<Record<Dimension, Channel>>>;

/** Number of values per point. */
export function valuesPerPoint(dimension: Dimension): 1 | 3 {
  return dimension === 'colour' ? 3 : 1;
}

/** A name for a set of dimensions, independent of their order; `''` for none. */
export function dimensionsName(dimensions: readonly Dimension[]): string {
  return DIMENSIONS.filter((name) => dimensions.includes(name)).join('+');
}

/** Factor from an 8-bit colour to 16 bits: 255 becomes 65,535. */
export const BYTE_COLOUR_SCALE = 257;
