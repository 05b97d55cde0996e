/** Dimensions of LAZ points: the columns to decode for them. */

import type { ChunkColumns, WantedColumns } from '../laz/index.ts';
import type { Channel, Dimension, Dimensions } from '../points/index.ts';

export function wantedColumns(dimensions: readonly Dimension[]): WantedColumns {
  return {
    intensity: true,
    classification: dimensions.includes('classification'),
    returns: dimensions.includes('returnNumber'),
    colour: dimensions.includes('colour'),
  };
}

/** The low four bits of a returns byte: the return number. */
const RETURN_NUMBER = 0x0f;

export function lazDimensions({ classification, returns, colour }: ChunkColumns): Dimensions {
  const channel = (raw: Channel['raw']): Channel => ({ raw, scale: 1, offset: 0 });
  return {
    ...(classification !== null && { classification: channel(classification) }),
    ...(returns !== null && { returnNumber: channel(returns.map((byte) => byte & RETURN_NUMBER)) }),
    ...(colour !== null && { colour: channel(colour) }),
  };
}
