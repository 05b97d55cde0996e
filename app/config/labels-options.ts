/** Options of what is kept for annotators. */
import { z } from 'zod';
import { integer, type OptionSpec } from '../options/index.ts';

export const LABELS_SPECS = {
  labels: {
    flag: 'labels',
    value: 'URI',
    description:
      'where labels are stored: a folder that only this server uses, or s3://bucket/prefix in a store with conditional writes; if left out, no labels are stored',
    schema: z.string().min(1).optional(),
    default: undefined,
  },
  labelsMaxBytes: {
    flag: 'labels-max-bytes',
    value: 'BYTES',
    description: 'largest size of the labels document of one cloud',
    schema: integer(1024, 64 * 2 ** 20),
    default: 4 * 2 ** 20,
  },
  feedback: {
    flag: 'feedback',
    value: 'URI',
    description:
      'where feedback is stored: a folder or s3://bucket/prefix, as for --labels; if left out, no feedback is stored',
    schema: z.string().min(1).optional(),
    default: undefined,
  },
  ontology: {
    flag: 'ontology',
    value: 'FILE',
    description:
      'a JSON file with the own classes and attributes of the project, for the annotation page (docs/page.md has its form); if left out, the page has the classes of nearbox',
    schema: z.string().min(1).optional(),
    default: undefined,
  },
} as const satisfies Record<string, OptionSpec>;
