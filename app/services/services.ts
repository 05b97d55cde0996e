/**
 * What a server or a command works with: reader, engine and predictor over one root, opened and closed
 * together.
 */
import { fileURLToPath } from 'node:url';
import { DiskTier } from '../../cache/index.ts';
import { packageFile } from '../../cache/package/index.ts';
import { FitEngine, Predictor, Tracker } from '../../inference/index.ts';
import {
  CloudReader,
  type CloudReaderOptions,
  type FullPoints,
  InlineDecoders,
  type Region,
} from '../../octree/index.ts';
import type { ServeConfig } from '../config/index.ts';
import type { LoopOptions } from '../http/index.ts';
import { type FoundModels, findModels } from '../models/index.ts';
import type { Log, StorageCall } from '../observability/index.ts';
import { openStorage, openUpstreams, type Storage } from '../storage/index.ts';
import { memoryParts } from './memory-parts.ts';
import { openProfiles } from './profiles.ts';

/** The built-in demo sequence. */
export const DEMO_CLOUDS = fileURLToPath(packageFile('app/demo/'));

export interface Services {
  readonly reader: CloudReader;
  readonly engine: FitEngine;
  readonly predictor: Predictor;
  readonly tracker: Tracker;
  /** What marks requests that come from instances, this one or others. */
  readonly loops: LoopOptions;
  /** Resolves when every worker has loaded and run the network once. */
  warmUp(): Promise<void>;
  /** All points of a region. */
  crop(cloud: string, region: Region, signal: AbortSignal): Promise<FullPoints>;
  /** Waits for running work, then frees threads and memory. */
  close(): Promise<void>;
}

/** Who looks on, and where the work is done. */
export interface ServiceOptions {
  /** Told of every call of the storage when it has ended. */
  readonly onStorageCall?: ((call: StorageCall) => void) | undefined;
  /**
   * Told how long a question that came now would wait for the network, milliseconds. Only where the work is
   * inline.
   */
  readonly onWait?: ((waitMs: number) => void) | undefined;
  /** Asked before the nodes of a read are fetched; see `CloudReaderOptions`. Default: nothing is asked. */
  readonly admitRead?: CloudReaderOptions['admitRead'] | undefined;
  /**
   * Whether nodes are decoded and the network is run on this thread, instead of in threads of their own.
   * Default: no.
   */
  readonly isInline?: boolean | undefined;
  /**
   * Of several readers in this instance, whether this one reads the tiles of `cloud` for all. Default: yes.
   */
  readonly isHome?: ((cloud: string) => boolean) | undefined;
  /** The folders of the networks, found before. Default: they are looked for. */
  readonly modelFolders?: FoundModels['folders'] | undefined;
}

/** @throws ConfigError if the clouds or the networks are somewhere that cannot be read. */
export async function openServices(
  config: ServeConfig,
  log: Log,
  { onStorageCall, onWait, admitRead = null, isInline = false, isHome, modelFolders }: ServiceOptions = {},
): Promise<Services> {
  const profiles = await openProfiles(config);
  const [modelFolder, ...otherModelFolders] = modelFolders ?? findModels(config).folders;
  const storage = await openCloudStorage(config, onStorageCall);
  const upstreams = openUpstreams(config, isHome);
  const disk = openDisk(config, log);
  const memory = memoryParts(config.memoryBytes);
  const reader = new CloudReader({
    source: storage.source,
    disk,
    upstreams: upstreams.all,
    tileMemoryBytes: memory.tileBytes - memory.storedBytes,
    storedMemoryBytes: memory.storedBytes,
    metadataBytes: memory.metadataBytes,
    admitRead,
    readAheadPoints: config.readAheadPoints,
    decoders: isInline ? new InlineDecoders() : null,
    versionTtlMs: config.versionTtlMs,
    versionStaleMs: config.versionStaleMs,
    maxNodes: config.maxNodes,
    maxPoints: config.maxPoints,
    clickRadius: config.clickRadius,
  });
  const engine = new FitEngine({
    modelFolder,
    otherModelFolders,
    workers: isInline ? 0 : 1,
    onWait,
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
    tracker: new Tracker({ reader, engine, ...profiles }),
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

/** The storage behind `--clouds`. @throws ConfigError if it cannot be read. */
export function openCloudStorage(
  config: ServeConfig,
  onCall?: ServiceOptions['onStorageCall'],
): Promise<Storage> {
  return openStorage(config.clouds ?? DEMO_CLOUDS, {
    forbiddenMeansAbsent: config.forbiddenMeansAbsent === 'yes',
    followLinks: config.followLinks === 'yes',
    dates: config.storageDates,
    timeoutMs: config.storageTimeoutMs,
    onCall,
  });
}

/** The storage behind `--cameras`, null if there is none. @throws ConfigError if it cannot be read. */
export async function openCameras(config: ServeConfig): Promise<Storage | null> {
  const { cameras, forbiddenMeansAbsent, followLinks, storageDates, storageTimeoutMs } = config;
  if (cameras === undefined) return null;
  return openStorage(cameras, {
    flag: '--cameras',
    forbiddenMeansAbsent: forbiddenMeansAbsent === 'yes',
    followLinks: followLinks === 'yes',
    dates: storageDates,
    timeoutMs: storageTimeoutMs,
  });
}

/** null without a disk tier. If its folder cannot be used, the log reports it, and there is none. */
function openDisk(config: ServeConfig, log: Log): DiskTier | null {
  if (config.diskCache === undefined) return null;
  return DiskTier.open({
    folder: config.diskCache,
    maxBytes: config.diskTileBytes,
    readTimeoutMs: config.diskTimeoutMs,
    onProblem: (message) => log.warn(message),
  });
}
