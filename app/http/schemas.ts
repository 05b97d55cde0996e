/** The shapes of requests: what is accepted on the wire, and nothing else. Unknown fields are refused with their path. */
import { z } from 'zod';
import { OBJECT_CLASSES } from '../../inference/classes/index.ts';
import { CLOUD_ID_PATTERN, cloudIdProblem, MAX_CLOUD_ID_LENGTH } from '../../octree/versions/index.ts';

const positive = z.number().positive();
/** Far beyond any map, and small enough that squares of differences stay exact enough to compare. */
const COORDINATE_LIMIT_METRES = 1e9;
const coordinate = z.number().min(-COORDINATE_LIMIT_METRES).max(COORDINATE_LIMIT_METRES);
const position = z.tuple([coordinate, coordinate, coordinate]);
const size = z.tuple([positive.max(1000), positive.max(1000), positive.max(1000)]);
/** A cuboid as a region may be much larger than an object. */
const extent = z.tuple([positive.max(1e6), positive.max(1e6), positive.max(1e6)]);

export const boxSchema = z.strictObject({ center: position, size, yaw: z.number() });

const clickRegion = z.strictObject({
  type: z.literal('click'),
  position,
  also: z
    .array(z.strictObject({ position, inside: z.boolean() }))
    .max(64)
    .optional(),
});
const sphereRegion = z.strictObject({
  type: z.literal('sphere'),
  center: position,
  radius: positive.max(1e6),
});
const boxRegion = z.strictObject({ type: z.literal('box'), center: position, size: extent, yaw: z.number() });
const polygonRegion = z.strictObject({
  type: z.literal('polygon'),
  ring: z
    .array(z.tuple([coordinate, coordinate]))
    .min(3)
    .max(4096),
  z: z
    .tuple([coordinate, coordinate])
    .refine(([low, high]) => low <= high, 'the lower height comes first')
    .optional(),
});

const frustumRegion = z.strictObject({
  type: z.literal('frustum'),
  viewProjection: z.array(z.number()).length(16),
  ring: z
    .array(z.tuple([z.number(), z.number()]))
    .min(3)
    .max(4096),
});

export const regionSchema = z.discriminatedUnion('type', [
  clickRegion,
  sphereRegion,
  boxRegion,
  polygonRegion,
  frustumRegion,
]);

const MAX_OTHER_BOXES = 1000;
const MAX_ALTERNATIVES = 8;

export const cloudIdSchema = z
  .string()
  .max(MAX_CLOUD_ID_LENGTH)
  .superRefine((id, context) => {
    const message = cloudIdProblem(id);
    if (message !== null) context.addIssue({ code: 'custom', message });
  })
  .meta({ pattern: CLOUD_ID_PATTERN, examples: ['000000'] });

export const predictionSchema = z.strictObject({
  cloud: cloudIdSchema,
  region: regionSchema,
  class: z.enum(OBJECT_CLASSES).optional(),
  size: size.optional(),
  sensor: z.union([position, z.null()]).optional(),
  profile: z.string().min(1).max(128).optional(),
  boxes: z.array(boxSchema).max(MAX_OTHER_BOXES).optional(),
  alternatives: z.int().min(0).max(MAX_ALTERNATIVES).optional(),
  model: z.string().min(1).max(64).optional(),
  /** What to do if the network cannot answer in time. */
  fallback: z.enum(['none', 'geometric']).optional(),
});

/** Questions of one batch. */
const MAX_BATCH_ITEMS = 64;

export const batchSchema = z.strictObject({
  cloud: cloudIdSchema,
  items: z
    .array(predictionSchema.omit({ cloud: true }))
    .min(1)
    .max(MAX_BATCH_ITEMS),
});

export const cropSchema = z.strictObject({ cloud: cloudIdSchema, region: regionSchema });

export const planSchema = z.strictObject({
  cloud: cloudIdSchema,
  region: regionSchema,
  spacing: positive.max(1e6).optional().describe('Point distance that is enough, metres'),
  points: z
    .int()
    .min(1)
    .max(1e9)
    .optional()
    .describe(
      'Points that are enough, counted as those of whole nodes: coarse ones first, of a frustum near ones',
    ),
});

const MAX_PREFETCHED_CLOUDS = 64;

export const prefetchSchema = z.strictObject({
  clouds: z.array(cloudIdSchema).min(1).max(MAX_PREFETCHED_CLOUDS),
  region: regionSchema.optional(),
});

/** A car of the built-in demo, for documents. */
export const EXAMPLE_CLICK = { type: 'click', position: [-7.2, 5.4, -1.1] } as const;

export type PredictionBody = z.infer<typeof predictionSchema>;
