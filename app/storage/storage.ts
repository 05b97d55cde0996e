/** Where the clouds are: a folder, S3 or HTTP, with what a remote storage needs around it. */
import { stat } from 'node:fs/promises';
import {
  type OpenByteSourceOptions,
  type OriginPipeline,
  openByteSource,
  type RemoteOptions,
  type StorageCall,
} from '../../cache/index.ts';
import { cloudOfPath } from '../../octree/index.ts';
import { ConfigError } from '../config/index.ts';

export interface StorageOptions {
  /** The option that names it, for messages. Default: `--clouds`. */
  readonly flag?: string;
  /** S3 answers 403 for a missing key where the caller may not list: read that as absent. */
  readonly forbiddenMeansAbsent: boolean;
  /** Whether links below a folder are followed as long as they stay in it. Default: false. */
  readonly followLinks?: boolean;
  /** Whether the dates of S3 or HTTP say when an object was put in its place. Default: `auto`. */
  readonly dates?: NonNullable<RemoteOptions['dates']>;
  /**
   * Longest wait for S3 or HTTP to begin an answer, and between two pieces of it, milliseconds. Default:
   * 2,000.
   */
  readonly timeoutMs?: number;
  /** Told of every call of the storage when it has ended. */
  readonly onCall?: ((call: StorageCall) => void) | undefined;
}

export interface Storage {
  readonly source: OriginPipeline;
  /** What marks reads from it; null if it is the end of a chain. */
  readonly loopToken: string | null;
  /** Closes its connections. */
  close(): Promise<void>;
}

/**
 * Many clicks on a cold cloud are a burst and not a tail: no second request is sent while more than these are
 * under way.
 */
const HEDGING = { minSamples: 100, maxWaiting: 4 } as const;

/** @throws ConfigError if the URI names no storage, or a folder that is not there. */
export async function openStorage(
  uri: string,
  {
    flag = '--clouds',
    forbiddenMeansAbsent,
    followLinks = false,
    dates = 'auto',
    timeoutMs = 2000,
    onCall,
  }: StorageOptions,
): Promise<Storage> {
  const isRemote = /^[a-z][a-z0-9+.-]+:\/\//i.test(uri);
  const opened = open(flag, uri, {
    followLinks,
    remote: {
      forbiddenMeansAbsent,
      dates,
      headersTimeoutMs: timeoutMs,
      bodyTimeoutMs: timeoutMs,
      // The whole of a call, with a retry.
      timeoutMs: Math.max(15_000, 2 * timeoutMs),
    },
    steps: { coalesce: {}, onCall, ...(isRemote && { negative: {}, hedge: HEDGING, shareOf: cloudOfPath }) },
  });
  if (isRemote) return opened;
  const isFolder = await stat(uri).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) throw new ConfigError([`${flag} ${uri}: there is no such folder`]);
  return opened;
}

function open(flag: string, uri: string, options: OpenByteSourceOptions) {
  try {
    return openByteSource(uri, options);
  } catch (error) {
    if (error instanceof TypeError) throw new ConfigError([`${flag} ${uri}: ${error.message}`]);
    throw error;
  }
}
