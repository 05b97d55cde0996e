/** Warming ahead of the next clicks. */
import { z } from 'zod';
import { checkCloudId } from '../../../octree/index.ts';
import type { Lifecycle } from '../../lifecycle.ts';
import { requireReady } from '../answer.ts';
import { jsonBody } from '../body.ts';
import type { Prefetcher } from '../prefetcher.ts';
import type { Route } from '../route.ts';
import { predictionSchema, regionSchema } from '../schemas.ts';

const MAX_CLOUDS = 64;

const prefetchSchema = z.strictObject({
  clouds: z.array(predictionSchema.shape.cloud).min(1).max(MAX_CLOUDS),
  region: regionSchema.optional(),
});

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
      handler: async (c) => {
        const { clouds, region = null } = await jsonBody(c, prefetchSchema, maxBodyBytes);
        for (const cloud of clouds) checkCloudId(cloud);
        requireReady(lifecycle);
        prefetcher.add(clouds.map((cloud) => ({ cloud, region })));
        return c.json({ accepted: clouds.length }, 202, { 'cache-control': 'no-store' });
      },
      operations: [
        {
          path: '/v1/prefetch',
          id: 'prefetch',
          summary: 'Warm what the next clicks will need',
          body: prefetchSchema,
          answers: {
            202: {
              description: 'It will be done when there is time',
              content: z.object({ accepted: z.int() }),
            },
          },
          errors: ['invalid_request', 'body_too_large', 'unsupported_media_type', 'overloaded'],
        },
      ],
    },
  ];
}
