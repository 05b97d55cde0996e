/** Cloud ids in requests. */
import { z } from 'zod';
import { CLOUD_ID_PATTERN, cloudIdProblem, MAX_CLOUD_ID_LENGTH } from '../../../octree/versions/index.ts';

export const cloudIdSchema = z
  .string()
  .max(MAX_CLOUD_ID_LENGTH)
  .superRefine((id, context) => {
    const message = cloudIdProblem(id);
    if (message !== null) context.addIssue({ code: 'custom', message });
  })
  .meta({
    id: 'CloudId',
    description: 'The path of a cloud below the root',
    pattern: CLOUD_ID_PATTERN,
    examples: ['000000'],
  });
