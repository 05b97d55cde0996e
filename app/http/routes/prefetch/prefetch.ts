/** Warming ahead of the next clicks. */

import { EXAMPLE_CLICK, prefetchAnswerSchema, prefetchSchema } from '../../../api/index.ts';
import type { Lifecycle } from '../../../lifecycle/index.ts';
import { requireReady } from '../../middleware/index.ts';
import { jsonBody } from '../../requests/index.ts';
import type { Route } from '../../route/index.ts';
import type { Prefetcher } from './prefetcher.ts';

/** Points of the rate limit, each cloud. */
const CLOUD_COST = 10;

export interface PrefetchOptions {
  readonly prefetcher: Prefetcher;
  readonly lifecycle: Lifecycle;
  readonly maxBodyBytes: number;
}

export function prefetchRoutes({ prefetcher, lifecycle, maxBodyBytes }: PrefetchOptions): Route[] {
  return [
    {
      method: 'POST',
      path: '/v1/prefetch',
      access: 'clouds',
      cost: CLOUD_COST,
      handler: async (c, scope) => {
        const { access, quota } = scope;
        const { clouds, region = null } = await jsonBody(c, prefetchSchema, maxBodyBytes, scope);
        for (const cloud of clouds) access.require(cloud);
        await quota.spend(CLOUD_COST * (clouds.length - 1));
        requireReady(lifecycle);
        prefetcher.add(clouds.map((cloud) => ({ cloud, region })));
        return c.json({ accepted: clouds.length }, 202, { 'cache-control': 'no-store' });
      },
      operations: [
        {
          path: '/v1/prefetch',
          id: 'prefetch',
          summary: 'Warm what the next clicks will need',
          tag: 'clouds',
          headers: ['Nearbox-Cloud'],
          body: prefetchSchema,
          example: { clouds: ['000000'], region: EXAMPLE_CLICK },
          answers: {
            202: {
              description: 'It will be done when there is time',
              content: prefetchAnswerSchema,
            },
          },
          errors: ['invalid_request', 'body_too_large', 'unsupported_media_type', 'overloaded'],
        },
      ],
    },
  ];
}
