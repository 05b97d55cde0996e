/**
 * Every option of the server: its flag, its NEARBOX_* twin, its default and its bounds, in one table.
 * `docs/configuration.md` is checked against this table by a test; nothing else reads the environment.
 */
import { z } from 'zod';
import { isCloudId } from '../../octree/index.ts';
import { ACCESS_SPECS, accessProblems } from '../access/index.ts';
import { LIMIT_SPECS } from '../limits/index.ts';
import { LOG_LEVELS } from '../observability/index.ts';
import { commaList, integer, type OptionSpec, yesOrNo } from '../options/index.ts';
import { TRACING_SPECS } from '../tracing/index.ts';
import { FIT_SPECS } from './fit-options.ts';
import { LABELS_SPECS } from './labels-options.ts';
import { STORAGE_SPECS } from './storage-options.ts';

const SERVE_SPECS = {
  ...STORAGE_SPECS,
  ...FIT_SPECS,
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
      'origins, separated by commas, whose pages may use /v1 and /tiles; * for all; none if left out',
    schema: commaList.pipe(z.array(z.union([z.literal('*'), z.url({ protocol: /^https?$/ })]))).optional(),
    default: undefined,
  },
  listClouds: {
    flag: 'list-clouds',
    value: 'YES',
    description:
      'whether GET /v1/clouds lists the clouds; `no`: it answers `forbidden`, and callers must know the ids of clouds',
    schema: yesOrNo,
    default: 'yes',
  },
  superviselyClouds: {
    flag: 'supervisely-clouds',
    value: 'TEMPLATE',
    description:
      'turns on the route for Supervisely’s 3D assistant; the value is the cloud id of its point cloud number {pcd_id}, such as `drive/{pcd_id}`; off if left out',
    schema: z
      .string()
      .refine((id) => id.includes('{pcd_id}') && isCloudId(id.replaceAll('{pcd_id}', '1')), {
        message: 'must be a cloud id with {pcd_id} in it',
      })
      .optional(),
    default: undefined,
  },
  timeoutMs: {
    flag: 'timeout-ms',
    value: 'MS',
    description: 'deadline of a request without the header Timeout-Ms',
    schema: integer(1, 600_000),
    default: 5000,
  },
  maxTimeoutMs: {
    flag: 'max-timeout-ms',
    value: 'MS',
    description: 'longest deadline that Timeout-Ms can set; larger values are reduced to it',
    schema: integer(1, 600_000),
    default: 30_000,
  },
  trackTimeoutMs: {
    flag: 'track-timeout-ms',
    value: 'MS',
    description:
      'deadline of a track without the header Timeout-Ms, and the longest that the header can set; frames that are not reached by then get a line that says so',
    schema: integer(1, 3_600_000),
    default: 300_000,
  },
  maxTracks: {
    flag: 'max-tracks',
    value: 'N',
    description: 'most tracks at the same time; further ones are refused as `overloaded`',
    schema: integer(1, 1000),
    default: 16,
  },
  maxBodyBytes: {
    flag: 'max-body-bytes',
    value: 'BYTES',
    description: 'largest request body',
    schema: integer(1, 64 * 2 ** 20),
    default: 2 ** 20,
  },
  drainMs: {
    flag: 'drain-ms',
    value: 'MS',
    description:
      'longest time from SIGTERM or SIGINT to the end of the process; requests that are not answered by then are cut off',
    schema: integer(0, 300_000),
    default: 10_000,
  },
  drainDelayMs: {
    flag: 'drain-delay-ms',
    value: 'MS',
    description:
      'how long requests are accepted after the signal, while /readyz answers 503, so that balancers notice it; shorter if no connection is open',
    schema: integer(0, 300_000),
    default: 1000,
  },
  rehearseMs: {
    flag: 'rehearse-ms',
    value: 'MS',
    description:
      'longest time that a server clicks on its built-in demo before it is ready, so that the first annotators do not wait for code to be compiled; 0: it does not',
    schema: integer(0, 60_000),
    default: 5000,
  },
  logLevel: {
    flag: 'log-level',
    value: 'LEVEL',
    description:
      'lowest level that is logged: `debug`: every request; `info`: all requests except those for tiles, points and images, and looks at the list of labels; `warn`: requests that failed with 5xx; `error`: only bugs',
    schema: z.enum(LOG_LEVELS),
    default: 'info',
  },
  ...LABELS_SPECS,
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

/** The environment variable of a flag: `click-radius` -> NEARBOX_CLICK_RADIUS. */
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
 * `otherProblems` were found elsewhere and are reported with the rest.
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
