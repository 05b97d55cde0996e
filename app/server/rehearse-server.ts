/**
 * The first clicks of a server, asked by itself before it is ready: through HTTP, the application, the border
 * to the shards, a storage and the networks, so that the code of the whole way is loaded and compiled when
 * the first annotators come (docs/speed.md).
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Pool } from 'undici';
import { Authenticator, staticTokens, tokenListSchema } from '../access/index.ts';
import type { ServeConfig } from '../config/index.ts';
import { type AppOptions, createApp, createHttpServer, Metrics } from '../http/index.ts';
import { Lifecycle } from '../lifecycle/index.ts';
import { silentLog } from '../observability/index.ts';
import { type CloudService, DEMO_CLOUDS } from '../services/index.ts';
import { openDemoOrigin, REHEARSED_FRAME, REHEARSED_PLACES } from '../shards/index.ts';

/** Clicks for each shard. */
const CLICKS_PER_SHARD = 40;
/** Clicks on a cloud before the next one. */
const CLICKS_PER_CLOUD = 10;
/** Clicks under way at once for each shard. */
const IN_FLIGHT = 2;

/**
 * Resolves when the clicks are answered, or after `config.rehearseMs`; at once if that is 0. Nothing of them
 * is counted or logged.
 * @throws if nothing can listen on 127.0.0.1, or the package has no demo
 */
export async function rehearseServer(
  options: AppOptions,
  service: CloudService,
  config: ServeConfig,
): Promise<void> {
  if (service.rehearsal === undefined || config.rehearseMs === 0) return;
  const isRemote = config.clouds?.includes('://') === true;
  const demo = isRemote ? await openDemoOrigin() : null;
  const { predictor, end } = service.rehearsal(demo?.url ?? DEMO_CLOUDS);
  // Nobody but this thread may ask: the server listens on this machine for a moment.
  const key = randomBytes(32).toString('hex');
  const list = tokenListSchema.parse([{ name: 'rehearsal', token: key, clouds: ['*'] }]);
  const lifecycle = new Lifecycle();
  lifecycle.ready();
  const app = createApp({
    ...options,
    predictor,
    lifecycle,
    authenticator: new Authenticator({ tokens: staticTokens(list), signer: null }),
    limits: null,
    log: silentLog,
    metrics: new Metrics(),
    tracing: undefined,
  });
  const server = createHttpServer(app, config);
  try {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const pool = new Pool(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await askAll(pool, key, isRemote, config);
    await pool.destroy();
  } finally {
    server.closeAllConnections();
    server.close();
    await end();
    await demo?.close();
  }
}

async function askAll(
  pool: Pool,
  key: string,
  isRemote: boolean,
  { shards, rehearseMs }: ServeConfig,
): Promise<void> {
  const signal = AbortSignal.timeout(rehearseMs);
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  let asked = 0;
  const ask = async () => {
    while (asked < CLICKS_PER_SHARD * shards && !signal.aborted) {
      const k = asked++;
      const cloud = isRemote ? `${Math.floor(k / CLICKS_PER_CLOUD)}/${REHEARSED_FRAME}` : REHEARSED_FRAME;
      const region = { type: 'click', position: REHEARSED_PLACES[k % REHEARSED_PLACES.length] };
      const body = JSON.stringify({ cloud, region });
      const answer = await pool.request({ method: 'POST', path: '/v1/predictions', headers, body, signal });
      await answer.body.dump();
    }
  };
  await Promise.allSettled(Array.from({ length: IN_FLIGHT * shards }, ask));
}
