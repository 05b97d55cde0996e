/**
 * What users rely on, route by route, over a socket: real clouds of three formats, the real network. Other
 * tests have the rest.
 */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { potree1Cloud, potree2Cloud, scatterNodes } from '../../octree/testing/index.ts';
import { boxAnswerSchema, cloudSchema, predictionAnswerSchema, problemSchema } from '../api/index.ts';
import { parseServeConfig } from '../config/index.ts';
import { silentLog } from '../observability/index.ts';
import { type RunningServer, startServer } from '../server/index.ts';
import { CAR, streetCloud } from '../testing/index.ts';

const COPC = new URL('../../octree/formats/copc/fixtures/format-8.copc.laz', import.meta.url);
const [x, y, z] = CAR.center;
const click = { type: 'click', position: [x - 1.6, y - 1.3, z] };

let cloud: Awaited<ReturnType<typeof streetCloud>>;
let server: RunningServer;

beforeAll(async () => {
  cloud = await streetCloud();
  const nodes = scatterNodes(1, 2, 20);
  const potree2 = potree2Cloud(nodes, { encoding: 'UNCOMPRESSED' });
  const potree1 = potree1Cloud(nodes, {
    version: '1.7',
    pointAttributes: ['POSITION_CARTESIAN'],
    fields: [{ size: 12, is: 'position' }],
  });
  await addCloud('b/potree1', potree1);
  await addCloud('b/both', new Map([...potree1, ...potree2]));
  await cp(path.join(cloud.root, 'street'), path.join(cloud.root, 'all'), { recursive: true });
  await addCloud('all', new Map([...potree1, ...potree2]));
  await cp(COPC, path.join(cloud.root, 'z.copc.laz'));
  server = await startServer(
    parseServeConfig({
      clouds: cloud.root,
      port: '0',
      rehearseMs: '0',
      timeoutMs: '30000',
      maxBodyBytes: '20000',
    }),
    silentLog,
  );
});

afterAll(async () => {
  await server.close();
  await cloud.remove();
});

async function addCloud(id: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  for (const [name, bytes] of files) {
    const file = path.join(cloud.root, id, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
}

type Headers = Record<string, string>;
const get = (target: string, headers: Headers = {}, to = server) => fetch(`${to.url}${target}`, { headers });
const post = (target: string, body: unknown, headers: Headers = {}, to = server) =>
  fetch(`${to.url}${target}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const predict = async (more: object = {}) =>
  predictionAnswerSchema
    .strict()
    .parse(await (await post('/v1/predictions', { cloud: 'street', region: click, ...more })).json());

async function expectProblem(response: Response, status: number, code: string) {
  const problem = problemSchema.strict().parse(await response.json());
  expect([response.status, problem.status, problem.code]).toEqual([status, status, code]);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(problem.requestId).toBe(response.headers.get('x-request-id'));
  expect(problem.title).not.toBe('');
  return problem;
}

describe('clouds', () => {
  it('are listed by id, one page at a time, the first format of a folder that has several', async () => {
    const found: { id: string; format: string }[] = [];
    for (let after: string | null = ''; after !== null; ) {
      const response = await get(`/v1/clouds?limit=1&after=${encodeURIComponent(after)}`);
      const page = (await response.json()) as { clouds: typeof found; next: string | null };
      expect(page.clouds.length).toBeLessThanOrEqual(1);
      found.push(...page.clouds);
      after = page.next;
    }
    expect(found).toEqual([
      { id: 'all', format: 'ept' },
      { id: 'b/both', format: 'potree2' },
      { id: 'b/potree1', format: 'potree1' },
      { id: 'street', format: 'ept' },
      { id: 'z.copc.laz', format: 'copc' },
    ]);
    for (const { id, format } of found) {
      const response = await get(`/v1/clouds/${id}`);
      const described = cloudSchema.strict().parse(await response.json());
      expect(described).toMatchObject({ id, format, version: expect.stringMatching(/^[A-Za-z0-9_-]+$/) });
      expect(response.headers.get('etag')).toBe(`"${described.version}"`);
    }
  });

  it('may not be listed where that is off, yet are described', async () => {
    const config = parseServeConfig({ clouds: cloud.root, port: '0', rehearseMs: '0', listClouds: 'no' });
    const closed = await startServer(config, silentLog);
    try {
      await expectProblem(await get('/v1/clouds', {}, closed), 403, 'forbidden');
      expect((await get('/v1/clouds/street', {}, closed)).status).toBe(200);
    } finally {
      await closed.close();
    }
  });

  it('have the same version on every instance; a root that is a cloud has its folder’s name', async () => {
    const root = path.join(cloud.root, 'street');
    const other = await startServer(
      parseServeConfig({ clouds: root, port: '0', rehearseMs: '0' }),
      silentLog,
    );
    try {
      const [here, there] = await Promise.all(
        [server, other].map(async (one) => (await get('/v1/clouds/street', {}, one)).json()),
      );
      expect(there).toEqual(here);
      expect(await (await get('/v1/clouds', {}, other)).json()).toEqual({
        clouds: [{ id: 'street', format: 'ept' }],
        next: null,
      });
      const box = await post('/v1/predictions', { cloud: 'street', region: click }, {}, other);
      expect(box.status).toBe(200);
    } finally {
      await other.close();
    }
  });
});

describe('predictions', () => {
  it('answer in the contract’s shape, and Server-Timing says what timings say', async () => {
    const response = await post('/v1/predictions', { cloud: 'street', region: click });
    const answer = predictionAnswerSchema.strict().parse(await response.json());
    const split = Object.fromEntries(
      response.headers
        .get('server-timing')!
        .split(', ')
        .map((part) => part.split(';dur='))
        .map(([name, ms]) => [`${name}Ms`, Number(ms)]),
    );
    expect(split).toEqual(answer.timings);
    const half = answer.box.yaw / 2;
    expect(answer.quaternion[2]).toBeCloseTo(Math.sin(half), 12);
    expect(answer.quaternion[3]).toBeCloseTo(Math.cos(half), 12);
    expect(answer.cost.memory + answer.cost.disk + answer.cost.origin).toBe(answer.cost.nodes);
  });

  it('keep the class that was chosen, count the click’s sphere as a crop does, and take any yaw', async () => {
    expect((await predict({ class: 'van' })).class).toBe('van');
    const sphere = { type: 'sphere', center: click.position, radius: 5 };
    const ply = Buffer.from(
      await (await post('/v1/crops', { cloud: 'street', region: sphere })).arrayBuffer(),
    );
    const { points } = await predict();
    expect(ply.subarray(0, 200).toString('latin1')).toContain(`element vertex ${points.region}\n`);
    const box = { type: 'box', center: CAR.center, size: [4.8, 2.1, 1.7], yaw: CAR.yaw };
    const turned = { ...box, yaw: CAR.yaw + 40 * Math.PI };
    const [once, again] = [await predict({ region: box }), await predict({ region: turned })];
    expect(again.points).toEqual(once.points);
    expect(again.box.yaw).toBeCloseTo(once.box.yaw, 6);
    expect(Math.abs(again.box.yaw)).toBeLessThanOrEqual(Math.PI);
  });

  it('take the version of the model that answers, by body and by URL', async () => {
    const { version } = (await predict()).model;
    expect((await predict({ model: version })).model.version).toBe(version);
    const url = `/v1/predictions?cloud=street&at=${click.position.join(',')}`;
    const pinned = await get(`${url}&model=${version}`);
    boxAnswerSchema.strict().parse(await pinned.json());
    for (const wrong of ['model=none', 'profile=none']) {
      const { errors } = await expectProblem(await get(`${url}&${wrong}`), 400, 'invalid_request');
      expect(errors!.map((error) => error.path)).toEqual([wrong.split('=')[0]]);
    }
  });

  it('keep to Timeout-Ms', async () => {
    const late = await post('/v1/predictions', { cloud: 'street', region: click }, { 'timeout-ms': '0.001' });
    await expectProblem(late, 504, 'deadline_exceeded');
  });

  it('of a batch come in order, each with its own answer', async () => {
    const items = [
      { region: click, class: 'bus' },
      { region: click, model: 'none' },
      { region: { type: 'click', position: [0, 0, 900] } },
      { region: click, class: 'van' },
    ];
    const response = await post('/v1/predictions/batch', { cloud: 'street', items });
    const { results } = (await response.json()) as { results: { class?: string; code?: string }[] };
    expect(results.map((one) => one.class ?? one.code)).toEqual([
      'bus',
      'invalid_request',
      'region_empty',
      'van',
    ]);
  });
});

const BODIES = {
  '/v1/predictions': { cloud: 'street', region: click },
  '/v1/predictions/batch': { cloud: 'street', items: [{ region: click }] },
  '/v1/crops': { cloud: 'street', region: click },
  '/v1/plans': { cloud: 'street', region: click, spacing: 0.5 },
  '/v1/prefetch': { clouds: ['street'], region: click },
};

describe.each(Object.entries(BODIES))('POST %s', (route, body) => {
  it('refuses what it does not know, with its path', async () => {
    const { errors } = await expectProblem(
      await post(route, { ...body, surprise: 1 }),
      400,
      'invalid_request',
    );
    expect(errors).toEqual([{ path: 'surprise', message: 'unknown field' }]);
  });

  it('refuses another media type', async () => {
    await expectProblem(
      await post(route, body, { 'content-type': 'text/plain' }),
      415,
      'unsupported_media_type',
    );
  });

  it('refuses too long a body, and says by how much', async () => {
    const long = JSON.stringify({ ...body, pad: 'x'.repeat(30_000) });
    const { detail } = await expectProblem(await post(route, long), 413, 'body_too_large');
    expect(detail).toContain(String(long.length));
    expect(detail).toContain('20000');
  });
});

describe('a region that is too large', () => {
  it.each([
    ['nodes', { maxNodes: '2' }, /\d+ nodes.*2/],
    ['points', { maxPoints: '1000' }, /\d+ points.*1000/],
  ])('names the limit of %s and what it would need', async (_name, limit, says) => {
    const small = await startServer(
      parseServeConfig({ clouds: cloud.root, port: '0', rehearseMs: '0', ...limit }),
      silentLog,
    );
    try {
      const region = { type: 'sphere', center: [0, 0, 0], radius: 1000 };
      for (const route of ['/v1/crops', '/v1/plans', '/v1/predictions']) {
        const response = await post(route, { cloud: 'street', region }, {}, small);
        const { detail } = await expectProblem(response, 413, 'region_too_large');
        expect(detail.replaceAll(/[ ,_](?=\d{3})/g, '')).toMatch(says);
      }
    } finally {
      await small.close();
    }
  });
});

describe('every route', () => {
  it.each([
    ['/v1/predictions', 'DELETE', 'GET, HEAD, POST'],
    ['/v1/predictions/batch', 'GET', 'POST'],
    ['/v1/crops', 'PUT', 'POST'],
    ['/v1/plans', 'GET', 'POST'],
    ['/v1/prefetch', 'GET', 'POST'],
    ['/v1/tracks', 'GET', 'POST'],
    ['/v1/feedback', 'GET', 'POST'],
    ['/v1/clouds', 'POST', 'GET, HEAD'],
    ['/v1/clouds/street', 'PATCH', 'GET, HEAD'],
    ['/tiles/street/ept.json', 'PUT', 'GET, HEAD'],
    ['/', 'POST', 'GET, HEAD'],
    ['/openapi.json', 'POST', 'GET, HEAD'],
    ['/docs', 'POST', 'GET, HEAD'],
    ['/metrics', 'POST', 'GET, HEAD'],
    ['/healthz', 'POST', 'GET, HEAD'],
    ['/readyz', 'OPTIONS', 'GET, HEAD'],
  ])('%s refuses %s and names what it allows', async (route, method, allowed) => {
    const response = await fetch(server.url + route, { method });
    const allow = response.headers.get('allow');
    expect(allow?.split(', ').sort().join(', ')).toBe(allowed);
    await expectProblem(response, 405, 'method_not_allowed');
  });

  it.each([
    '/healthz',
    '/readyz',
    '/v1/clouds',
    '/v1/clouds/street',
    '/openapi.json',
    '/docs',
    '/metrics',
    '/',
  ])('%s answers HEAD as GET, without a body', async (route) => {
    const [head, whole] = [await fetch(server.url + route, { method: 'HEAD' }), await get(route)];
    expect([head.status, head.headers.get('content-type'), head.headers.get('etag')]).toEqual([
      200,
      whole.headers.get('content-type'),
      whole.headers.get('etag'),
    ]);
    expect(await head.text()).toBe('');
    await whole.body?.cancel();
  });

  it.each([
    '/healthz',
    '/v1/clouds/street',
    '/tiles/street/ept.json',
    '/points/street',
    '/',
    '/page/none.js',
    '/no/such/route',
    '/v1/clouds/none',
    '/tiles/street/none',
  ])('%s answers with the caller’s request id', async (route) => {
    const response = await get(route, { 'x-request-id': 'caller-7' });
    expect(response.headers.get('x-request-id')).toBe('caller-7');
    await response.body?.cancel();
  });

  it('is closed to pages of other origins unless they are named', async () => {
    for (const route of ['/v1/clouds', '/tiles/street/ept.json', '/healthz']) {
      const response = await get(route, { origin: 'https://label.example' });
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
      await response.body?.cancel();
    }
  });
});
