/** What a server or a command works with: reader, engine and predictor over one root, opened and closed together. */
import { fileURLToPath } from 'node:url';
import { DiskTier } from '../../cache/index.ts';
import { packageFile } from '../../cache/package/index.ts';
import {
  DEFAULT_PROFILE_FILE,
  FitEngine,
  Predictor,
  type PredictorOptions,
  readProfile,
  readProfiles,
} from '../../inference/index.ts';
import { CloudReader, type FullPoints, type Region } from '../../octree/index.ts';
import type { ServeConfig } from '../config/index.ts';
import type { LoopOptions } from '../http/index.ts';
import type { Log, StorageCall } from '../observability/index.ts';
import { openStorage, openUpstreams } from '../storage/index.ts';

/** The built-in demo sequence. */
export const DEMO_CLOUDS = fileURLToPath(packageFile('app/demo/'));

export interface Services {
  readonly reader: CloudReader;
  readonly engine: FitEngine;
  readonly predictor: Predictor;
  /** What marks requests that come from instances, this one or others. */
  readonly loops: LoopOptions;
  /** Resolves when every worker has loaded and run the network once. */
  warmUp(): Promise<void>;
  /** All points of a region. */
  crop(cloud: string, region: Region, signal: AbortSignal): Promise<FullPoints>;
  /** Waits for running work, then frees threads and memory. */
  close(): Promise<void>;
}

/** Who looks on. */
export interface ServiceObservers {
  /** Told of every call of the storage when it has ended. */
  readonly onStorageCall?: (call: StorageCall) => void;
}

/** @throws ConfigError if the clouds are somewhere that cannot be read. */
export async function openServices(
  config: ServeConfig,
  log: Log,
  { onStorageCall }: ServiceObservers = {},
): Promise<Services> {
  const profiles = await openProfiles(config);
  const storage = await openStorage(config.clouds ?? DEMO_CLOUDS, {
    forbiddenMeansAbsent: config.forbiddenMeansAbsent === 'yes',
    dates: config.storageDates,
    timeoutMs: config.storageTimeoutMs,
    onCall: onStorageCall,
  });
  const upstreams = openUpstreams(config);
  const disk = openDisk(config, log);
  const reader = new CloudReader({
    source: storage.source,
    disk,
    upstreams: upstreams.all,
    tileMemoryBytes: config.memoryTileBytes,
    metadataBytes: config.memoryMetadataBytes,
    decodeWorkers: config.decodeWorkers,
    versionTtlMs: config.versionTtlMs,
    versionStaleMs: config.versionStaleMs,
    maxNodes: config.maxNodes,
    maxPoints: config.maxPoints,
    clickRadius: config.clickRadius,
  });
  const engine = new FitEngine({
    modelFolder: config.modelFolder,
    workers: config.fitWorkers,
    threads: config.fitThreads,
    queueLimit: config.fitQueue,
    onFallback: (reason) => log.warn('the geometric fit answered', { reason }),
  });
  const predictor = new Predictor(reader, engine, {
    lassoPoints: config.lassoPoints,
    ...profiles,
  });
  return {
    reader,
    engine,
    predictor,
    loops: { clouds: storage.loopToken, upstreams: upstreams.loopTokens },
    async warmUp() {
      await Promise.all([reader.ready(), engine.warmUp()]);
    },
    async crop(cloud, region, signal) {
      const view = await reader.read(cloud, [region], { signal });
      return view.points(region);
    },
    async close() {
      await Promise.all([reader.close(), engine.close()]);
      await Promise.all([disk?.close(), upstreams.close(), storage.close()]);
    },
  };
}

/** Label profiles, read once: a server that is to know others is started anew. */
async function openProfiles({ profiles }: ServeConfig): Promise<PredictorOptions> {
  if (profiles === undefined) return {};
  return { profiles: await readProfiles(profiles), trainingProfile: await readProfile(DEFAULT_PROFILE_FILE) };
}

/** null if there is to be no disk tier. One that cannot be used is told in the log and does without. */
function openDisk(config: ServeConfig, log: Log): DiskTier | null {
  if (config.diskCache === undefined) return null;
  return DiskTier.open({
    folder: config.diskCache,
    maxBytes: config.diskTileBytes,
    readTimeoutMs: config.diskTimeoutMs,
    onProblem: (message) => log.warn(message),
  });
}
