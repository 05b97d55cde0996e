/** The points of a region, as a file. */
import { NearboxError } from '../../../../cache/index.ts';
import type { CloudReader, Dimension, PointsView, Region } from '../../../../octree/index.ts';
import { encodePly, type PlyProperty } from '../../../../octree/ply/index.ts';
import { cropQuerySchema, cropSchema, EXAMPLE_CLICK } from '../../../api/index.ts';
import type { Lifecycle } from '../../../lifecycle/index.ts';
import { requireReady } from '../../middleware/index.ts';
import { jsonBody, parseWith } from '../../requests/index.ts';
import type { Route } from '../../route/index.ts';
import { REGION_ERRORS } from '../region-errors.ts';

export interface CropOptions {
  readonly reader: Pick<CloudReader, 'read'>;
  readonly lifecycle: Lifecycle;
  readonly maxBodyBytes: number;
}

/** Names of PLY properties. */
const NAMES: Readonly<Record<Dimension, readonly string[]>> = {
  classification: ['classification'],
  returnNumber: ['return_number'],
  colour: ['red', 'green', 'blue'],
};

/** Those dimensions of the asked that the cloud has. */
function propertiesOf(view: PointsView, region: Region, asked: readonly Dimension[]): PlyProperty[] {
  return asked.flatMap((dimension) => {
    const values = view.values(region, dimension);
    const names = NAMES[dimension];
    return values === null ? [] : names.map((name, from) => ({ name, values, from, step: names.length }));
  });
}

export function cropRoutes({ reader, lifecycle, maxBodyBytes }: CropOptions): Route[] {
  return [
    {
      method: 'POST',
      path: '/v1/crops',
      access: 'clouds',
      cost: 20,
      handler: async (c, { signal, access }) => {
        const { cloud, region } = await jsonBody(c, cropSchema, maxBodyBytes);
        access.require(cloud);
        requireReady(lifecycle);
        const { dimensions } = parseWith(cropQuerySchema, c.req.query(), 'the query');
        const asked = (dimensions?.split(',') ?? []) as Dimension[];
        const view = await reader.read(cloud, [region], { signal, dimensions: asked });
        const points = view.points(region);
        if (points.count === 0)
          throw new NearboxError('region_empty', `no point of ${cloud} lies in the ${region.type}`);
        return c.body(
          encodePly(points, {
            isTruncated: view.isTruncated,
            properties: propertiesOf(view, region, asked),
          }) as Uint8Array<ArrayBuffer>,
          200,
          {
            ...(view.isTruncated && { 'nearbox-truncated': 'true' }),
            'content-type': 'application/octet-stream',
            'content-disposition': 'attachment; filename="crop.ply"',
            'cache-control': 'no-store',
          },
        );
      },
      operations: [
        {
          path: '/v1/crops',
          id: 'crop',
          summary: 'The points of a region, all of them (of a frustum: near-first), as binary PLY',
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
