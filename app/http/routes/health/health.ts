/** Whether the process lives, and whether it is warm. */
import { z } from 'zod';
import { NearboxError } from '../../../../cache/index.ts';
import type { Lifecycle } from '../../../lifecycle/index.ts';
import type { Route } from '../../route/index.ts';

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
          tag: 'operation',
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
        const { state } = lifecycle;
        if (state !== 'ready')
          throw new NearboxError('overloaded', `the server is ${state}`, { retryAfterSeconds: 1 });
        return c.json({ status: 'ready' }, 200, { 'cache-control': 'no-store' });
      },
      operations: [
        {
          path: '/readyz',
          id: 'isReady',
          summary: 'Every worker is warm, and the server is not stopping',
          tag: 'operation',
          answers: { 200: { description: 'It is ready', content: statusSchema } },
          errors: ['overloaded'],
        },
      ],
    },
  ];
}
