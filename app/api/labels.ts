/** The labels of a cloud: one document. Fields that are not named here are kept as they are. */
import { z } from 'zod';
import { pageLimitSchema } from './clouds.ts';
import { boxSchema, cloudIdSchema, objectClassSchema, poseSchema, timestampSchema } from './values/index.ts';

const MAX_BOXES = 10_000;
const MAX_ID_LENGTH = 256;

const labelStatusSchema = z.enum(['proposed', 'accepted', 'edited', 'rejected']).meta({ id: 'LabelStatus' });
const labelsStateSchema = z.enum(['open', 'done']).meta({ id: 'LabelsState' });

/** A box that may carry further fields. */
const keptBoxSchema = z.looseObject(boxSchema.shape).meta({ id: 'KeptBox' });

const labelSourceSchema = z
  .looseObject({
    prediction: z.string().nullable().optional(),
    box: keptBoxSchema.nullable().optional(),
    score: z.number().nullable().optional(),
    method: z.string().nullable().optional(),
    model: z.unknown().optional(),
    profile: z.unknown().optional(),
    edits: z.number().nullable().optional(),
    seconds: z.number().nullable().optional(),
  })
  .meta({ id: 'LabelSource', description: 'What the network said' });

const labelledBoxSchema = z
  .looseObject({
    id: z.string().min(1).max(MAX_ID_LENGTH),
    class: objectClassSchema,
    box: keptBoxSchema,
    attributes: z.record(z.string(), z.unknown()).nullable().optional(),
    status: labelStatusSchema,
    source: labelSourceSchema.nullable().optional(),
  })
  .meta({ id: 'LabelledBox' });

export const labelsSchema = z
  .looseObject({
    version: z.literal(1),
    cloud: z
      .looseObject({
        id: z.string(),
        version: z.string().nullable().describe('recorded, not checked'),
      })
      .meta({ id: 'LabelledCloud' }),
    frame: z
      .looseObject({
        timestamp: timestampSchema.nullable().optional(),
        pose: z.looseObject(poseSchema.shape).nullable().optional(),
        index: z.number().nullable().optional(),
        sequence: z.string().nullable().optional(),
      })
      .meta({ id: 'LabelledFrame' })
      .nullable()
      .optional(),
    state: labelsStateSchema,
    boxes: z
      .array(labelledBoxSchema)
      .max(MAX_BOXES)
      .superRefine((boxes, context) => {
        const seen = new Set<string>();
        boxes.forEach(({ id }, index) => {
          if (seen.has(id)) context.addIssue({ code: 'custom', path: [index, 'id'], message: 'given twice' });
          seen.add(id);
        });
      }),
  })
  .meta({ id: 'Labels', description: 'The labels of a cloud' });

export const storedLabelsSchema = z
  .object({ id: z.string(), etag: z.string().describe('the state that was stored') })
  .meta({ id: 'StoredLabels' });

export const labelsListQuerySchema = z.strictObject({
  prefix: z.string().max(1024).optional().describe('only ids that begin with this text'),
  /** Only this cloud; an empty page if it has no labels. */
  cloud: cloudIdSchema.optional(),
  limit: pageLimitSchema,
  after: z.string().max(1024).optional().describe('`next` of the page before'),
});

export const labelsPageSchema = z
  .object({
    labels: z.array(
      z
        .object({
          id: z.string(),
          etag: z.string(),
          state: labelsStateSchema,
          counts: z.object({ proposed: z.int(), accepted: z.int(), edited: z.int(), rejected: z.int() }),
          version: z
            .string()
            .nullable()
            .describe('`cloud.version` of the labels: the version of the cloud that they were made for'),
        })
        .meta({ id: 'ListedLabels' }),
    ),
    next: z.string().nullable().describe('the `after` of the next page; null: this is the last'),
  })
  .meta({ id: 'LabelsPage' });

export type LabelsPage = z.infer<typeof labelsPageSchema>;
