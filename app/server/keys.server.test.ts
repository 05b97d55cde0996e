/** Keys, rate limits and the fallback on the real server: what the options make of them, over a socket. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { NearboxError } from '../../cache/index.ts';
import { parseServeConfig } from '../config/index.ts';
import { silentLog } from '../observability/index.ts';
import { type RunningServer, startServer } from './server.ts';

const KEY = 'a-token-for-the-demo';
let server: RunningServer;

beforeAll(async () => {
  const config = parseServeConfig({
    shards: '0',
    port: '0',
    drainDelayMs: '0',
    keys: 'tokens',
    tokens: JSON.stringify([{ name: 'annotator', token: KEY, clouds: ['000000'] }]),
    rateLimit: '60',
  });
  server = await startServer(config, silentLog);
});
afterAll(() => server?.close());

async function ask(body: object, key: string | null = KEY) {
  const response = await fetch(`${server.url}/v1/predictions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'timeout-ms': '30000',
      ...(key !== null && { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify({
      cloud: '000000',
      region: { type: 'click', position: [-7.2, 5.4, -1.1] },
      ...body,
    }),
  });
  const { code, method, fallback } = (await response.json()) as Record<string, string>;
  return { status: response.status, code, method, fallback, headers: response.headers };
}

describe('a server with keys and limits', () => {
  it('answers who may, as often as they may, and geometrically where the network has no time and the caller allows it', async () => {
    expect(await ask({}, null)).toMatchObject({ status: 401, code: 'unauthorized' });
    expect(await ask({})).toMatchObject({ status: 200, method: 'model' });
    expect(await ask({ cloud: '000001' })).toMatchObject({ status: 403, code: 'forbidden' });

    const busy = new NearboxError('overloaded', 'the wait is long', { retryAfterSeconds: 3 });
    vi.spyOn(server.services.engine, 'admit').mockImplementation(() => {
      throw busy;
    });
    const refused = await ask({});
    expect(refused).toMatchObject({ status: 503, code: 'overloaded' });
    expect(refused.headers.get('retry-after')).toBe('3');
    expect(await ask({ fallback: 'geometric' })).toMatchObject({
      status: 200,
      method: 'geometric',
      fallback: 'the wait is long',
    });
    vi.restoreAllMocks();

    const last = await ask({});
    expect([last.status, last.headers.get('ratelimit')]).toEqual([200, expect.stringContaining('r=10;')]);
    expect((await ask({})).status).toBe(200);
    expect(await ask({})).toMatchObject({ status: 429, code: 'too_many_requests' });
  });
});
