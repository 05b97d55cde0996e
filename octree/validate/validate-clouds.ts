/** Every cloud below a prefix, some at a time. */
import type { ByteSource } from '../../cache/byte-source/index.ts';
import { NearboxError } from '../../cache/foundation/index.ts';
import { listClouds } from '../files/index.ts';
import { validateCloud } from './validate-cloud.ts';

export interface ValidateCloudsOptions {
  readonly source: ByteSource;
  /** Ids that begin with this folder; `''`: all. */
  readonly prefix: string;
  readonly signal: AbortSignal;
  readonly decodeWorkers?: number | undefined;
  readonly onProgress?: (done: number, total: number) => void;
}

/** What is known of one of many clouds. */
export interface CloudVerdict {
  readonly id: string;
  readonly errors: number;
  readonly warnings: number;
  readonly points: number;
  /** The first error's text; null if there is none. */
  readonly first: string | null;
}

export interface CloudsReport {
  readonly sound: number;
  readonly damaged: number;
  readonly points: number;
  readonly clouds: readonly CloudVerdict[];
}

const PAGE = 1000;
const AT_ONCE = 4;
const FINDINGS_OF_EACH = 10;

/** True if `id` is no cloud but a folder with clouds in it. */
export async function hasCloudsBelow(source: ByteSource, id: string, signal: AbortSignal): Promise<boolean> {
  if (source.list === undefined) return false;
  const { clouds } = await listClouds(source, { limit: 1, signal, only: below(id) });
  return clouds[0] !== undefined && clouds[0].id !== id;
}

/**
 * Throws `cloud_not_found` if there is none, `forbidden` if the storage cannot list. A cloud that cannot be
 * read counts as damaged.
 */
export async function validateClouds(options: ValidateCloudsOptions): Promise<CloudsReport> {
  const { source, prefix, signal, decodeWorkers, onProgress } = options;
  const ids = await allIds(source, prefix, signal);
  if (ids.length === 0)
    throw new NearboxError('cloud_not_found', `there is no cloud below ${prefix || source.label}`);
  const verdicts = new Array<CloudVerdict>(ids.length);
  let next = 0;
  let done = 0;
  const work = async () => {
    while (next < ids.length) {
      signal.throwIfAborted();
      const index = next++;
      verdicts[index] = await verdictOf(source, ids[index]!, signal, decodeWorkers);
      onProgress?.(++done, ids.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, ids.length) }, work));
  const damaged = verdicts.filter(({ errors }) => errors > 0).length;
  return {
    sound: verdicts.length - damaged,
    damaged,
    points: verdicts.reduce((sum, { points }) => sum + points, 0),
    clouds: verdicts,
  };
}

async function verdictOf(
  source: ByteSource,
  id: string,
  signal: AbortSignal,
  decodeWorkers: number | undefined,
): Promise<CloudVerdict> {
  try {
    const report = await validateCloud({
      source,
      id,
      signal,
      decodeWorkers: decodeWorkers ?? 1,
      maxFindings: FINDINGS_OF_EACH,
    });
    const { errors, warnings, points, findings } = report;
    const first = findings.find(({ severity }) => severity === 'error');
    return {
      id,
      errors,
      warnings,
      points,
      first: first === undefined ? null : `${first.node ?? 'cloud'}: ${first.what}`,
    };
  } catch (error) {
    signal.throwIfAborted();
    return {
      id,
      errors: 1,
      warnings: 0,
      points: 0,
      first: error instanceof Error ? error.message : String(error),
    };
  }
}

async function allIds(source: ByteSource, prefix: string, signal: AbortSignal): Promise<string[]> {
  const ids: string[] = [];
  for (let after: string | null = ''; after !== null; ) {
    const page = await listClouds(source, { limit: PAGE, after, signal, only: below(prefix) });
    ids.push(...page.clouds.map(({ id }) => id));
    after = page.next;
  }
  return ids;
}

function below(prefix: string) {
  const folder = prefix === '' ? '' : `${prefix}/`;
  return {
    covers: (id: string) => id === prefix || id.startsWith(folder),
    leadsTo: (path: string) => path === prefix || path.startsWith(folder) || folder.startsWith(`${path}/`),
  };
}
