/** Label profiles: how a project draws its boxes. */
import { z } from 'zod';
import { profileSchema } from '../../inference/profiles/index.ts';
import { boxSchema, cloudIdSchema, objectClassSchema } from './values/index.ts';

const MAX_PROFILE_ITEMS = 256;

export const profileNameSchema = z
  .string()
  .min(1)
  .max(128)
  .describe('a label profile by the server’s name for it');

const labelProfileSchema = profileSchema.meta({
  id: 'LabelProfile',
  description: 'How a project draws its boxes, class by class; what POST /v1/profiles answers',
});

export const profileChoiceSchema = z
  .union([profileNameSchema, labelProfileSchema])
  .describe('a label profile: the server’s name for it, or the object itself');

const acceptedBoxSchema = z
  .strictObject({ cloud: cloudIdSchema, box: boxSchema, class: objectClassSchema })
  .meta({ id: 'AcceptedBox' });

export const profileRequestSchema = z
  .strictObject({
    items: z.array(acceptedBoxSchema).min(1).max(MAX_PROFILE_ITEMS),
    profile: labelProfileSchema.optional().describe('a profile that the boxes are added to'),
  })
  .meta({ id: 'ProfileRequest' });

export const profileAnswerSchema = z
  .object({
    profile: labelProfileSchema,
    counts: z.partialRecord(objectClassSchema, z.int()).describe('boxes that were used, by class'),
  })
  .meta({ id: 'ProfileAnswer' });

export type ProfileRequest = z.input<typeof profileRequestSchema>;
export type ProfileAnswer = z.infer<typeof profileAnswerSchema>;
