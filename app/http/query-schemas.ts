/** The shapes of query strings that stand for a body. */
import { z } from 'zod';
import { DIMENSIONS } from '../../octree/index.ts';
import { predictionSchema, regionSchema } from './schemas.ts';

const { cloud, class: chosen, size, profile, model, fallback } = predictionSchema.shape;
const { position } = regionSchema.options[0].shape;

/** How a box is written: as JSON of our own, or as an OpenLABEL 1.0 document. */
const format = z.enum(['json', 'openlabel']).default('json').describe('openlabel: an OpenLABEL 1.0 document');

/** Of the routes whose question is in the body. */
export const formatQuerySchema = z.strictObject({ format });

const NUMBER = '[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?';
const TRIPLE = new RegExp(`^${NUMBER},${NUMBER},${NUMBER}$`);

const triple = z
  .string()
  .regex(TRIPLE, 'three numbers with commas between them')
  .transform((text) => text.split(',').map(Number));

/** `+` in a query is a space once decoded; numbers written so are refused. */
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
    .optional(),
});

export const predictionQuerySchema = z.strictObject({
  cloud,
  at: triple.pipe(position).meta({ description: 'x,y,z of the click', examples: ['-7.2,5.4,-1.1'] }),
  class: chosen,
  size: triple.pipe(size.unwrap()).optional().describe('length,width,height to keep'),
  sensor: z
    .union([z.literal('null').transform(() => null), triple.pipe(position)])
    .optional()
    .describe('x,y,z of the scanner, or null: unknown'),
  profile,
  model,
  fallback,
  format,
});
