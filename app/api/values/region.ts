/** Regions of a cloud. A point on the border belongs to the region. */
import { z } from 'zod';
import { coordinateSchema, extentSchema, positionSchema, radiusSchema } from './geometry.ts';

const MAX_FURTHER_CLICKS = 64;
const MAX_RING_CORNERS = 4096;

const clickSchema = z
  .strictObject({
    type: z.literal('click'),
    position: positionSchema,
    also: z
      .array(
        z
          .strictObject({ position: positionSchema, inside: z.boolean() })
          .meta({ id: 'FurtherClick', description: 'on the object (`inside`) or beside it' }),
      )
      .max(MAX_FURTHER_CLICKS)
      .optional(),
  })
  .meta({
    id: 'ClickRegion',
    description: 'A click on an object; as a set of points, the sphere of `--click-radius` around it',
  });

const sphereSchema = z
  .strictObject({ type: z.literal('sphere'), center: positionSchema, radius: radiusSchema })
  .meta({ id: 'SphereRegion' });

const looseBoxSchema = z
  .strictObject({ type: z.literal('box'), center: positionSchema, size: extentSchema, yaw: z.number() })
  .meta({ id: 'BoxRegion', description: 'A loose cuboid around an object' });

const cornerSchema = z.tuple([coordinateSchema, coordinateSchema]);
const polygonSchema = z
  .strictObject({
    type: z.literal('polygon'),
    ring: z.array(cornerSchema).min(3).max(MAX_RING_CORNERS),
    z: z
      .tuple([coordinateSchema, coordinateSchema])
      .refine(([low, high]) => low <= high, 'the lower height comes first')
      .optional()
      .describe('lowest and highest height; all heights if left out'),
  })
  .meta({ id: 'PolygonRegion', description: 'A lasso from above: closed implicitly, even-odd' });

const frustumSchema = z
  .strictObject({
    type: z.literal('frustum'),
    viewProjection: z
      .array(z.number())
      .length(16)
      .describe('column-major; world to clip coordinates, z from -w to w'),
    ring: z
      .array(z.tuple([z.number(), z.number()]))
      .min(3)
      .max(MAX_RING_CORNERS)
      .describe('corners in normalized device coordinates'),
  })
  .meta({ id: 'FrustumRegion', description: 'A lasso on the screen, read near-first' });

export const regionSchema = z
  .discriminatedUnion('type', [clickSchema, sphereSchema, looseBoxSchema, polygonSchema, frustumSchema])
  .meta({ id: 'Region' });

export type RegionInput = z.input<typeof regionSchema>;

/** A car of the built-in demo, for documents. */
export const EXAMPLE_CLICK = { type: 'click', position: [-7.2, 5.4, -1.1] } as const;
