/** What may be read of points besides position and intensity: only where it is asked for, as most questions need none of it. */
import type { Channel } from './channel.ts';

export const DIMENSIONS = ['classification', 'returnNumber', 'colour'] as const;

/** `colour` is red, green and blue, 16 bits each. */
export type Dimension = (typeof DIMENSIONS)[number];

/** Values of one dimension: one a point, of the colour three. Where the cloud has none of it, it is missing. */
export type Dimensions = Readonly<Partial<Record<Dimension, Channel>>>;

/** Values of a point. */
export function valuesPerPoint(dimension: Dimension): 1 | 3 {
  return dimension === 'colour' ? 3 : 1;
}

/** What a question for these dimensions is told apart by: the same for the same ones in any order, `''` for none. */
export function dimensionsName(dimensions: readonly Dimension[]): string {
  return DIMENSIONS.filter((name) => dimensions.includes(name)).join('+');
}

/** Takes a stored byte of a colour to 16 bits: 255 is as bright as 65,535. */
export const BYTE_COLOUR_SCALE = 257;
