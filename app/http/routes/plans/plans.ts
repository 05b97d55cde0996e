/** What a region would take to read, before any of it is read. */
import { EXAMPLE_CLICK, planAnswerSchema, planSchema } from '../../../api/index.ts';
import type { Clouds } from '../../../clouds/index.ts';
import type { Lifecycle } from '../../../lifecycle/index.ts';
import { requireReady } from '../../middleware/index.ts';
import { jsonBody } from '../../requests/index.ts';
import type { Route } from '../../route/index.ts';
import { REGION_ERRORS } from '../region-errors.ts';
import { spendOnRegions } from '../region-price.ts';
import { planAnswer } from './plan-answer.ts';

export interface PlanRouteOptions {
  readonly reader: Pick<Clouds, 'plan'>;
  readonly lifecycle: Lifecycle;
  readonly maxBodyBytes: number;
}

/** Points of the rate limit. */
const PLAN_COST = 10;

export function planRoutes({ reader, lifecycle, maxBodyBytes }: PlanRouteOptions): Route[] {
  return [
    {
      method: 'POST',
      path: '/v1/plans',
      access: 'clouds',
      cost: PLAN_COST,
      handler: async (c, scope) => {
        const { signal, access } = scope;
        const { cloud, region, spacing, points } = await jsonBody(c, planSchema, maxBodyBytes, scope);
        access.require(cloud);
        await spendOnRegions(scope.quota, [region], PLAN_COST);
        requireReady(lifecycle);
        const plan = await reader.plan(cloud, [region], { signal, spacing, pointBudget: points });
        return c.json(planAnswer(plan), 200, { 'cache-control': 'no-store' });
      },
      operations: [
        {
          path: '/v1/plans',
          id: 'plan',
          summary: 'The nodes and byte ranges that a region takes, by metadata and hierarchy alone',
          tag: 'clouds',
          headers: ['Nearbox-Cloud'],
          body: planSchema,
          example: { cloud: '000000', region: EXAMPLE_CLICK, spacing: 0.1 },
          answers: { 200: { description: 'The plan', content: planAnswerSchema } },
          errors: REGION_ERRORS,
        },
      ],
    },
  ];
}
