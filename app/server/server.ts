/** A running server: listens early (so that health checks get an answer), is ready when warm, drains before it ends. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import type { Duplex } from 'node:stream';
import { createAdaptorServer } from '@hono/node-server';
import { NearboxError } from '../../cache/index.ts';
import { openDoor } from '../access/index.ts';
import { ConfigError, type ServeConfig } from '../config/index.ts';
import { createApp, Metrics, Prefetcher, pageRoutes, problemBody, requestIdOf } from '../http/index.ts';
import { drainServer, Lifecycle } from '../lifecycle/index.ts';
import { openLimits } from '../limits/index.ts';
import type { Log } from '../observability/index.ts';
import { openTracing } from '../tracing/index.ts';
import { openServices, type Services } from './services.ts';

export interface RunningServer {
  /** `http://HOST:PORT`, with the port that was really bound. */
  readonly url: string;
  readonly port: number;
  readonly services: Services;
  /** Serves until the signal aborts, then drains. */
  runUntil(signal: AbortSignal): Promise<void>;
  /** Refuses new work, waits for running requests within the drain bound, frees everything. Safe to call twice. */
  close(): Promise<void>;
}

/** Idle connections live a little longer than the proxies in front keep theirs, so that they, not we, close first. */
const KEEP_ALIVE_MS = 65_000;

/** Resolves when the server is ready for a first fast answer. @throws if it cannot listen or cannot get warm. */
export async function startServer(config: ServeConfig, log: Log): Promise<RunningServer> {
  const door = doorOf(config);
  const lifecycle = new Lifecycle();
  const metrics = new Metrics();
  const tracing = await openTracing(config, log);
  const services = await openServices(config, log, {
    onStorageCall(call) {
      metrics.observeStorage(call);
      tracing.storageCall(call);
    },
  });
  const page = pageRoutes();
  const { predictor, reader, engine, loops } = services;
  const prefetcher = new Prefetcher({ reader, log });
  const app = createApp({
    ...config,
    metrics,
    tracing,
    door,
    limits: openLimits(config),
    predictor,
    reader,
    loops,
    model: engine.model,
    profileVersion: (name) => predictor.profileVersion(name),
    prefetcher,
    page,
    lifecycle,
    log,
    stats() {
      const { tiles, metadata, disk, bytes, decoders } = reader.stats();
      return {
        caches: { tiles, metadata, ...(disk !== null && { disk }) },
        places: { origin: { reads: bytes.originReads, bytes: bytes.originBytes }, ...bytes.upstreams },
        queues: { inference: engine.stats(), decode: decoders },
      };
    },
  });
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.on('clientError', (error, socket) => refuseMalformed(error, socket));
  let closing: Promise<void> | undefined;
  const close = () => {
    const { drainDelayMs: delayMs, drainMs: boundMs } = config;
    closing ??= Promise.all([
      prefetcher.close(),
      drainServer(server, { delayMs, boundMs, lifecycle, log }).then(() => services.close()),
    ]).then(() => tracing.close());
    return closing;
  };
  try {
    server.listen(config.port, config.host);
    await once(server, 'listening');
    await services.warmUp();
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
    services,
    close,
    async runUntil(signal) {
      if (!signal.aborted) await once(signal, 'abort');
      await close();
    },
  };
}

/** @throws ConfigError if the file of tokens cannot be read or has something wrong in it. */
function doorOf(config: ServeConfig) {
  try {
    return openDoor(config);
  } catch (error) {
    if (error instanceof TypeError) throw new ConfigError([error.message]);
    throw error;
  }
}

/** What is not HTTP never reaches the application; it is answered here in the same form. */
function refuseMalformed(error: Error, socket: Duplex): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const id = requestIdOf(undefined);
  const problem = problemBody(new NearboxError('invalid_request', `this is not HTTP: ${error.message}`), id);
  const body = Buffer.from(JSON.stringify(problem));
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json\r\nCache-Control: no-store\r\nX-Request-Id: ${id}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
}
