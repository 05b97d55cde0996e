/** The shapes of answers, for the OpenAPI document; a test holds real answers against them. */
import { z } from 'zod';
import { OBJECT_CLASSES } from '../../inference/classes/index.ts';

const vec3 = z.tuple([z.number(), z.number(), z.number()]);
const box = z.object({ center: vec3, size: vec3, yaw: z.number() });
const quaternion = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const ms = z.number();

/** What a question's answer is whenever it is asked. */
export const boxAnswerSchema = z.object({
  box,
  quaternion,
  class: z.enum(OBJECT_CLASSES),
  score: z.number().describe('the expected 3D IoU'),
  method: z.enum(['model', 'geometric']),
  fallback: z.string().optional().describe('why the geometric fit answered'),
  truncated: z
    .literal(true)
    .optional()
    .describe('there if a lasso on the screen was not read to its end, for the point budget'),
  points: z.object({ region: z.int(), inside: z.int() }),
  ground: z.number().nullable(),
  cloud: z.object({ id: z.string(), version: z.string() }),
  model: z.object({ name: z.string(), version: z.string() }),
  alternatives: z.array(z.object({ box, quaternion, class: z.enum(OBJECT_CLASSES), score: z.number() })),
});

export const answerSchema = boxAnswerSchema.extend({
  id: z.string(),
  cost: z.object({ nodes: z.int(), bytes: z.int(), memory: z.int(), disk: z.int(), origin: z.int() }),
  timings: z.object({
    totalMs: ms,
    resolveMs: ms,
    fetchMs: ms,
    decodeMs: ms,
    cropMs: ms,
    queueMs: ms,
    inferMs: ms,
  }),
});

/** Of OpenLABEL, only its frame: ASAM publishes the schema. */
export const openLabelSchema = z
  .object({ openlabel: z.looseObject({ metadata: z.looseObject({ schema_version: z.literal('1.0.0') }) }) })
  .describe('With format=openlabel: an OpenLABEL 1.0 document of one frame with one cuboid');

const formatSchema = z.enum(['ept', 'potree2', 'potree1', 'copc']);
const bounds = z.object({ min: vec3, max: vec3 });

export const cloudSchema = z.object({
  id: z.string(),
  format: formatSchema,
  version: z.string(),
  bounds,
  points: z.int(),
  spacing: z.number(),
  nodes: z.int().nullable(),
  sensor: vec3.nullable(),
  pose: z
    .object({ position: vec3, rotation: quaternion })
    .optional()
    .describe('takes the cloud’s coordinates to the sequence’s common world'),
  timestamp: z.number().optional().describe('when the frame was taken, seconds'),
});

/** With the octree's cube, for who draws it. */
export const cloudInfoSchema = cloudSchema.extend({ cube: bounds });

export const cloudPageSchema = z.object({
  clouds: z.array(cloudSchema.pick({ id: true, format: true })),
  next: z.string().nullable().describe('the `after` of the next page'),
});

const stretch = z.object({
  file: z.string().describe('as below /tiles/'),
  offset: z.int().nullable().describe('null: the whole file'),
  bytes: z.int().nullable().describe('null: not known before it is fetched'),
});

export const planAnswerSchema = z.object({
  cloud: z.object({ id: z.string(), version: z.string() }),
  nodes: z.array(stretch.extend({ key: z.string(), points: z.int() })).describe('shallow ones first'),
  reads: z.array(stretch).describe('the nodes as they are fetched, neighbouring stretches of a file as one'),
  totals: z.object({ nodes: z.int(), points: z.int(), bytes: z.int().nullable(), reads: z.int() }),
  spacing: z.number().nullable().describe('distance between the points of the deepest nodes, metres'),
  truncated: z.boolean().describe('whether nodes were left out for a budget'),
});

export const nodeListingSchema = z.object({
  root: z.string(),
  nodes: z.record(z.string(), z.int()).describe('points by node, parents first'),
  more: z.array(z.string()).describe('nodes to be asked for by themselves, with all that is below them'),
});

export const prefetchedSchema = z.object({ accepted: z.int().describe('clouds that were taken note of') });

export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  requestId: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

export const batchAnswerSchema = z.object({ results: z.array(z.union([answerSchema, problemSchema])) });
