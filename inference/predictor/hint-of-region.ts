/**
 * A question's region as a fit takes it: in the coordinates of the crop, with what the fit looks at around
 * it.
 */
import type { Region } from '../../octree/index.ts';
import { type Box, minus, plus, type Vec3, wrapAngle } from '../boxes/index.ts';
import type { Hint, LassoHint } from '../fit/index.ts';
import { CONTEXT_RADIUS_METRES } from '../network/index.ts';
import type { HintRegion } from './question.ts';

export type LassoHintRegion = Extract<HintRegion, { type: 'polygon' | 'frustum' }>;
export type PlaceRegion = Exclude<HintRegion, LassoHintRegion>;

/** How far past a loose box the fit looks: neighbours, ground and free space around it. */
const BOX_MARGIN_METRES = 5;

/** The middle of a region: where the crop's coordinates begin. */
export function regionCentre(region: PlaceRegion): Vec3 {
  return region.type === 'click' ? region.position : region.center;
}

/** What the fit looks at: a sphere around the region's middle that reaches past a large box. */
export function contextOf(region: PlaceRegion): Region {
  const reach = region.type === 'box' ? Math.hypot(...region.size) / 2 + BOX_MARGIN_METRES : 0;
  return { type: 'sphere', center: regionCentre(region), radius: Math.max(CONTEXT_RADIUS_METRES, reach) };
}

/** The same around a lasso's object. */
export function lassoReach({ outline }: LassoHint): number {
  const reach = outline === null ? 0 : Math.hypot(...outline.size) / 2 + BOX_MARGIN_METRES;
  return Math.max(CONTEXT_RADIUS_METRES, reach);
}

export function hintOf(region: PlaceRegion, origin: Vec3): Hint {
  switch (region.type) {
    case 'click':
      return {
        type: 'click',
        position: minus(region.position, origin),
        also: (region.also ?? []).map(({ position, inside }) => ({
          position: minus(position, origin),
          inside,
        })),
      };
    case 'sphere':
      return { type: 'sphere', center: minus(region.center, origin), radius: region.radius };
    case 'box': {
      const { center, size, yaw } = region;
      return { type: 'box', box: shifted({ center, size, yaw }, minus([0, 0, 0], origin)) };
    }
  }
}

export function shifted(box: Box, by: Vec3): Box {
  const { center, size, yaw } = box;
  return { center: plus(center, by), size, yaw: wrapAngle(yaw) };
}
