/** Where the clouds are: a folder, S3 or HTTP, with what a remote storage needs around it. */
import { stat } from 'node:fs/promises';
import {
  type ByteSource,
  HedgedSource,
  NegativeCache,
  openByteSource,
  type RemoteOptions,
} from '../../cache/index.ts';
import { ConfigError } from '../config/index.ts';
import { ObservedSource, type StorageCall } from '../observability/index.ts';

export interface StorageOptions {
  /** S3 answers 403 for a missing key where the caller may not list: read that as absent. */
  readonly forbiddenMeansAbsent: boolean;
  /** Whether the dates of S3 or HTTP say when an object was put in its place. Default: `auto`. */
  readonly dates?: NonNullable<RemoteOptions['dates']>;
  /** Longest wait for S3 or HTTP to begin an answer, and between two pieces of it, milliseconds. Default: 2,000. */
  readonly timeoutMs?: number;
  /** Told of every call of the storage when it has ended. */
  readonly onCall?: ((call: StorageCall) => void) | undefined;
}

export interface Storage {
  readonly source: ByteSource;
  /** What marks reads from it; null if it is the end of a chain. */
  readonly loopToken: string | null;
  /** Closes its connections. */
  close(): Promise<void>;
}

/** Many clicks on a cold cloud are a burst, not a tail: its tiles are fetched once. */
const HEDGES = { minSamples: 100, maxWaiting: 4 } as const;

/** @throws ConfigError if the URI names no storage, or a folder that is not there. */
export async function openStorage(
  uri: string,
  { forbiddenMeansAbsent, dates = 'auto', timeoutMs = 2000, onCall }: StorageOptions,
): Promise<Storage> {
  const opened = open(uri, {
    forbiddenMeansAbsent,
    dates,
    headersTimeoutMs: timeoutMs,
    bodyTimeoutMs: timeoutMs,
    // The whole of a call, with a retry.
    timeoutMs: Math.max(15_000, 2 * timeoutMs),
  });
  const source = onCall === undefined ? opened.source : new ObservedSource(opened.source, onCall);
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(uri))
    // Slow reads are sent twice within a budget, and a 404 is believed for a moment.
    return { ...opened, source: new HedgedSource(new NegativeCache(source), HEDGES) };
  const isFolder = await stat(uri).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) throw new ConfigError([`--clouds ${uri}: there is no such folder`]);
  return { ...opened, source };
}

function open(uri: string, remote: RemoteOptions) {
  try {
    return openByteSource(uri, { remote });
  } catch (error) {
    if (error instanceof TypeError) throw new ConfigError([`--clouds ${uri}: ${error.message}`]);
    throw error;
  }
}
