/** For Prometheus. */
import type { AccessNeed } from '../../../access/index.ts';
import type { Metrics } from '../../metrics/index.ts';
import type { Route } from '../../route/index.ts';

export function metricsRoutes(metrics: Metrics, access: AccessNeed): Route[] {
  return [
    {
      method: 'GET',
      path: '/metrics',
      access,
      handler: async (c) =>
        c.body(await metrics.text(), 200, { 'content-type': metrics.mediaType, 'cache-control': 'no-store' }),
      operations: [
        {
          path: '/metrics',
          id: 'metrics',
          summary: 'Metrics in the text format of Prometheus',
          tag: 'operation',
          answers: { 200: { description: 'The metrics', content: { mediaType: 'text/plain' } } },
          errors: [],
        },
      ],
    },
  ];
}
