/** Clients that leave, on the real server: what was under way for them ends. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseServeConfig } from '../config/index.ts';
import { silentLog } from '../observability/index.ts';
import { CAR, streetCloud } from '../testing/index.ts';
import { type RunningServer, startServer } from './server.ts';

const corner = [CAR.center[0] - 1.6, CAR.center[1] - 1.3, CAR.center[2]];

let cloud: Awaited<ReturnType<typeof streetCloud>>;
beforeAll(async () => {
  cloud = await streetCloud();
});
afterAll(() => cloud.remove());

const serve = (clouds: string) =>
  startServer(parseServeConfig({ clouds, port: '0', drainDelayMs: '0', shards: '0' }), silentLog);

/** Resolves with the status, or with `left` if `signal` took the client away. */
async function ask(server: RunningServer, signal: AbortSignal, dx = 0, headers: Record<string, string> = {}) {
  try {
    const response = await fetch(`${server.url}/v1/predictions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({
        cloud: 'street',
        region: { type: 'click', position: [corner[0]! + dx, corner[1], corner[2]] },
      }),
      signal,
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 'left';
  }
}

/** The clouds over HTTP; node files are held until the test lets them go. */
async function slowOrigin(root: string) {
  const held = new Set<http.ServerResponse>();
  let isHolding = true;
  const origin = http.createServer((request, response) => {
    const file = path.join(root, decodeURIComponent(new URL(request.url!, 'http://x').pathname));
    const send = () =>
      readFile(file).then(
        (bytes) =>
          response.writeHead(200, { etag: `"${bytes.length}"`, 'content-length': bytes.length }).end(bytes),
        () => response.writeHead(404).end(),
      );
    if (!isHolding || !file.includes('ept-data')) return void send();
    held.add(response);
    response.on('close', () => held.delete(response));
  });
  origin.listen(0, '127.0.0.1');
  await once(origin, 'listening');
  return {
    held,
    url: `http://127.0.0.1:${(origin.address() as AddressInfo).port}`,
    release() {
      isHolding = false;
    },
    close() {
      origin.closeAllConnections();
      origin.close();
    },
  };
}

const eventually = (check: () => void) => vi.waitFor(check, { timeout: 90_000, interval: 10 });

describe('a client that leaves', () => {
  it('ends the fetches that were under way for it alone', async () => {
    const origin = await slowOrigin(cloud.root);
    const server = await serve(origin.url);
    try {
      const client = new AbortController();
      const asked = ask(server, client.signal, 0, { 'timeout-ms': '30000' });
      await eventually(() => expect(origin.held.size).toBeGreaterThan(0));
      client.abort();
      expect(await asked).toBe('left');
      await eventually(() => {
        expect(origin.held.size).toBe(0);
        expect(server.services.reader.stats().inFlight).toBe(0);
      });
      origin.release();
      expect(await ask(server, new AbortController().signal, 0, { 'timeout-ms': '20000' })).toBe(200);
    } finally {
      await server.close();
      origin.close();
    }
  });

  it('ends them also by its deadline, with 504', async () => {
    const origin = await slowOrigin(cloud.root);
    const server = await serve(origin.url);
    try {
      expect(await ask(server, new AbortController().signal, 0, { 'timeout-ms': '300' })).toBe(504);
      await eventually(() => {
        expect(origin.held.size).toBe(0);
        expect(server.services.reader.stats().inFlight).toBe(0);
      });
    } finally {
      await server.close();
      origin.close();
    }
  });

  it('leaves the queue of the network: what it asked for is never run', async () => {
    const server = await serve(cloud.root);
    try {
      expect(await ask(server, new AbortController().signal, 0, { 'timeout-ms': '20000' })).toBe(200);
      const { engine } = server.services;
      const before = engine.stats().finished;
      const client = new AbortController();
      const asked = Array.from({ length: 40 }, (_, k) =>
        ask(server, client.signal, k * 0.001, { 'timeout-ms': '30000' }),
      );
      await eventually(() => expect(engine.stats().queued).toBeGreaterThan(5));
      client.abort();
      await Promise.all(asked);
      await eventually(() => {
        const { queued, running } = engine.stats();
        expect([queued, running]).toEqual([0, 0]);
      });
      expect(engine.stats().finished - before).toBeLessThan(40);
    } finally {
      await server.close();
    }
  });
});
