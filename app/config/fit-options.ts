/** Options of the network and of what it is asked. */

import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { READ_DEFAULTS } from '../../octree/index.ts';
import { decimal, integer, type OptionSpec } from '../options/index.ts';

export const FIT_SPECS = {
  modelFolder: {
    flag: 'model-folder',
    value: 'FOLDER',
    description:
      'folder of another network, written by `inference/training/export.py` (model.json and two .onnx files); if left out, the shipped network',
    schema: z.string().min(1).optional(),
    default: undefined,
  },
  models: {
    flag: 'models',
    value: 'FOLDER',
    description:
      'folder of further versions of the network, each in a folder like that of --model-folder; all are loaded at the start, and a request selects one with `model`',
    schema: z.string().min(1).optional(),
    default: undefined,
  },
  defaultModel: {
    flag: 'default-model',
    value: 'VERSION',
    description:
      'version that answers requests without `model`; if left out, that of --model-folder, or the shipped one',
    schema: z.string().min(1).optional(),
    default: undefined,
  },
  canaryModel: {
    flag: 'canary-model',
    value: 'VERSION',
    description: 'version that answers some of the callers instead of the default version; none if left out',
    schema: z.string().min(1).optional(),
    default: undefined,
  },
  canaryShare: {
    flag: 'canary-share',
    value: 'SHARE',
    description:
      'fraction of the callers that --canary-model answers, 0 to 1; callers differ by the name of their key, or without keys by cloud',
    schema: decimal(0, 1),
    default: 0.1,
  },
  shards: {
    flag: 'shards',
    value: 'N',
    description:
      'number of threads that answer requests; each owns some of the clouds; `auto`: one per core; 0: the main thread answers, with one thread for decoding and one for the network',
    schema: z.union([z.literal('auto').transform(() => availableParallelism()), integer(0, 64)]),
    default: 'auto',
  },
  shardHangMs: {
    flag: 'shard-hang-ms',
    value: 'MS',
    description:
      'how long the event loop of a shard may stand still before its thread is ended and replaced; its requests are answered 503 then; time in the network does not count; 0: never',
    schema: z.union([z.literal(0), z.literal('0').transform(() => 0), integer(1000, 600_000)]),
    default: 10_000,
  },
  fitThreads: {
    flag: 'fit-threads',
    value: 'N',
    description: 'threads inside one run of the network; shards x threads should not exceed the cores',
    schema: integer(1, 64),
    default: 1,
  },
  fitQueue: {
    flag: 'fit-queue',
    value: 'N',
    description: 'most requests that wait for the network; further ones are refused with `overloaded`',
    schema: integer(1, 100_000),
    default: 256,
  },
  clickRadius: {
    flag: 'click-radius',
    value: 'METRES',
    description: 'radius of the sphere of points around a click',
    schema: decimal(0.1, 50),
    default: READ_DEFAULTS.clickRadius,
  },
  lassoPoints: {
    flag: 'lasso-points',
    value: 'N',
    description:
      'most points that a prediction reads for a lasso on the screen, the nearest first; if there are more, the answer says `truncated`',
    schema: integer(1000, 1_000_000_000),
    default: 1_000_000,
  },
  profiles: {
    flag: 'profiles',
    value: 'FOLDER',
    description:
      'folder of label profiles that requests can name: NAME.json is the profile NAME; none if left out',
    schema: z.string().min(1).optional(),
    default: undefined,
  },
} as const satisfies Record<string, OptionSpec>;
