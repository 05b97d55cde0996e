/** The HTTP contract of Supervisely's "custom 3D AI assistant", as far as it is read here. */
import { z } from 'zod';
import { positionSchema } from './values/index.ts';

const pcdState = z.looseObject({ pcd_id: z.int().min(0) });

/**
 * The platform sends much besides (`context`, `api_token`, ...): of `state` only what is named here is read.
 */
export const superviselyCloudSchema = z.looseObject({ state: pcdState });
export const superviselyClickSchema = z.looseObject({
  state: pcdState.extend({ click_coordinate: positionSchema }),
});

const vector = z.object({ x: z.number(), y: z.number(), z: z.number() });
export const superviselyCuboidSchema = z.object({
  result: z.object({ position: vector, rotation: vector, dimensions: vector }).nullable(),
  error: z.string().nullable(),
});
export const superviselyWarmedSchema = z.object({ result: z.null(), error: z.string().nullable() });
