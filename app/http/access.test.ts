/**
 * Keys over HTTP: every route of the table without a key, with one of another cloud, and with the right one.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Authenticator, staticTokens, tokenListSchema, UrlSigner } from '../access/index.ts';
import { RateLimits } from '../limits/index.ts';
import { appRoutes } from './create-app.ts';
import { Metrics } from './metrics/index.ts';
import { type CloudApp, cloudApp, expectProblem } from './testing/index.ts';

const KEYS = { a: 'a-key-that-opens-a', b: 'a-key-that-opens-b', all: 'a-key-that-opens-all' } as const;
const SECRET = 'a-secret-of-at-least-32-characters-1';

const tokens = staticTokens(
  tokenListSchema.parse([
    { name: 'a', token: KEYS.a, clouds: ['a'] },
    { name: 'b', token: KEYS.b, clouds: ['ab', 'b'] },
    { name: 'all', token: KEYS.all, clouds: ['*'] },
  ]),
);
let now = 1_000_000;
const signer = new UrlSigner({ secrets: [SECRET], ttlSeconds: 3600, stepSeconds: 60, now: () => now });
const authenticator = new Authenticator({ tokens, signer });

let one: CloudApp;
let version: string;

beforeAll(async () => {
  one = await cloudApp({ authenticator, metricsKey: 'yes' }, {}, ['a/ept', 'ab/ept', 'c/d/ept']);
  version = (await one.reader.cloud('a/ept')).version;
});
afterAll(() => one.reader.close());

function ask(path: string, { key, body, headers = {}, method }: RequestParts = {}): Promise<Response> {
  return Promise.resolve(
    one.app.request(path, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }),
  );
}
interface RequestParts {
  readonly key?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly method?: string;
}

const click = { type: 'click', position: [30, 30, 30] };
const sphere = { type: 'sphere', center: [32, 32, 32], radius: 100 };
const item = { region: click };

/** A request of each route that reads clouds. */
const OF_CLOUD: [name: string, path: string, body: unknown][] = [
  ['predictions', '/v1/predictions', { cloud: 'a/ept', region: click }],
  ['a prediction as a URL', '/v1/predictions?cloud=a/ept&at=1,2,3', undefined],
  ['a batch', '/v1/predictions/batch', { cloud: 'a/ept', items: [item, item] }],
  ['crops', '/v1/crops', { cloud: 'a/ept', region: sphere }],
  ['plans', '/v1/plans', { cloud: 'a/ept', region: sphere }],
  ['a cloud', '/v1/clouds/a/ept', undefined],
  ['cameras', '/v1/cameras/a/ept', undefined],
  ['an image', '/v1/images/a/ept/front', undefined],
  ['a tile', '/tiles/a/ept/ept.json', undefined],
  ['a tile of a version', '/tiles/~v/a/ept/ept.json', undefined],
  ['a node', '/tiles/~v/a/ept/nodes/0-0-0-0', undefined],
  ['prefetch', '/v1/prefetch', { clouds: ['a/ept'] }],
  ['prefetch of several, one of them closed', '/v1/prefetch', { clouds: ['ab/ept', 'a/ept'] }],
  ['the page’s cloud', '/points/a/ept', undefined],
  ['the page’s hierarchy', '/points/~v/a/ept/hierarchy/0-0-0-0', undefined],
  ['the page’s nodes', '/points/~v/a/ept/nodes/0-0-0-0', undefined],
  ['a signature', '/v1/tile-urls', { scope: 'a/ept' }],
  ['a signature for a folder', '/v1/tile-urls', { scope: 'a' }],
];
const at = (path: string) => path.replace('~v', `~${version}`);

describe('without a key', () => {
  it('no route answers that needs one, whatever the request', async () => {
    const routes = appRoutes(
      { reader: one.reader, authenticator, metricsKey: 'yes' } as never,
      new Metrics(),
    );
    const locked = routes.filter(({ access }) => access !== 'open');
    expect(locked.length).toBeGreaterThan(10);
    for (const { method, path } of locked) {
      const response = await ask(path.replace('*', 'a/ept'), { method });
      await expectProblem(response, 401, 'unauthorized');
      expect(response.headers.get('www-authenticate')).toBe('Bearer realm="nearbox"');
    }
  });

  it('every route of clouds is among those that need one', () => {
    const routes = appRoutes({ reader: one.reader, authenticator } as never, new Metrics());
    const open = routes.filter(({ access }) => access === 'open').map(({ path }) => path);
    expect(open.sort()).toEqual(
      [
        '/',
        '/docs',
        '/favicon.ico',
        '/healthz',
        '/metrics',
        '/openapi.json',
        '/page/:name',
        '/readyz',
        '/v1/tile-access',
      ].sort(),
    );
  });

  it('health and documents answer', async () => {
    for (const path of ['/healthz', '/readyz', '/openapi.json', '/docs'])
      expect((await ask(path)).status, path).toBe(200);
  });

  it.each(OF_CLOUD)('%s: 401', async (_name, path, body) => {
    await expectProblem(await ask(at(path), { body }), 401, 'unauthorized');
  });
});

describe('with a bad key', () => {
  it.each([
    ['one that is not known', `Bearer ${KEYS.a}x`],
    ['another scheme', `Basic ${KEYS.a}`],
    ['no scheme', KEYS.a],
    ['nothing', 'Bearer '],
    ['two', `Bearer ${KEYS.a} ${KEYS.a}`],
    ['two with a comma', `Bearer ${KEYS.a}, Bearer ${KEYS.all}`],
    ['one of 100,000 characters', `Bearer ${'x'.repeat(100_000)}`],
  ])('%s: 401 invalid_token', async (_name, authorization) => {
    const response = await ask('/v1/clouds', { headers: { authorization } });
    await expectProblem(response, 401, 'unauthorized');
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="nearbox", error="invalid_token"');
  });

  it('a key in the URL is none', async () => {
    const response = await ask(`/tiles/a/ept/ept.json?access_token=${KEYS.all}`);
    await expectProblem(response, 401, 'unauthorized');
  });
});

describe('with a key of other clouds', () => {
  it.each(OF_CLOUD)('%s: 403', async (_name, path, body) => {
    await expectProblem(await ask(at(path), { body, key: KEYS.b }), 403, 'forbidden');
  });

  it('a cloud that is not there is refused in the same words', async () => {
    const texts = [];
    for (const id of ['a/ept', 'a/no']) {
      const { detail } = await expectProblem(
        await ask(`/v1/clouds/${id}`, { key: KEYS.b }),
        403,
        'forbidden',
      );
      texts.push(detail.replace(id, ''));
    }
    expect(texts[0]).toBe(texts[1]);
  });

  it('a listing has only what the key opens, and no name of anything else', async () => {
    const lists = [];
    for (const key of [KEYS.a, KEYS.b, KEYS.all]) {
      const text = await (await ask('/v1/clouds', { key })).text();
      lists.push((JSON.parse(text) as { clouds: { id: string }[] }).clouds.map(({ id }) => id));
    }
    expect(lists).toEqual([['a/ept'], ['ab/ept'], ['a/ept', 'ab/ept', 'c/d/ept']]);
    const first = (await (await ask('/v1/clouds?limit=1', { key: KEYS.b })).json()) as {
      next: string | null;
    };
    expect([null, 'ab/ept']).toContain(first.next);
  });

  it('no URL is signed for more than it opens', async () => {
    for (const scope of ['*', 'b/../a', 'a'])
      expect((await ask('/v1/tile-urls', { key: KEYS.b, body: { scope } })).status).toBeGreaterThanOrEqual(
        400,
      );
    expect((await ask('/v1/tile-urls', { key: KEYS.b, body: { scope: 'b/x' } })).status).toBe(200);
  });
});

describe('with the right key', () => {
  it('answers are for the caller, and for no shared cache', async () => {
    for (const path of [
      '/v1/clouds/a/ept',
      '/tiles/a/ept/ept.json',
      '/tiles/~v/a/ept/ept.json',
      '/points/~v/a/ept/nodes/0-0-0-0',
    ]) {
      const response = await ask(at(path), { key: KEYS.a });
      expect(response.status, path).toBe(200);
      expect(response.headers.get('cache-control'), path).not.toContain('public');
    }
    const tile = await ask(at('/tiles/~v/a/ept/ept.json'), { key: KEYS.a });
    expect(tile.headers.get('cache-control')).toBe('private, max-age=31536000, immutable, no-transform');
    const etag = tile.headers.get('etag')!;
    const fresh = await ask(at('/tiles/~v/a/ept/ept.json'), {
      key: KEYS.a,
      headers: { 'if-none-match': etag },
    });
    expect([fresh.status, fresh.headers.get('cache-control')]).toEqual([
      304,
      'private, max-age=31536000, immutable, no-transform',
    ]);
  });

  it('metrics answer where the option asks for a key', async () => {
    expect((await ask('/metrics', { key: KEYS.a })).status).toBe(200);
  });
});

describe('a signed tile URL', () => {
  const mint = async (scope: string) => {
    const response = await ask('/v1/tile-urls', { key: KEYS.all, body: { scope, ttlSeconds: 600 } });
    return (await response.json()) as { query: string; expires: number };
  };

  it('opens every tile of its scope, and may be kept by a CDN', async () => {
    const { query, expires } = await mint('a');
    expect(expires).toBeGreaterThan(now);
    for (const path of ['/tiles/~v/a/ept/ept.json', '/tiles/~v/a/ept/nodes/0-0-0-0']) {
      const response = await ask(`${at(path)}?${query}`);
      expect([path, response.status]).toEqual([path, 200]);
      expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable, no-transform');
    }
    expect((await ask(`/tiles/a/ept/ept.json?${query}`)).headers.get('cache-control')).toContain(
      'public, max-age=5',
    );
  });

  it('opens nothing else: no other cloud, no other route', async () => {
    const { query } = await mint('a');
    for (const path of [
      '/tiles/ab/ept/ept.json',
      '/tiles/c/d/ept/ept.json',
      '/tiles/a/../ab/ept/ept.json',
      '/tiles/a/%2e%2e/ab/ept/ept.json',
    ])
      await expectProblem(await ask(`${path}?${query}`), 403, 'forbidden');
    for (const path of ['/v1/clouds', '/v1/clouds/a/ept', '/points/a/ept', '/v1/predictions'])
      await expectProblem(await ask(`${path}?${query}`), 401, 'unauthorized');
  });

  it('is refused when changed, also beside a right key, and when it has expired', async () => {
    const { query } = await mint('a');
    const changed = query.replace(/scope=a/, 'scope=ab');
    await expectProblem(await ask(`/tiles/ab/ept/ept.json?${changed}`), 403, 'forbidden');
    await expectProblem(await ask(`/tiles/a/ept/ept.json?${changed}`, { key: KEYS.all }), 403, 'forbidden');
    await expectProblem(await ask(`/tiles/a/ept/ept.json?${query}&scope=a`), 400, 'invalid_request');
    now += 3600;
    await expectProblem(await ask(`/tiles/a/ept/ept.json?${query}`), 403, 'forbidden');
  });

  it('cannot be had from a server without secrets', async () => {
    const { app, reader } = await cloudApp({ authenticator: new Authenticator({ tokens, signer: null }) });
    const { query } = await mint('a');
    const headers = { authorization: `Bearer ${KEYS.a}`, 'content-type': 'application/json' };
    const asked = await app.request('/v1/tile-urls', { method: 'POST', headers, body: '{"scope":"a"}' });
    await expectProblem(asked, 403, 'forbidden');
    await expectProblem(await app.request(`/tiles/a/ept/ept.json?${query}`), 401, 'unauthorized');
    await reader.close();
  });
});

describe('GET /v1/tile-access, for a cache in front', () => {
  const check = (original: string | undefined, key?: string) =>
    ask('/v1/tile-access', {
      headers: original === undefined ? {} : { 'x-original-uri': original },
      ...(key !== undefined && { key }),
    });

  it('says what the tile route would say of the signature or the key', async () => {
    const { query } = (await (await ask('/v1/tile-urls', { key: KEYS.a, body: { scope: 'a' } })).json()) as {
      query: string;
    };
    expect((await check(`/tiles/~v1/a/ept/nodes/0-0-0-0?${query}`)).status).toBe(204);
    expect((await check('/tiles/a/ept/ept.json', KEYS.a)).status).toBe(204);
    for (const path of ['/tiles/ab/x', '/tiles/~v/ab/x', '/tiles/a/../ab/x', '/tiles/a/%2e%2e/ab/x'])
      await expectProblem(await check(`${path}?${query}`), 403, 'forbidden');
    await expectProblem(await check(`/tiles/a/x?${query}x`), 403, 'forbidden');
    await expectProblem(await check(`/tiles/a/x?${query}&scope=a`), 403, 'forbidden');
    await expectProblem(await check('/tiles/ab/ept/ept.json', KEYS.a), 403, 'forbidden');
    await expectProblem(await check('/tiles/a/ept/ept.json'), 401, 'unauthorized');
  });

  it.each([undefined, '', '/', '/v1/clouds', '//host/tiles/a', 'http://host/tiles/a', '/tiles/../v1/clouds'])(
    'refuses what names no tile: %j',
    async (original) => {
      await expectProblem(await check(original, KEYS.all), 403, 'forbidden');
    },
  );
});

describe('without keys', () => {
  it('everything is open and public, as before', async () => {
    const { app, reader } = await cloudApp();
    const response = await app.request('/tiles/a/ept/ept.json');
    expect(response.headers.get('cache-control')).toContain('public');
    await reader.close();
  });

  it('an answer of a route that forgot to ask is held back', async () => {
    const { app, reader } = await cloudApp({
      page: {
        routes: [
          {
            method: 'GET',
            path: '/forgetful',
            access: 'clouds',
            handler: async () => new Response('points'),
          } as never,
        ],
      },
    });
    await expectProblem(await app.request('/forgetful'), 500, 'internal');
    await reader.close();
  });
});

describe('requests that say a thing twice, or in another coding', () => {
  it.each(['/v1/clouds?limit=1&limit=2', '/v1/predictions?cloud=a&cloud=b&at=1,2,3', '/healthz?x=1&x=1'])(
    '%s: 400',
    async (path) => {
      const { errors } = await expectProblem(await ask(path, { key: KEYS.all }), 400, 'invalid_request');
      expect(errors).toHaveLength(1);
    },
  );

  it.each(['gzip', 'br', 'identity, gzip', 'x'])('a body in Content-Encoding %s: 415', async (encoding) => {
    const body = { cloud: 'a/ept', region: sphere };
    const response = await ask('/v1/crops', { key: KEYS.a, body, headers: { 'content-encoding': encoding } });
    await expectProblem(response, 415, 'unsupported_media_type');
    const plain = await ask('/v1/crops', { key: KEYS.a, body, headers: { 'content-encoding': 'identity' } });
    expect(plain.status).toBe(200);
  });
});

describe('rate limits', () => {
  const limited = async (points: number) => {
    const limits = new RateLimits({ points, windowSeconds: 60, maxCallers: 100 });
    const { app, reader } = await cloudApp({ authenticator, limits, clientAddressHeader: 'x-client' }, {}, [
      'a/ept',
      'b/ept',
    ]);
    const send = (path: string, key: string, body?: unknown, address = '192.0.2.1') =>
      app.request(path, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          authorization: `Bearer ${key}`,
          'x-client': address,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
    return { send, close: () => reader.close() };
  };

  it('end a caller’s quota with 429, Retry-After and RateLimit, and nobody else’s', async () => {
    const { send, close } = await limited(3);
    for (const left of [2, 1, 0]) {
      const response = await send('/tiles/a/ept/ept.json', KEYS.a);
      expect([response.status, response.headers.get('ratelimit')]).toEqual([
        200,
        expect.stringContaining(`"caller";r=${left};t=`),
      ]);
    }
    const spent = await send('/tiles/a/ept/ept.json', KEYS.a);
    expect(spent.headers.get('ratelimit-policy')).toBe('"caller";q=3;w=60');
    const seconds = Number(spent.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    await expectProblem(spent, 429, 'too_many_requests');
    // The same address with another key is another caller; the same key from elsewhere is not.
    expect((await send('/tiles/a/ept/ept.json', KEYS.all)).status).toBe(200);
    await expectProblem(
      await send('/tiles/a/ept/ept.json', KEYS.a, undefined, '192.0.2.9'),
      429,
      'too_many_requests',
    );
    expect((await send('/healthz', KEYS.a)).status).toBe(200);
    await close();
  });

  it('count each item of a batch and each cloud of a prefetch', async () => {
    const { send, close } = await limited(100);
    const quota = async (path: string, body: unknown) =>
      (await send(path, KEYS.all, body)).headers.get('ratelimit');
    expect(await quota('/v1/prefetch', { clouds: ['a/ept', 'b/ept'] })).toContain('r=80;');
    expect(await quota('/v1/predictions/batch', { cloud: 'a/ept', items: [item, item, item] })).toContain(
      'r=50;',
    );
    const tooMany = await send('/v1/predictions/batch', KEYS.all, {
      cloud: 'a/ept',
      items: Array.from({ length: 6 }, () => item),
    });
    await expectProblem(tooMany, 429, 'too_many_requests');
    await close();
  });

  it('count failed attempts against their address, whatever key they try', async () => {
    const { send, close } = await limited(5);
    const statuses = [];
    for (let k = 0; k < 7; k++)
      statuses.push((await send('/v1/clouds/a/ept', `guess-number-${k}-of-many`)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
    expect((await send('/v1/clouds/a/ept', 'a-guess-from-elsewhere', undefined, '198.51.100.1')).status).toBe(
      401,
    );
    await close();
  });
});
