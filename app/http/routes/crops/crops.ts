/** The points of a region, as a file. */
import type { Dimension } from '../../../../octree/index.ts';
import { cropQuerySchema, cropSchema, EXAMPLE_CLICK } from '../../../api/index.ts';
import type { Clouds } from '../../../clouds/index.ts';
import type { Lifecycle } from '../../../lifecycle/index.ts';
import { pieceStream } from '../../answers/index.ts';
import { requireReady } from '../../middleware/index.ts';
import { jsonBody, parseWith } from '../../requests/index.ts';
import type { Route } from '../../route/index.ts';
import { REGION_ERRORS } from '../region-errors.ts';
import { spendOnRegions } from '../region-price.ts';

export interface CropRouteOptions {
  readonly reader: Pick<Clouds, 'crop'>;
  readonly lifecycle: Lifecycle;
  readonly maxBodyBytes: number;
}

/** Points of the rate limit. */
const CROP_COST = 20;

export function cropRoutes({ reader, lifecycle, maxBodyBytes }: CropRouteOptions): Route[] {
  return [
    {
      method: 'POST',
      path: '/v1/crops',
      access: 'clouds',
      cost: CROP_COST,
      handler: async (c, scope) => {
        const { signal, access } = scope;
        const { cloud, region } = await jsonBody(c, cropSchema, maxBodyBytes, scope);
        access.require(cloud);
        await spendOnRegions(scope.quota, [region], CROP_COST);
        requireReady(lifecycle);
        const { dimensions } = parseWith(cropQuerySchema, c.req.query(), 'the query');
        const asked = (dimensions?.split(',') ?? []) as Dimension[];
        const crop = await reader.crop(cloud, region, { signal, dimensions: asked });
        return c.body(pieceStream(crop.ply), 200, {
          ...(crop.isTruncated && { 'nearbox-truncated': 'true' }),
          'content-length': String(crop.bytes),
          'content-type': 'application/octet-stream',
          'content-disposition': 'attachment; filename="crop.ply"',
          'cache-control': 'no-store',
        });
      },
      operations: [
        {
          path: '/v1/crops',
          id: 'crop',
          summary: 'The points of a region, all of them (of a frustum: near-first), as binary PLY',
          tag: 'clouds',
          headers: ['Nearbox-Cloud'],
          body: cropSchema,
          query: cropQuerySchema,
          example: { cloud: '000000', region: EXAMPLE_CLICK },
          answers: {
            200: {
              description:
                'double x, y, z and float intensity of each point; with Nearbox-Truncated: true the nearest of them',
              content: { mediaType: 'application/octet-stream' },
            },
          },
          errors: [...REGION_ERRORS, 'region_empty'],
        },
      ],
    },
  ];
}
