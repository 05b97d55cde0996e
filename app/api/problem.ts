/** Problem documents: every error answer (RFC 9457). */
import { z } from 'zod';
import { ERROR_CODES } from '../../cache/foundation/index.ts';

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('for people; may change'),
    code: z.enum(ERROR_CODES).meta({ id: 'ErrorCode' }).describe('for programs; stable'),
    requestId: z.string(),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }).meta({ id: 'FieldProblem' }))
      .optional()
      .describe('the fields of a request that do not fit'),
  })
  .meta({ id: 'Problem' });

export type Problem = z.infer<typeof problemSchema>;
