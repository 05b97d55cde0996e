/** Whether the process lives, and whether it is warm. */
import { z } from 'zod';
import type { Lifecycle } from '../../lifecycle.ts';
import { requireReady } from '../answer.ts';
import type { Route } from '../route.ts';

const statusSchema = z.object({ status: z.enum(['ok', 'ready']) });

export function healthRoutes(lifecycle: Lifecycle): Route[] {
  return [
    {
      method: 'GET',
      path: '/healthz',
      access: 'open',
      handler: async (c) => c.json({ status: 'ok' }, 200, { 'cache-control': 'no-store' }),
      operations: [
        {
          path: '/healthz',
          id: 'isAlive',
          summary: 'The process lives',
          answers: { 200: { description: 'It does', content: statusSchema } },
          errors: [],
        },
      ],
    },
    {
      method: 'GET',
      path: '/readyz',
      access: 'open',
      handler: async (c) => {
        requireReady(lifecycle);
        return c.json({ status: 'ready' }, 200, { 'cache-control': 'no-store' });
      },
      operations: [
        {
          path: '/readyz',
          id: 'isReady',
          summary: 'Every worker is warm, and the server is not stopping',
          answers: { 200: { description: 'It is ready', content: statusSchema } },
          errors: ['overloaded'],
        },
      ],
    },
  ];
}
