/** What annotators did with predictions. */
import { z } from 'zod';
import { boxSchema, cloudIdSchema, objectClassSchema, regionSchema } from './values/index.ts';

const MAX_ITEMS = 256;
const MAX_KEY_LENGTH = 256;

const feedbackItemSchema = z
  .strictObject({
    key: z.string().min(1).max(MAX_KEY_LENGTH).describe('the caller’s, unique: the same key is stored once'),
    cloud: z.strictObject({ id: cloudIdSchema, version: z.string().max(256).optional() }),
    prediction: z.string().max(256).optional().describe('id of the prediction'),
    region: regionSchema.optional(),
    proposed: z
      .strictObject({
        box: boxSchema,
        class: objectClassSchema,
        score: z.number(),
        model: z.union([z.string().max(256), z.strictObject({ name: z.string(), version: z.string() })]),
      })
      .optional(),
    outcome: z.enum(['accepted', 'corrected', 'rejected', 'missed']),
    box: boxSchema.optional().describe('the box as the annotator left it'),
    class: objectClassSchema.optional(),
    edits: z.int().min(0).optional(),
    seconds: z.number().min(0).optional(),
    track: z
      .strictObject({
        id: z.string().max(256).nullable(),
        frame: z.int().min(0),
        status: z.string().max(64),
      })
      .optional(),
    at: z
      .union([z.string().max(64), z.number()])
      .optional()
      .describe('when: RFC 3339, or seconds since 1970'),
  })
  .superRefine(({ outcome, box }, context) => {
    if (outcome === 'corrected' && box === undefined)
      context.addIssue({ code: 'custom', path: ['box'], message: 'needed where the outcome is `corrected`' });
  })
  .meta({ id: 'FeedbackItem' });

export const feedbackSchema = z
  .strictObject({ items: z.array(feedbackItemSchema).min(1).max(MAX_ITEMS) })
  .meta({ id: 'FeedbackRequest' });

export const feedbackAnswerSchema = z
  .object({
    stored: z.int().describe('items that are new'),
    known: z.int().describe('items whose key was stored before; nothing was changed'),
  })
  .meta({ id: 'FeedbackAnswer' });

export type FeedbackItem = z.infer<typeof feedbackItemSchema>;
