/** Signed tile URLs. */
import { z } from 'zod';
import { CLOUD_ID_PATTERN, MAX_CLOUD_ID_LENGTH } from '../../octree/versions/index.ts';
import { isScope } from '../access/index.ts';

const DEFAULT_TTL_SECONDS = 3600;

export const tileUrlSchema = z
  .strictObject({
    scope: z
      .string()
      .min(1)
      .max(MAX_CLOUD_ID_LENGTH)
      .refine(isScope, 'neither `*` nor the prefix of a cloud id')
      .meta({
        description: 'a cloud id, a folder of clouds, or `*`',
        pattern: String.raw`^(?:\*|${CLOUD_ID_PATTERN.slice(1, -1)}/?)$`,
        examples: ['000000'],
      }),
    ttlSeconds: z.int().min(1).default(DEFAULT_TTL_SECONDS).describe('clamped by the server'),
  })
  .meta({ id: 'TileUrlRequest' });

export const tileUrlAnswerSchema = z
  .object({ scope: z.string(), expires: z.int().describe('seconds since 1970'), query: z.string() })
  .meta({ id: 'TileUrl' });
