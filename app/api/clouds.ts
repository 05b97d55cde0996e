/**
 * Schemas about clouds: description, list, read plan of a region, prefetch and crop.
 */
import { z } from 'zod';
import { DIMENSIONS } from '../../octree/points/index.ts';
import {
  boundsSchema,
  cloudIdSchema,
  lengthSchema,
  poseSchema,
  positionSchema,
  regionSchema,
  timestampSchema,
} from './values/index.ts';

const DEFAULT_PAGE = 100;
const MAX_PAGE = 1000;
const MAX_PREFETCHED_CLOUDS = 64;

const formatSchema = z.enum(['ept', 'potree2', 'potree1', 'copc']).meta({ id: 'CloudFormat' });

export const cloudSchema = z
  .object({
    id: z.string(),
    format: formatSchema,
    version: z.string(),
    bounds: boundsSchema,
    points: z.int(),
    spacing: z.number().describe('distance between the points of the root node, metres'),
    nodes: z.int().nullable().describe('null: not known before the whole hierarchy is read'),
    sensor: positionSchema.nullable().describe('where the scanner stood; null: unknown'),
    pose: poseSchema.optional(),
    timestamp: timestampSchema.optional(),
  })
  .meta({ id: 'Cloud' });

/** With what who draws it needs. */
export const cloudInfoSchema = cloudSchema
  .extend({
    cube: boundsSchema.describe('the cube of the octree'),
    hasColour: z.boolean().describe('whether the points may have colours of their own'),
  })
  .meta({ id: 'CloudForPage' });

export const cloudPageSchema = z
  .object({
    clouds: z.array(z.object({ id: z.string(), format: formatSchema }).meta({ id: 'ListedCloud' })),
    next: z.string().nullable().describe('the `after` of the next page; null: this is the last'),
  })
  .meta({ id: 'CloudPage' });

/** How many entries a page of a listing has. */
export const pageLimitSchema = z
  .string()
  .regex(/^\d{1,9}$/, 'a whole number')
  .transform(Number)
  .pipe(z.int().min(1).max(MAX_PAGE))
  .default(DEFAULT_PAGE)
  .meta({ type: 'integer', format: 'int32', minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE });

export const cloudListQuerySchema = z.strictObject({
  limit: pageLimitSchema,
  after: z.string().max(1024).optional().describe('`next` of the page before'),
});

export const cropSchema = z
  .strictObject({ cloud: cloudIdSchema, region: regionSchema })
  .meta({ id: 'CropRequest' });

const DIMENSION = DIMENSIONS.join('|');

/** Dimensions with commas between them, none twice. */
export const cropQuerySchema = z.strictObject({
  dimensions: z
    .string()
    .regex(
      new RegExp(`^(?:${DIMENSION})(?:,(?:${DIMENSION}))*$`),
      `some of ${DIMENSIONS.join(', ')}, with commas between them`,
    )
    .refine((list) => new Set(list.split(',')).size === list.split(',').length, 'each once')
    .optional()
    .describe('further properties of the points'),
});

export const planSchema = z
  .strictObject({
    cloud: cloudIdSchema,
    region: regionSchema,
    spacing: lengthSchema.max(1e6).optional().describe('point distance that is enough, metres'),
    points: z
      .int()
      .min(1)
      .max(1e9)
      .optional()
      .describe(
        'points that are enough, counted as those of whole nodes: coarse ones first, of a frustum near ones',
      ),
  })
  .meta({ id: 'PlanRequest' });

const byteRange = {
  file: z.string().describe('as below /tiles/'),
  offset: z.int().nullable().describe('null: the whole file'),
  bytes: z.int().nullable().describe('null: not known before it is fetched'),
};

export const planAnswerSchema = z
  .object({
    cloud: z.object({ id: z.string(), version: z.string() }),
    nodes: z
      .array(z.object({ ...byteRange, key: z.string(), points: z.int() }).meta({ id: 'PlannedNode' }))
      .describe('shallow ones first'),
    reads: z
      .array(z.object(byteRange).meta({ id: 'PlannedRead' }))
      .describe('the nodes as they are fetched; neighbouring ranges of a file are one read'),
    totals: z.object({ nodes: z.int(), points: z.int(), bytes: z.int().nullable(), reads: z.int() }),
    spacing: z.number().nullable().describe('distance between the points of the deepest nodes, metres'),
    truncated: z.boolean().describe('whether nodes were left out for a budget'),
  })
  .meta({ id: 'Plan' });

export const prefetchSchema = z
  .strictObject({
    clouds: z.array(cloudIdSchema).min(1).max(MAX_PREFETCHED_CLOUDS),
    region: regionSchema.optional(),
  })
  .meta({ id: 'PrefetchRequest' });

export const prefetchAnswerSchema = z
  .object({ accepted: z.int().describe('clouds that were queued') })
  .meta({ id: 'PrefetchAnswer' });

export const nodeListingSchema = z
  .object({
    root: z.string(),
    nodes: z.record(z.string(), z.int()).describe('points by node, parents first'),
    more: z.array(z.string()).describe('nodes to be asked for by themselves, with all that is below them'),
  })
  .meta({ id: 'NodeListing' });

export type CloudDescription = z.infer<typeof cloudSchema>;
export type CloudPageAnswer = z.infer<typeof cloudPageSchema>;
export type PlanRequest = z.input<typeof planSchema>;
export type PlanAnswer = z.infer<typeof planAnswerSchema>;
export type ListedCloudAnswer = CloudPageAnswer['clouds'][number];
