/**
 * A running server: listens early (so that health checks get an answer), is ready when warm, drains before it
 * ends.
 */
import { once } from 'node:events';
import { type AddressInfo, isIPv6 } from 'node:net';
import { openAuthenticator } from '../access/index.ts';
import { ConfigError, openOntology, type ServeConfig } from '../config/index.ts';
import {
  type AppOptions,
  createApp,
  createHttpServer,
  Metrics,
  Prefetcher,
  pageRoutes,
} from '../http/index.ts';
import { drainServer, Lifecycle } from '../lifecycle/index.ts';
import { openLimits } from '../limits/index.ts';
import { findModels } from '../models/index.ts';
import type { Log, StorageCall } from '../observability/index.ts';
import {
  localService,
  mainMemoryParts,
  openCameras,
  openServices,
  type Services,
} from '../services/index.ts';
import { openShards } from '../shards/index.ts';
import { openTracing } from '../tracing/index.ts';
import { openKept } from './kept-documents.ts';
import { rehearseServer } from './rehearse-server.ts';

export interface RunningServer {
  /** `http://HOST:PORT`, with the port that was really bound. */
  readonly url: string;
  readonly port: number;
  /** Of a server without shards. */
  readonly services: Services;
  /** Serves until the signal aborts, then drains. Resolves as `close()` does. */
  runUntil(signal: AbortSignal): Promise<boolean>;
  /**
   * Refuses new work, waits for running requests within the drain bound, frees everything. Safe to call
   * twice. Resolves with false if something hangs that cannot be ended: then the process has to be.
   */
  close(): Promise<boolean>;
}

/**
 * Resolves when the server is ready for a first fast answer. @throws if it cannot listen or cannot get warm.
 */
export async function startServer(config: ServeConfig, log: Log): Promise<RunningServer> {
  const authenticator = authenticatorOf(config);
  const ontology = await openOntology(config);
  const lifecycle = new Lifecycle();
  const metrics = new Metrics();
  metrics.observeProcess();
  const tracing = await openTracing(config, log);
  const { folders: modelFolders, choice: models } = findModels(config);
  const documents = await openKept(config);
  const cameras = await openCameras(config);
  const onStorageCall = (call: StorageCall) => {
    metrics.observeStorage(call);
    tracing.storageCall(call);
  };
  const { httpBytes, cloudBytes } = mainMemoryParts(config.memoryBytes);
  const ofClouds = { ...config, memoryBytes: cloudBytes };
  const local =
    config.shards === 0 ? await openServices(ofClouds, log, { onStorageCall, modelFolders }) : null;
  const service =
    local === null ? await openShards(ofClouds, modelFolders, log, onStorageCall) : localService(local);
  const page = pageRoutes({
    features: [
      ...documents.features,
      'profiles',
      'tracks',
      ...(ontology === undefined ? [] : ['ontology']),
      ...(cameras === null ? [] : ['cameras']),
    ],
  });
  const { predictor, tracker, clouds: reader, loops } = service;
  const prefetcher = new Prefetcher({ reader, log });
  const options: AppOptions = {
    ...config,
    labels: documents.stores.labels,
    feedback: documents.stores.feedback,
    httpBytes,
    ontology,
    cameras: cameras?.source,
    metrics,
    tracing,
    authenticator,
    limits: openLimits(config),
    predictor,
    tracker,
    reader,
    loops,
    models,
    profileVersion: (name) => service.profileVersion(name),
    prefetcher,
    page,
    lifecycle,
    log,
    stats: () => service.stats(),
  };
  const app = createApp(options);
  const server = createHttpServer(app, config);
  let closing: Promise<boolean> | undefined;
  const close = () => {
    const { drainDelayMs: delayMs, drainMs: boundMs } = config;
    const endsAt = performance.now() + boundMs;
    closing ??= Promise.all([
      prefetcher.close(),
      drainServer(server, { delayMs, boundMs, lifecycle, log }).then(() =>
        service.close(Math.max(0, endsAt - performance.now())),
      ),
    ]).then(async ([, isEnded]) => {
      await documents.close();
      await cameras?.close();
      await tracing.close();
      return isEnded;
    });
    return closing;
  };
  try {
    server.listen(config.port, config.host);
    await once(server, 'listening');
    await service.warmUp();
    await rehearseServer(options, service, config).catch((error: unknown) => {
      log.warn('the first clicks are not rehearsed', { error });
    });
    lifecycle.ready();
  } catch (error) {
    await close();
    throw error;
  }
  const { port } = server.address() as AddressInfo;
  const host = isIPv6(config.host) ? `[${config.host}]` : config.host;
  return {
    url: `http://${host}:${port}`,
    port,
    get services() {
      if (local === null) throw new Error('the services are in the shards');
      return local;
    },
    close,
    async runUntil(signal) {
      if (!signal.aborted) await once(signal, 'abort');
      return close();
    },
  };
}

/** @throws ConfigError if the file of tokens cannot be read or has something wrong in it. */
function authenticatorOf(config: ServeConfig) {
  try {
    return openAuthenticator(config);
  } catch (error) {
    if (error instanceof TypeError) throw new ConfigError([error.message]);
    throw error;
  }
}
