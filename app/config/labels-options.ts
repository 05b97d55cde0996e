/** Options of what is kept for annotators. */
import { z } from 'zod';
import { integer, type OptionSpec } from '../options/index.ts';

export const LABELS_SPECS = {
  labels: {
    flag: 'labels',
    value: 'URI',
    description:
      'where labels are kept: a folder of this server alone, or s3://bucket/prefix of a store with conditional writes; none are kept if left out',
    schema: z.string().min(1).optional(),
    default: undefined,
  },
  labelsMaxBytes: {
    flag: 'labels-max-bytes',
    value: 'BYTES',
    description: 'largest labels document of one cloud',
    schema: integer(1024, 64 * 2 ** 20),
    default: 4 * 2 ** 20,
  },
  feedback: {
    flag: 'feedback',
    value: 'URI',
    description:
      'where feedback is kept: a folder or s3://bucket/prefix, as for --labels; none is kept if left out',
    schema: z.string().min(1).optional(),
    default: undefined,
  },
} as const satisfies Record<string, OptionSpec>;
