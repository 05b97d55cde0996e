/**
 * Every option of the server: its flag, its NEARBOX_* twin, its default and its bounds, in one table.
 * `docs/configuration.md` is checked against this table by a test; nothing else reads the environment.
 */
import { z } from 'zod';
import { isCloudId } from '../octree/index.ts';
import { ACCESS_SPECS, accessProblems } from './access/index.ts';
import { LIMIT_SPECS } from './limits/index.ts';
import { LOG_LEVELS } from './log.ts';
import { commaList, decimal, integer, type OptionSpec, yesOrNo } from './option-spec.ts';
import { TRACING_SPECS } from './tracing/index.ts';

const SERVE_SPECS = {
  clouds: {
    flag: 'clouds',
    value: 'URI',
    description:
      'where the clouds are: a folder, s3://bucket/prefix or an http(s):// base; the built-in demo sequence if left out',
    schema: z.string().min(1).optional(),
    default: undefined,
  },
  forbiddenMeansAbsent: {
    flag: 'forbidden-means-absent',
    value: 'YES',
    description:
      'read 403 from the storage as absent: S3 answers it for a missing key where the caller may not list',
    schema: yesOrNo,
    default: 'no',
  },
  storageDates: {
    flag: 'storage-dates',
    value: 'HOW',
    description:
      'whether `Last-Modified` is when an object was put in its place, which saves a look at the version after a first click: `auto`, of S3 and other object stores; `trusted`, of every server behind --clouds; `ignored`, of none',
    schema: z.enum(['auto', 'trusted', 'ignored']),
    default: 'auto',
  },
  port: {
    flag: 'port',
    value: 'N',
    description: 'TCP port to listen on; 0 lets the system choose',
    schema: integer(0, 65535),
    default: 8080,
  },
  host: {
    flag: 'host',
    value: 'H',
    description: 'address to listen on',
    schema: z.string().min(1),
    default: '127.0.0.1',
  },
  corsOrigins: {
    flag: 'cors-origins',
    value: 'LIST',
    description:
      'origins, with commas between, whose pages may ask /v1 and /tiles; * for all; none if left out',
    schema: commaList.pipe(z.array(z.union([z.literal('*'), z.url({ protocol: /^https?$/ })]))).optional(),
    default: undefined,
  },
  listClouds: {
    flag: 'list-clouds',
    value: 'YES',
    description:
      'whether GET /v1/clouds lists what there is; `no`: it is forbidden, and clouds must be named',
    schema: yesOrNo,
    default: 'yes',
  },
  superviselyClouds: {
    flag: 'supervisely-clouds',
    value: 'TEMPLATE',
    description:
      'answers Supervisely’s 3D assistant: the cloud id of its point cloud number {pcd_id}, such as `drive/{pcd_id}`; off if left out',
    schema: z
      .string()
      .refine((id) => id.includes('{pcd_id}') && isCloudId(id.replaceAll('{pcd_id}', '1')), {
        message: 'must be a cloud id with {pcd_id} in it',
      })
      .optional(),
    default: undefined,
  },
  clickRadius: {
    flag: 'click-radius',
    value: 'METRES',
    description: 'radius of the sphere that a click stands for as a set of points',
    schema: decimal(0.1, 50),
    default: 5,
  },
  modelFolder: {
    flag: 'model-folder',
    value: 'FOLDER',
    description:
      'a network of your own, as `inference/training/export.py` writes it (model.json and two .onnx files); the shipped one if left out',
    schema: z.string().min(1).optional(),
    default: undefined,
  },
  fitWorkers: {
    flag: 'fit-workers',
    value: 'N',
    description: 'threads that run the network; each holds its own session',
    schema: integer(1, 64),
    default: 1,
  },
  fitThreads: {
    flag: 'fit-threads',
    value: 'N',
    description: 'threads inside one run of the network; workers x threads should not exceed the cores',
    schema: integer(1, 64),
    default: 1,
  },
  fitQueue: {
    flag: 'fit-queue',
    value: 'N',
    description: 'questions that may wait for the network before more are refused with `overloaded`',
    schema: integer(1, 100_000),
    default: 256,
  },
  decodeWorkers: {
    flag: 'decode-workers',
    value: 'N',
    description: 'threads that decode tiles',
    schema: integer(1, 64),
    default: 1,
  },
  memoryTileBytes: {
    flag: 'memory-tile-bytes',
    value: 'BYTES',
    description: 'memory for decoded tiles',
    schema: integer(0, 2 ** 40),
    default: 512 * 2 ** 20,
  },
  memoryMetadataBytes: {
    flag: 'memory-metadata-bytes',
    value: 'BYTES',
    description:
      'memory for metadata and hierarchy pages, apart from the tiles so that these never push them out',
    schema: integer(0, 2 ** 40),
    default: 64 * 2 ** 20,
  },
  storageTimeoutMs: {
    flag: 'storage-timeout-ms',
    value: 'MS',
    description:
      'longest wait for S3 or HTTP to begin an answer, and between two pieces of it; then it is asked again, within a budget',
    schema: integer(1, 600_000),
    default: 2000,
  },
  diskCache: {
    flag: 'disk-cache',
    value: 'FOLDER',
    description:
      'where tiles as they are stored are kept, so that they outlive memory and restarts: a folder for this instance alone, on a local disk; none if left out',
    schema: z.string().min(1).optional(),
    default: undefined,
  },
  diskTileBytes: {
    flag: 'disk-tile-bytes',
    value: 'BYTES',
    description: 'the most that the tiles in --disk-cache take from the disk',
    schema: integer(2 ** 20, 2 ** 50),
    default: 4 * 2 ** 30,
  },
  diskTimeoutMs: {
    flag: 'disk-timeout-ms',
    value: 'MS',
    description:
      'a read from --disk-cache that takes longer is given up and the tile fetched from the origin',
    schema: integer(1, 60_000),
    default: 100,
  },
  versionTtlMs: {
    flag: 'version-ttl-ms',
    value: 'MS',
    description: 'how long a cloud version is trusted before the metadata is looked at again',
    schema: integer(0, 3_600_000),
    default: 5000,
  },
  versionStaleMs: {
    flag: 'version-stale-ms',
    value: 'MS',
    description:
      'how long beyond that it is still served while the storage fails or does not answer; 0: not at all',
    schema: integer(0, 86_400_000),
    default: 60_000,
  },
  tilesUrl: {
    flag: 'tiles-url',
    value: 'URL',
    description:
      'the /tiles of a CDN in front of instances like this one: nodes are read through it, and from --clouds where it fails; none if left out',
    schema: z.url({ protocol: /^https?$/ }).optional(),
    default: undefined,
  },
  peers: {
    flag: 'peers',
    value: 'LIST',
    description:
      'the instances of a region, this one included, as http://HOST:PORT with commas between; each node is read from --clouds by its owner among them. A name stands for one instance at each of its addresses; none if left out',
    schema: z
      .string()
      .transform((list) => list.split(',').map((url) => url.trim()))
      .pipe(z.array(z.url({ protocol: /^http$/ })))
      .optional(),
    default: undefined,
  },
  tilesKey: {
    flag: 'tiles-key',
    value: 'TOKEN',
    description: 'what --tiles-url and --peers are asked with, as a bearer token, where they want keys',
    schema: z.string().min(1).optional(),
    default: undefined,
  },
  detourPatienceMs: {
    flag: 'detour-patience-ms',
    value: 'MS',
    description: 'how long the CDN, or the owner of a node, is waited for before --clouds is read as well',
    schema: integer(1, 60_000),
    default: 300,
  },
  timeoutMs: {
    flag: 'timeout-ms',
    value: 'MS',
    description: 'deadline of a request that does not name one in Timeout-Ms',
    schema: integer(1, 600_000),
    default: 5000,
  },
  maxTimeoutMs: {
    flag: 'max-timeout-ms',
    value: 'MS',
    description: 'longest deadline that Timeout-Ms may ask for; more is clamped to it',
    schema: integer(1, 600_000),
    default: 30_000,
  },
  maxBodyBytes: {
    flag: 'max-body-bytes',
    value: 'BYTES',
    description: 'largest request body',
    schema: integer(1, 64 * 2 ** 20),
    default: 2 ** 20,
  },
  maxNodes: {
    flag: 'max-nodes',
    value: 'N',
    description: 'most nodes that one request may touch',
    schema: integer(1, 1_000_000),
    default: 4096,
  },
  maxPoints: {
    flag: 'max-points',
    value: 'N',
    description: 'most points that one request may read',
    schema: integer(1, 1_000_000_000),
    default: 20_000_000,
  },
  profiles: {
    flag: 'profiles',
    value: 'FOLDER',
    description:
      'label profiles that questions may name: NAME.json in this folder is the profile NAME; none if left out',
    schema: z.string().min(1).optional(),
    default: undefined,
  },
  lassoPoints: {
    flag: 'lasso-points',
    value: 'N',
    description:
      'points of a lasso on the screen that a prediction reads, near-first; past them the answer says `truncated`',
    schema: integer(1000, 1_000_000_000),
    default: 1_000_000,
  },
  drainMs: {
    flag: 'drain-ms',
    value: 'MS',
    description:
      'longest time from SIGTERM or SIGINT to the end; requests that are not answered by then are cut off',
    schema: integer(0, 300_000),
    default: 10_000,
  },
  drainDelayMs: {
    flag: 'drain-delay-ms',
    value: 'MS',
    description:
      'how long after the signal requests are still taken, while /readyz says 503: as long as balancers take to notice; shorter if no connection is open',
    schema: integer(0, 300_000),
    default: 1000,
  },
  logLevel: {
    flag: 'log-level',
    value: 'LEVEL',
    description:
      'least urgent level that is logged: `info` has a line for every request, `warn` those that failed with 5xx, `error` bugs alone',
    schema: z.enum(LOG_LEVELS),
    default: 'info',
  },
  ...TRACING_SPECS,
  ...ACCESS_SPECS,
  ...LIMIT_SPECS,
} as const satisfies Record<string, OptionSpec>;

/** The options of `nearbox serve`, by the name that the code uses for them. */
export const SERVE_OPTIONS: Readonly<Record<keyof typeof SERVE_SPECS, OptionSpec>> = SERVE_SPECS;

/** Validated options of a server. Times in milliseconds, sizes in bytes, lengths in metres. */
export type ServeConfig = {
  -readonly [K in keyof typeof SERVE_SPECS]: z.infer<(typeof SERVE_SPECS)[K]['schema']>;
};

/** The environment variable that stands for a flag: `click-radius` -> NEARBOX_CLICK_RADIUS. */
export function environmentName(flag: string): string {
  return `NEARBOX_${flag.toUpperCase().replaceAll('-', '_')}`;
}

/** A wrong option: the flag and environment name, and what is wrong with its value. */
export class ConfigError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('; '));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * Options from raw values (strings from flags or the environment); what is missing takes its default.
 * `otherProblems` were found elsewhere and are told with the rest.
 * @throws ConfigError that names every wrong option, not only the first.
 */
export function parseServeConfig(
  raw: Readonly<Record<string, unknown>>,
  otherProblems: readonly string[] = [],
): ServeConfig {
  const problems: string[] = [...otherProblems];
  const config: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(SERVE_OPTIONS)) {
    const given = raw[name];
    const result = spec.schema.safeParse(given === undefined || given === '' ? spec.default : given);
    if (result.success) config[name] = result.data;
    else problems.push(wrongOption(spec, given, result.error));
  }
  const { timeoutMs, maxTimeoutMs } = config as Partial<ServeConfig>;
  if (timeoutMs !== undefined && maxTimeoutMs !== undefined && timeoutMs > maxTimeoutMs)
    problems.push(`--timeout-ms (${timeoutMs}) is above --max-timeout-ms (${maxTimeoutMs})`);
  problems.push(...accessProblems(config as Partial<ServeConfig>));
  if (problems.length > 0) throw new ConfigError(problems);
  return config as ServeConfig;
}

/** All that is wrong with one value, in one line. */
function wrongOption({ flag, isSecret }: OptionSpec, given: unknown, error: z.ZodError): string {
  const issues = error.issues.map(({ path, message }) =>
    [path.join('.'), message].filter(Boolean).join(': '),
  );
  const shown = isSecret ? 'not shown here' : JSON.stringify(given);
  return `--${flag} (${environmentName(flag)}) is ${shown}: ${[...new Set(issues)].join(', ')}`;
}
