/** Which clouds there are, and what there is to say of each. */
import { NearboxError } from '../../../../cache/index.ts';
import { cloudListQuerySchema, cloudPageSchema, cloudSchema } from '../../../api/index.ts';
import type { Clouds } from '../../../clouds/index.ts';
import { parseWith, segmentsBehind } from '../../requests/index.ts';
import type { Route } from '../../route/index.ts';

export function cloudRoutes(reader: Pick<Clouds, 'cloud' | 'clouds'>, mayList: boolean): Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/clouds',
      access: 'clouds',
      cost: 10,
      handler: async (c, { signal, access }) => {
        const { limit, after } = parseWith(cloudListQuerySchema, c.req.query(), 'the query');
        if (!mayList)
          throw new NearboxError(
            'forbidden',
            'this server does not list its clouds: request a cloud by its id',
          );
        const page = await reader.clouds({ limit, after, signal, only: access.listing });
        return c.json(page, 200, { 'cache-control': 'no-store' });
      },
      operations: [
        {
          path: '/v1/clouds',
          id: 'listClouds',
          summary: 'The clouds below the root, in the order of their ids',
          tag: 'clouds',
          query: cloudListQuerySchema,
          answers: { 200: { description: 'One page of them', content: cloudPageSchema } },
          errors: ['invalid_request', 'forbidden', 'source_unavailable', 'deadline_exceeded'],
        },
      ],
    },
    {
      method: 'GET',
      path: '/v1/clouds/*',
      access: 'clouds',
      handler: async (c, { signal, access }) => {
        const asked = segmentsBehind(c.req.path, '/v1/clouds/').join('/');
        access.require(asked);
        const info = await reader.cloud(asked, { signal });
        const { id, format, version, bounds, points, spacing, nodes, sensor } = info;
        const { pose, timestamp } = info.frame;
        const body = {
          id,
          format,
          version,
          bounds,
          points,
          spacing,
          nodes,
          sensor,
          ...(pose !== null && { pose }),
          ...(timestamp !== null && { timestamp }),
        };
        return c.json(body, 200, { 'cache-control': 'no-cache', etag: `"${version}"` });
      },
      operations: [
        {
          path: '/v1/clouds/{cloud}',
          id: 'describeCloud',
          summary: 'What there is to say of a cloud',
          tag: 'clouds',
          answers: {
            200: {
              description: 'The cloud',
              content: cloudSchema,
              headers: ['ETag', 'Cache-Control'],
              links: {
                rootNode: {
                  operationId: 'readNode',
                  parameters: {
                    version: '$response.body#/version',
                    cloud: '$request.path.cloud',
                    key: '0-0-0-0',
                  },
                },
                hierarchy: {
                  operationId: 'listNodes',
                  parameters: {
                    version: '$response.body#/version',
                    cloud: '$request.path.cloud',
                    key: '0-0-0-0',
                  },
                },
              },
            },
          },
          errors: [
            'invalid_request',
            'cloud_not_found',
            'corrupt_tile',
            'source_unavailable',
            'deadline_exceeded',
          ],
        },
      ],
    },
  ];
}
