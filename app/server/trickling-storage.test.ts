/**
 * A cloud whose storage gives a byte now and then, on the real server: questions about it wait, and take
 * nothing from those about other clouds. The test gives the bytes itself.
 */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseServeConfig } from '../config/index.ts';
import { silentLog } from '../observability/index.ts';
import { demoFiles, demoPlaces } from '../testing/index.ts';
import { type RunningServer, startServer } from './server.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });

const [SLOW, WELL] = ['000001', '000000'];
const SLOW_CLICKS = 200;
const WARM_CLICKS = 98;
/** Warm clicks at once. */
const WAVE = 14;

/** Nodes of the slow cloud, and how much of each was given. */
interface Trickle {
  readonly bytes: Uint8Array;
  readonly response: http.ServerResponse;
  given: number;
}

async function tricklingOrigin(files: ReadonlyMap<string, Uint8Array>) {
  const trickles = new Set<Trickle>();
  let isTrickling = true;
  const origin = http.createServer((request, response) => {
    const file = decodeURIComponent(new URL(request.url!, 'http://x').pathname.slice(1));
    const bytes = files.get(file);
    if (bytes === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { etag: `"${file}"`, 'content-length': bytes.length });
    if (request.method === 'HEAD') return void response.end();
    if (!isTrickling || !file.startsWith(`${SLOW}/ept-data`)) return void response.end(bytes);
    const trickle = { bytes, response, given: 0 };
    trickles.add(trickle);
    response.on('close', () => trickles.delete(trickle));
    response.flushHeaders();
  });
  origin.listen(0, '127.0.0.1');
  await once(origin, 'listening');
  return {
    trickles,
    url: `http://127.0.0.1:${(origin.address() as AddressInfo).port}`,
    /** One more byte of every node that was asked for. */
    giveByte() {
      for (const { bytes, response, given } of trickles) response.write(bytes.subarray(given, given + 1));
      for (const trickle of trickles) trickle.given += 1;
    },
    /** The rest of them, and whole ones from now on. */
    giveRest() {
      isTrickling = false;
      for (const { bytes, response, given } of trickles) response.end(bytes.subarray(given));
    },
    close() {
      origin.closeAllConnections();
      origin.close();
    },
  };
}

let origin: Awaited<ReturnType<typeof tricklingOrigin>>;
let server: RunningServer;

beforeAll(async () => {
  origin = await tricklingOrigin(new Map([...(await demoFiles(WELL)), ...(await demoFiles(SLOW))]));
  const config = parseServeConfig({
    clouds: origin.url,
    port: '0',
    // One thread for both, and memory for some of the slow clicks only.
    shards: '1',
    memoryBytes: String(64 * 2 ** 20),
    storageTimeoutMs: '600000',
    timeoutMs: '600000',
    maxTimeoutMs: '600000',
    drainDelayMs: '0',
  });
  server = await startServer(config, silentLog);
});
afterAll(async () => {
  origin.close();
  await server.close();
});

async function click(cloud: string, position: readonly number[]): Promise<number> {
  const response = await fetch(`${server.url}/v1/predictions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ cloud, region: { type: 'click', position } }),
  });
  await response.arrayBuffer();
  return response.status;
}

const all = (status: number, count: number) => Array.from({ length: count }, () => status);

describe('a cloud whose storage trickles', () => {
  it(`takes nothing from others: ${WARM_CLICKS} warm clicks are answered beside ${SLOW_CLICKS} that wait`, async () => {
    const places = demoPlaces(WARM_CLICKS, WELL);
    expect(await click(WELL, places[0]!)).toBe(200);
    let answered = 0;
    const waiting = Promise.all(
      demoPlaces(SLOW_CLICKS, SLOW).map((place) => click(SLOW, place).finally(() => answered++)),
    );
    await vi.waitFor(() => expect(origin.trickles.size).toBeGreaterThan(0), { timeout: 300_000 });
    const statuses: number[] = [];
    for (let begun = 0; begun < WARM_CLICKS; begun += WAVE) {
      origin.giveByte();
      const wave = places.slice(begun, begun + WAVE);
      statuses.push(...(await Promise.all(wave.map((place) => click(WELL, place)))));
    }
    expect(statuses).toEqual(all(200, WARM_CLICKS));
    expect(answered).toBe(0);
    // Those that waited have lost nothing either.
    origin.giveRest();
    expect(await waiting).toEqual(all(200, SLOW_CLICKS));
  });
});
