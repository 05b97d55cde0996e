/**
 * Signed tile URLs behind a real nginx, with the configuration of docs/security.md: one cache entry for all
 * signatures, none for a bad one.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { createAdaptorServer, type Http2Bindings, type HttpBindings } from '@hono/node-server';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findComponent, type RunningComponent, startNginx } from '../../../../cache/testing/index.ts';
import { Authenticator, staticTokens, tokenListSchema, UrlSigner } from '../../../access/index.ts';
import { startShippedNginx } from '../../../deploy/testing/index.ts';
import { type CloudApp, cloudApp } from '../../testing/index.ts';

const program = findComponent('nginx');
const KEY = 'a-key-that-opens-all';
const SECRETS = ['a-secret-of-at-least-32-characters-1', 'a-secret-of-at-least-32-characters-2'];

/** The two `location` blocks as the document has them. */
function documented(origin: string): string {
  const text = readFileSync(new URL('../../../../docs/security.md', import.meta.url), 'utf8');
  const block = /```nginx\n([\s\S]*?)```/.exec(text)![1]!;
  return block.slice(block.indexOf('location /tiles/')).replaceAll('http://nearbox', origin);
}

/**
 * Ways to write the URL of a file of `a` so that it begins with `b`, or with a version of `b`: a cache and a
 * server that read them differently would mix up what they store.
 */
function disguised(file: string): string[] {
  const up = ['..', '%2e%2e', '.%2E', '%252e%252e', '..%2f', '%2e%2e%2f', '..%5c', '%2f..'];
  return [
    ...up.map((dots) => `/tiles/b/${dots}/${file}`),
    ...up.map((dots) => `/tiles/b//${dots}/${file}`),
    ...up.map((dots) => `/tiles/b%2f${dots}%2f${file}`),
    `/tiles/b/./../${file}`,
    `/tiles//b/x/..//../${file}`,
    `/tiles/b/x#/../../${file}`,
    `/tiles/${file}#/../../b/ept/ept.json`,
    `http://x/tiles/b/../${file}`,
  ];
}

/** The status that the proxy gives to a target as it is written: no client tidies it. */
async function statusOf(origin: string, target: string): Promise<number> {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1');
  socket.write(`GET ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
  let text = '';
  for await (const chunk of socket) text += (chunk as Buffer).toString('latin1');
  return Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
}

describe.skipIf(program === null)('nginx in front of keys', () => {
  let one: CloudApp;
  let server: Server;
  let cdn: RunningComponent;
  let tile: string;
  /** What came through to nearbox, paths without queries. */
  let asked: string[] = [];
  let now = Date.now() / 1000;
  const signer = new UrlSigner({ secrets: SECRETS, ttlSeconds: 3600, stepSeconds: 1, now: () => now });

  beforeAll(async () => {
    const tokens = staticTokens(tokenListSchema.parse([{ name: 'all', token: KEY, clouds: ['*'] }]));
    one = await cloudApp({ authenticator: new Authenticator({ tokens, signer }) }, {}, ['a/ept', 'b/ept']);
    server = createAdaptorServer({
      fetch: (request: Request, bindings: HttpBindings | Http2Bindings) => {
        asked.push(new URL(request.url).pathname);
        return one.app.fetch(request, bindings);
      },
    }) as Server;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    cdn = await startNginx(program!, documented(origin), ['access']);
    const { version } = await one.reader.cloud('a/ept');
    tile = `/tiles/~${version}/a/ept/nodes/0-0-0-0`;
  });
  beforeEach(() => {
    asked = [];
  });
  afterAll(async () => {
    await cdn?.stop();
    server?.closeAllConnections();
    server?.close();
    await one?.reader.close();
  });

  const get = async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(cdn.origin + path, { headers });
    const bytes = new Uint8Array(await response.arrayBuffer());
    return { status: response.status, bytes };
  };
  const signed = (scope: string, ttlSeconds: number, by = signer) => {
    const { expires, signature } = by.sign(scope, ttlSeconds);
    return String(new URLSearchParams({ scope, expires, signature }));
  };
  const tilesAsked = () => asked.filter((path) => path.startsWith('/tiles/')).length;

  it('two valid signatures share one entry, and one of an older secret as well', async () => {
    const old = new UrlSigner({ secrets: [SECRETS[1]!], ttlSeconds: 3600, stepSeconds: 1, now: () => now });
    const queries = [signed('a', 600), signed('a/ept', 1200), signed('*', 900, old)];
    expect(new Set(queries).size).toBe(3);
    const answers = [];
    for (const query of queries) answers.push(await get(`${tile}?${query}`));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    for (const { bytes } of answers) expect(Buffer.compare(bytes, answers[0]!.bytes)).toBe(0);
    expect(tilesAsked()).toBe(1);
  });

  it('a signature is checked once, and believed for the next tile request of the same URL', async () => {
    const query = signed('a', 700);
    for (let k = 0; k < 3; k++) expect((await get(`${tile}?${query}`)).status).toBe(200);
    expect(asked.filter((path) => path === '/v1/tile-access')).toHaveLength(1);
  });

  it('what is in the cache is closed without a signature, with a changed one, and with one for another cloud', async () => {
    await get(`${tile}?${signed('a', 600)}`);
    asked = [];
    const query = signed('a', 600);
    const other = signed('b', 600);
    const later = query.replace(/expires=(\d+)/, (_, at: string) => `expires=${Number(at) + 60}`);
    for (const [path, status] of [
      [tile, 401],
      [`${tile}?${query}x`, 403],
      [`${tile}?${later}`, 403],
      [`${tile}?${other}`, 403],
      [`${tile}?${other}&scope=a`, 403],
      [`/tiles/~v/../${tile.slice('/tiles/'.length)}?${other}`, 403],
      [`/tiles/b/%2e%2e/${tile.slice('/tiles/'.length)}?${other}`, 403],
    ] as const)
      expect([path, (await get(path)).status]).toEqual([path, status]);
    expect(tilesAsked()).toBe(0);
  });

  it('no writing of a URL reads a closed cloud out of the cache with a signature for another one, or stores one under its key', async () => {
    const open = signed('b', 600);
    const file = tile.slice('/tiles/'.length);
    expect((await get(`${tile}?${signed('a', 600)}`)).status).toBe(200);
    expect((await get(`/tiles/a/ept/ept.json?${signed('a', 600)}`)).status).toBe(200);
    for (const target of [...disguised('a/ept/ept.json'), ...disguised(file)]) {
      asked = [];
      const query = target.includes('#') ? target.replace('#', `?${open}#`) : `${target}?${open}`;
      const status = await statusOf(cdn.origin, query);
      expect([target, [400, 401, 403, 404].includes(status), tilesAsked()]).toEqual([target, true, 0]);
    }
  });

  it('the shipped configuration refuses them as well, and keeps none', async () => {
    const folder = await mkdtemp('/tmp/nearbox-shipped-');
    const shipped = await startShippedNginx(program!, folder, [(server.address() as AddressInfo).port]);
    const file = tile.slice('/tiles/'.length);
    try {
      for (const target of [...disguised('a/ept/ept.json'), ...disguised(file)]) {
        const statuses = [await statusOf(shipped.origin, target), await statusOf(shipped.origin, target)];
        for (const status of statuses)
          expect([target, [400, 401, 403, 404].includes(status)]).toEqual([target, true]);
      }
      const response = await fetch(shipped.origin + tile, { headers: { authorization: `Bearer ${KEY}` } });
      expect(response.status).toBe(200);
      await response.body?.cancel();
    } finally {
      await shipped.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('what is in the cache is closed once the signature has expired', async () => {
    const query = signed('a', 60);
    now += 3600;
    // The tile lies in the cache from the tests before; this URL has not been checked yet.
    expect((await get(`${tile}?${query}`)).status).toBe(403);
    expect(tilesAsked()).toBe(0);
  });

  it('a key opens it too, without putting anything into the cache', async () => {
    const json = '/tiles/b/ept/ept.json';
    const headers = { authorization: `Bearer ${KEY}` };
    expect((await get(json, headers)).status).toBe(200);
    expect((await get(json, headers)).status).toBe(200);
    expect(tilesAsked()).toBe(2);
    expect((await get(json)).status).toBe(401);
    expect((await get(json, { authorization: 'Bearer another-key-altogether' })).status).toBe(401);
  });
});
