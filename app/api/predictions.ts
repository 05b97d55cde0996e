/** Questions that are answered by a box, and their answers. */
import { z } from 'zod';
import { problemSchema } from './problem.ts';
import { profileChoiceSchema, profileNameSchema } from './profiles.ts';
import {
  boxSchema,
  cloudIdSchema,
  objectClassSchema,
  poseSchema,
  positionSchema,
  quaternionSchema,
  regionSchema,
  sizeSchema,
  timestampSchema,
} from './values/index.ts';

const MAX_OTHER_BOXES = 1000;
const MAX_ALTERNATIVES = 8;
const MAX_PREVIOUS_BOXES = 256;
const MAX_BATCH_ITEMS = 64;

const keptPartSchema = z
  .enum(['front', 'rear', 'left', 'right', 'top', 'bottom', 'yaw'])
  .meta({ id: 'KeptPart' });

const previousBoxSchema = z
  .strictObject({
    cloud: cloudIdSchema,
    pose: poseSchema.optional(),
    timestamp: timestampSchema.optional(),
    box: boxSchema,
    confirmed: z.boolean().optional().describe('whether a hand drew or accepted it'),
  })
  .meta({ id: 'PreviousBox', description: 'The object’s box in another frame' });

/** The fields of a question besides the cloud. */
const question = {
  region: regionSchema,
  class: objectClassSchema.optional().describe('the annotator already chose it'),
  size: sizeSchema.optional().describe('keep this size, only move and turn'),
  sensor: z
    .union([positionSchema, z.null()])
    .optional()
    .describe('where the scanner stood; null: unknown; left out: as the cloud says'),
  profile: profileChoiceSchema.optional(),
  keep: z
    .array(keptPartSchema)
    .max(7)
    .refine((parts) => new Set(parts).size === parts.length, 'each part once')
    .optional()
    .describe('faces of a box region that stay where they are'),
  previous: z.array(previousBoxSchema).max(MAX_PREVIOUS_BOXES).optional(),
  pose: poseSchema.optional().describe('of this cloud’s frame, beside `previous`'),
  timestamp: timestampSchema.optional().describe('of this cloud’s frame, beside `previous`'),
  boxes: z
    .array(boxSchema)
    .max(MAX_OTHER_BOXES)
    .optional()
    .describe('boxes already drawn: their objects are not the answer'),
  alternatives: z.int().min(0).max(MAX_ALTERNATIVES).optional().describe('how many runners-up to return'),
  model: z.string().min(1).max(64).optional().describe('pin a model version'),
  fallback: z.enum(['none', 'geometric']).optional().describe('what answers if the network cannot in time'),
};

/** What no single field shows: `keep` needs a box region and no size. */
function checkQuestion({ region, size, keep }: QuestionFields, context: z.RefinementCtx): void {
  const problem = (path: (string | number)[], message: string) =>
    context.addIssue({ code: 'custom', path, message });
  if (keep !== undefined && keep.length > 0) {
    if (region.type !== 'box') problem(['keep'], 'needs a region of type `box`');
    if (size !== undefined) problem(['keep'], 'cannot be combined with `size`');
  }
}

interface QuestionFields {
  readonly region: { readonly type: string };
  readonly size?: unknown;
  readonly keep?: readonly unknown[] | undefined;
}

export const predictionSchema = z
  .strictObject({ cloud: cloudIdSchema, ...question })
  .superRefine(checkQuestion)
  .meta({ id: 'PredictionRequest' });

const batchItemSchema = z
  .strictObject(question)
  .superRefine(checkQuestion)
  .meta({ id: 'PredictionBatchItem' });

export const batchSchema = z
  .strictObject({ cloud: cloudIdSchema, items: z.array(batchItemSchema).min(1).max(MAX_BATCH_ITEMS) })
  .meta({ id: 'PredictionBatchRequest' });

const alternativeSchema = z
  .object({ box: boxSchema, quaternion: quaternionSchema, class: objectClassSchema, score: z.number() })
  .meta({ id: 'Alternative' });

const boxAnswer = {
  box: boxSchema,
  quaternion: quaternionSchema,
  class: objectClassSchema,
  score: z.number().describe('the expected 3D IoU'),
  method: z.enum(['model', 'geometric']),
  fallback: z.string().optional().describe('why the geometric fit answered'),
  sizeFrom: z.int().optional().describe('index in `previous` of the box that gave the size'),
  truncated: z
    .literal(true)
    .optional()
    .describe('there if a lasso on the screen was not read to its end, for the point budget'),
  points: z.object({ region: z.int(), inside: z.int() }).meta({ id: 'PointCounts' }),
  ground: z.number().nullable().describe('height of the ground under the box; null: unknown'),
  cloud: z.object({ id: z.string(), version: z.string() }).meta({ id: 'CloudVersion' }),
  model: z.object({ name: z.string(), version: z.string() }).meta({ id: 'ModelVersion' }),
  alternatives: z.array(alternativeSchema),
};

export const costSchema = z
  .object({ nodes: z.int(), bytes: z.int(), memory: z.int(), disk: z.int(), origin: z.int() })
  .meta({
    id: 'Cost',
    description: 'Nodes by where they came from; `bytes` are those fetched for this answer',
  });

const ms = z.number();
const timingsSchema = z
  .object({
    totalMs: ms,
    resolveMs: ms,
    fetchMs: ms,
    decodeMs: ms,
    cropMs: ms,
    queueMs: ms,
    inferMs: ms,
  })
  .meta({ id: 'Timings' });

/** What a question's answer is whenever it is asked. */
export const boxAnswerSchema = z.object(boxAnswer).meta({ id: 'CacheablePrediction' });

export const predictionAnswerSchema = z
  .object({ ...boxAnswer, id: z.string(), cost: costSchema, timings: timingsSchema })
  .meta({ id: 'Prediction' });

export const batchAnswerSchema = z
  .object({ results: z.array(z.union([predictionAnswerSchema, problemSchema])) })
  .meta({ id: 'PredictionBatch' });

/** Of OpenLABEL, only its frame: ASAM publishes the schema. */
export const openLabelSchema = z
  .object({
    openlabel: z.looseObject({ metadata: z.looseObject({ schema_version: z.literal('1.0.0') }) }),
  })
  .meta({
    id: 'OpenLabelDocument',
    description: 'With format=openlabel: an OpenLABEL 1.0 document of one frame with one cuboid',
  });

/** How a box is written: as JSON of our own, or as an OpenLABEL 1.0 document. */
const format = z.enum(['json', 'openlabel']).default('json').describe('openlabel: an OpenLABEL 1.0 document');

/** Of the routes whose question is in the body. */
export const formatQuerySchema = z.strictObject({ format });

const NUMBER = '[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?';
const TRIPLE = new RegExp(`^${NUMBER},${NUMBER},${NUMBER}$`);

/** `+` in a query is a space once decoded; numbers written so are refused. */
const triple = z
  .string()
  .regex(TRIPLE, 'three numbers with commas between them')
  .transform((text) => text.split(',').map(Number));

/** `GET /v1/predictions`: the same question as a URL. */
export const predictionQuerySchema = z.strictObject({
  cloud: cloudIdSchema,
  at: triple.pipe(positionSchema).meta({ description: 'x,y,z of the click', examples: ['-7.2,5.4,-1.1'] }),
  class: objectClassSchema.optional(),
  size: triple.pipe(sizeSchema).optional().describe('length,width,height to keep'),
  sensor: z
    .union([z.literal('null').transform(() => null), triple.pipe(positionSchema)])
    .optional()
    .describe('x,y,z of the scanner, or null: unknown'),
  profile: profileNameSchema.optional(),
  model: question.model,
  fallback: question.fallback,
  format,
});

export type PredictionRequest = z.input<typeof predictionSchema>;
export type PredictionBody = z.infer<typeof predictionSchema>;
export type PredictionBatchItem = z.input<typeof batchItemSchema>;
export type PredictionAnswer = z.infer<typeof predictionAnswerSchema>;
