/** Clouds, tiles and crops over HTTP. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FolderSource } from '../../../../cache/index.ts';
import { CloudReader } from '../../../../octree/index.ts';
import { classOf, colourOf, SMALL_CLOUDS } from '../../../../octree/testing/index.ts';
import { streetCloud } from '../../../testing/index.ts';
import { type CloudApp, cloudApp, expectProblem } from '../../testing/index.ts';

let one: CloudApp;
let version: string;

beforeAll(async () => {
  one = await cloudApp({ corsOrigins: ['https://label.example'] });
  version = (await one.reader.cloud('a/ept')).version;
});

afterAll(() => one.reader.close());

const get = async (url: string, headers: Record<string, string> = {}, method = 'GET') =>
  one.app.request(url, { method, headers });
const stored = (name: string) => Buffer.from(one.source.peek(`a/ept/${name}`)!);
const NODE = 'ept-data/0-0-0-0.bin';

describe('/v1/clouds', () => {
  it('lists clouds, page by page', async () => {
    const body = await (await get('/v1/clouds')).json();
    expect(body).toEqual({ clouds: [{ id: 'a/ept', format: 'ept' }], next: null });
    expect(await (await get('/v1/clouds?after=a%2Fept')).json()).toEqual({ clouds: [], next: null });
  });

  it.each(['limit=0', 'limit=0x10', 'limit=1e2', 'limit=', 'limit=1001', 'limit=x', 'limit=1.5', 'what=1'])(
    'refuses ?%s',
    async (query) => {
      const problem = await expectProblem(await get(`/v1/clouds?${query}`), 400, 'invalid_request');
      expect(problem.errors).toHaveLength(1);
    },
  );

  it('describes a cloud in the contract’s shape', async () => {
    const response = await get('/v1/clouds/a/ept');
    const body = (await response.json()) as object;
    expect(Object.keys(body)).toEqual([
      'id',
      'format',
      'version',
      'bounds',
      'points',
      'spacing',
      'nodes',
      'sensor',
    ]);
    expect(body).toMatchObject({ id: 'a/ept', format: 'ept', version, points: 100, sensor: null });
    expect(response.headers.get('etag')).toBe(`"${version}"`);
    await expectProblem(await get('/v1/clouds/a'), 404, 'cloud_not_found');
    expect((await get('/v1/clouds/a%2fept')).status).toBe(200);
    expect((await get('/v1//clouds/a//ept/')).status).toBe(200);
    await expectProblem(await get('/v1/clouds/a', {}, 'DELETE'), 405, 'method_not_allowed');
  });
});

describe('POST /v1/crops', () => {
  const crop = (body: unknown) =>
    one.app.request('/v1/crops', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  it('is every point of the region as PLY', async () => {
    const region = {
      type: 'polygon',
      ring: [
        [-1, -1],
        [99, -1],
        [99, 99],
        [-1, 99],
      ],
    };
    const response = await crop({ cloud: 'a/ept', region });
    expect(response.status).toBe(200);
    const bytes = Buffer.from(await response.arrayBuffer());
    const header = bytes.subarray(0, bytes.indexOf('end_header\n') + 11);
    expect(header.toString()).toContain('element vertex 100\n');
    expect(bytes.length).toBe(header.length + 100 * 28);
  });

  it('is what a lasso on the screen holds, the nearest of it where that is too much', async () => {
    // From above: the screen is 64 m wide, depth runs from the top of the cloud to its bottom.
    const region = {
      type: 'frustum',
      viewProjection: [1 / 32, 0, 0, 0, 0, 1 / 32, 0, 0, 0, 0, -1 / 32, 0, -1, -1, 1, 1],
      ring: [
        [-1, -1],
        [1, -1],
        [1, 1],
        [-1, 1],
      ],
    };
    const whole = await crop({ cloud: 'a/ept', region });
    expect([whole.status, whole.headers.get('nearbox-truncated')]).toEqual([200, null]);
    const header = async (answer: Response) =>
      Buffer.from(await answer.arrayBuffer())
        .subarray(0, 250)
        .toString('latin1');
    expect(await header(whole)).toContain('element vertex 100\n');

    const small = await cloudApp({}, { maxPoints: 40 });
    const part = await small.app.request('/v1/crops', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ cloud: 'a/ept', region }),
    });
    expect(part.headers.get('nearbox-truncated')).toBe('true');
    expect(await header(part)).toMatch(/\ncomment truncated\nelement vertex [1-4]\d\n/);
    await small.reader.close();
  });

  it.each([
    ['region.viewProjection', { viewProjection: [1, 2] }],
    ['region.viewProjection[3]', { viewProjection: [1, 0, 0, 'x', 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] }],
    ['region.ring', { ring: [[0, 0]] }],
    ['region.ring[0][1]', { ring: [[0, null]] }],
    ['region.eye', { eye: [0, 0, 0] }],
  ])('refuses a lasso on the screen with a wrong %s', async (path, change) => {
    const right = {
      type: 'frustum',
      viewProjection: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
      ring: [
        [0, 0],
        [1, 0],
        [0, 1],
      ],
    };
    const answer = await crop({ cloud: 'a/ept', region: { ...right, ...change } });
    const { errors } = await expectProblem(answer, 400, 'invalid_request');
    expect(errors!.map((error) => error.path)).toContain(path);
  });

  it('has the dimensions that were asked for and that the cloud has', async () => {
    const { files } = await SMALL_CLOUDS['Potree 2 DEFAULT']!();
    for (const [name, bytes] of files) one.source.put(`coloured/${name}`, bytes);
    const region = { type: 'sphere', center: [637290, 4851209, 100], radius: 50 };
    const ask = (query: string) =>
      one.app.request(`/v1/crops?dimensions=${query}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ cloud: 'coloured', region }),
      });
    const bytes = Buffer.from(await (await ask('colour,returnNumber,classification')).arrayBuffer());
    const end = bytes.indexOf('end_header\n') + 11;
    const names = [
      ...bytes
        .subarray(0, end)
        .toString()
        .matchAll(/property ushort (\w+)/g),
    ].map(([, n]) => n);
    expect(names).toEqual(['red', 'green', 'blue', 'classification']);
    expect((bytes.length - end) % 36).toBe(0);
    const intensity = bytes.readFloatLE(end + 24);
    expect([28, 30, 32, 34].map((at) => bytes.readUInt16LE(end + at))).toEqual([
      ...colourOf(intensity),
      classOf(intensity),
    ]);
    for (const wrong of ['', 'size', 'colour,colour', 'colour,'])
      await expectProblem(await ask(wrong), 400, 'invalid_request');
  });

  it('is refused where there is nothing, or too little said', async () => {
    const far = { type: 'sphere', center: [0, 0, 5000], radius: 1 };
    await expectProblem(await crop({ cloud: 'a/ept', region: far }), 422, 'region_empty');
    await expectProblem(await crop({ cloud: 'a/ept' }), 400, 'invalid_request');
    await expectProblem(await crop({ cloud: 'b', region: far }), 404, 'cloud_not_found');
  });
});

describe('/tiles', () => {
  it.each([
    ['/tiles/a/ept/package.json', 'not_found'],
    ['/tiles/a/ept/some/where/notes.txt', 'not_found'],
    ['/tiles/a/ept/ept-data/9-0-0-0.bin', 'not_found'],
    ['/tiles/a/ept', 'not_found'],
    ['/tiles/a/package.json', 'cloud_not_found'],
    ['/tiles/b/ept.json', 'cloud_not_found'],
  ])('%s is %s', async (url, code) => {
    await expectProblem(await get(url), 404, code);
  });

  it.each([
    ['a file', `/tiles/a/ept/${NODE}`, 'public, max-age=5, must-revalidate, no-transform'],
    [
      'a file of a version',
      `/tiles/~VERSION/a/ept/${NODE}`,
      'public, max-age=31536000, immutable, no-transform',
    ],
    ['a node', '/tiles/~VERSION/a/ept/nodes/0-0-0-0', 'public, max-age=31536000, immutable, no-transform'],
  ])('%s: whole, in part, by HEAD, and not again', async (_name, template, cacheControl) => {
    const url = template.replace('VERSION', version);
    const bytes = stored(NODE);
    const whole = await get(url);
    expect(whole.status).toBe(200);
    expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true);
    const { headers } = whole;
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': cacheControl,
      'content-type': 'application/octet-stream',
      'content-encoding': 'identity',
      'content-length': String(bytes.length),
      'accept-ranges': 'bytes',
      'x-request-id': expect.any(String),
    });
    const etag = headers.get('etag')!;
    expect(etag).toMatch(/^"[\w-]{22}"$/);

    const head = await get(url, { range: 'bytes=0-1' }, 'HEAD');
    expect([head.status, head.headers.get('content-length'), head.headers.get('etag')]).toEqual([
      200,
      String(bytes.length),
      etag,
    ]);
    expect((await head.arrayBuffer()).byteLength).toBe(0);

    const part = await get(url, { range: 'bytes=3-12', 'if-range': etag });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 3-12/${bytes.length}`]);
    expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(3, 13))).toBe(true);
    const end = await get(url, { range: 'bytes=-4' });
    expect(Buffer.from(await end.arrayBuffer()).equals(bytes.subarray(-4))).toBe(true);
    expect((await get(url, { range: 'bytes=3-12', 'if-range': '"other"' })).status).toBe(200);

    const past = await get(url, { range: `bytes=${bytes.length}-` });
    expect(past.headers.get('content-range')).toBe(`bytes */${bytes.length}`);
    await expectProblem(past, 416, 'range_not_satisfiable');

    const known = await get(url, { 'if-none-match': `W/"x", ${etag}` });
    expect([known.status, known.headers.get('etag'), known.headers.get('cache-control')]).toEqual([
      304,
      etag,
      cacheControl,
    ]);
    expect((await known.arrayBuffer()).byteLength).toBe(0);
  });

  it.each([
    ['several ranges: all of it', 'bytes=0-1,4-5', 200],
    ['a suffix longer than the file', 'bytes=-999999', 206],
    ['an end behind the file', 'bytes=2-999999', 206],
    ['another unit', 'lines=0-1', 200],
    ['no range at all', 'bytes=', 200],
    ['an end before its start', 'bytes=5-2', 200],
    ['an empty suffix', 'bytes=-0', 416],
    ['a start behind the file', 'bytes=999999-', 416],
  ])('%s', async (_name, range, status) => {
    const bytes = stored(NODE);
    const response = await get(`/tiles/a/ept/${NODE}`, { range });
    expect(response.status).toBe(status);
    const contentRange = response.headers.get('content-range');
    if (status === 200) expect(contentRange).toBeNull();
    if (status === 416) expect(contentRange).toBe(`bytes */${bytes.length}`);
    if (status === 206) {
      const [, from, to] = /^bytes (\d+)-(\d+)\//.exec(contentRange!)!;
      expect(
        Buffer.from(await response.arrayBuffer()).equals(bytes.subarray(Number(from), Number(to) + 1)),
      ).toBe(true);
      expect(Number(to)).toBe(bytes.length - 1);
    }
  });

  it('304 goes before ranges, and If-Range takes no weak tag and no date', async () => {
    const url = `/tiles/a/ept/${NODE}`;
    const etag = (await get(url)).headers.get('etag')!;
    const range = 'bytes=0-1';
    expect((await get(url, { range, 'if-none-match': etag })).status).toBe(304);
    expect((await get(url, { range, 'if-none-match': '*' })).status).toBe(304);
    expect((await get(url, { range, 'if-none-match': '"other"' })).status).toBe(206);
    for (const other of [`W/${etag}`, 'Wed, 21 Oct 2015 07:28:00 GMT'])
      expect((await get(url, { range, 'if-range': other })).status).toBe(200);
    const head = await get(url, { 'if-none-match': etag }, 'HEAD');
    expect([head.status, head.headers.get('etag')]).toEqual([304, etag]);
  });

  it('says what a file is, and never that it is a script', async () => {
    const response = await get('/tiles/a/ept/ept.json');
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('of another version is version_gone', async () => {
    for (const url of [
      `/tiles/~other/a/ept/${NODE}`,
      '/tiles/~other/a/ept/nodes/0-0-0-0',
      `/tiles/~v%20/a/ept/${NODE}`,
    ])
      await expectProblem(await get(url), 404, 'version_gone');
  });

  it('of a version that has passed is version_gone, and the plain URL has the new bytes', async () => {
    const { app, source, reader } = await cloudApp();
    const past = (await reader.cloud('a/ept')).version;
    const before = await app.request(`/tiles/~${past}/a/ept/ept.json`);
    expect([before.status, (await before.json()) as object]).toEqual([200, expect.anything()]);
    const metadata = JSON.parse(Buffer.from(source.peek('a/ept/ept.json')!).toString());
    source.put('a/ept/ept.json', Buffer.from(JSON.stringify({ ...metadata, srs: { wkt: 'new' } })));
    for (const file of ['ept.json', NODE, 'nodes/0-0-0-0'])
      await expectProblem(await app.request(`/tiles/~${past}/a/ept/${file}`), 404, 'version_gone');
    expect(await (await app.request('/tiles/a/ept/ept.json')).json()).toMatchObject({ srs: { wkt: 'new' } });
    await reader.close();
  });

  it.each(['/tiles/a//ept/ept.json', '/tiles/a%2fept/ept.json', '//tiles/a/ept%2f%2fept.json'])(
    'reads %s as /tiles/a/ept/ept.json',
    async (url) => {
      const [response, plain] = [await get(url), await get('/tiles/a/ept/ept.json')];
      expect([response.status, response.headers.get('etag')]).toEqual([200, plain.headers.get('etag')]);
    },
  );

  it.each([
    ['/tiles/a/ept', 404],
    ['/tiles/a/ept/', 404],
    ['/tiles/', 404],
    ['/tiles/a/ept/secret.txt', 404],
    ['/tiles/a/ept/ept-data/secret.bin', 404],
    ['/tiles/a/secret.txt', 404],
    ['/tiles/a/ept/ept-data/0-0-0-9.bin', 404],
    ['/tiles/~VERSION/a/ept/nodes/9-0-0-0', 404],
    ['/tiles/~VERSION/a/ept/nodes/x', 404],
    ['/tiles/~VERSION/a/ept/nodes', 404],
    ['/tiles/~VERSION/nodes/0-0-0-0', 404],
    ['/tiles/~VERSION', 404],
    ['/tiles/a/ept/..%2f..%2fsecret.txt', 400],
    ['/tiles/a/ept/%2e%2e%2fept.json', 400],
    ['/tiles/a/ept/%2e%2e/%2e%2e/%2e%2e/etc/passwd', 404],
    ['/tiles/a/ept/%252e%252e/ept.json', 400],
    ['/tiles/a/ept/..%5c..%5csecret.txt', 400],
    ['/tiles/a/ept/ept.json%00', 400],
    ['/tiles/a/ept/ept.json%0a', 400],
    ['/tiles//etc/passwd', 404],
    ['/tiles/a/~x/ept.json', 400],
    ['/tiles/%ff/ept.json', 400],
    ['/tiles/http:%2f%2f127.0.0.1%2fept.json', 400],
    ['/tiles/http:/127.0.0.1/ept.json', 400],
  ])('refuses %s with %d, and nothing may keep that', async (url, status) => {
    one.source.put('a/ept/secret.txt', Buffer.from('secret'));
    one.source.put('a/ept/ept-data/secret.bin', Buffer.from('secret'));
    one.source.put('a/secret.txt', Buffer.from('secret'));
    const response = await get(url.replace('VERSION', version));
    expect(response.status).toBe(status);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.text()).not.toMatch(/secret$/);
  });

  it('is for the pages that are allowed, with the headers that they need, errors included', async () => {
    for (const url of [`/tiles/a/ept/${NODE}`, '/tiles/none/ept.json', '/v1/clouds']) {
      const { headers } = await get(url, { origin: 'https://label.example' });
      expect(headers.get('access-control-allow-origin')).toBe('https://label.example');
      for (const name of ['ETag', 'Content-Range', 'Server-Timing', 'X-Request-Id'])
        expect(headers.get('access-control-expose-headers')).toContain(name);
      const other = await get(url, { origin: 'https://evil.example' });
      expect(other.headers.get('access-control-allow-origin')).toBeNull();
      expect(other.headers.get('vary')).toBe('Origin');
    }
    for (const [path, method, headers] of [
      [`/tiles/a/ept/${NODE}`, 'GET', 'range,if-range,if-none-match'],
      ['/v1/predictions', 'POST', 'content-type,timeout-ms,traceparent'],
    ] as const) {
      const asked = { 'access-control-request-method': method, 'access-control-request-headers': headers };
      const answer = await get(path, { origin: 'https://label.example', ...asked }, 'OPTIONS');
      expect(answer.status).toBe(204);
      expect(answer.headers.get('access-control-allow-methods')).toContain(method);
      const allowed = answer.headers.get('access-control-allow-headers')!.toLowerCase().split(',');
      expect(allowed).toEqual(expect.arrayContaining(headers.split(',')));
      const other = await get(path, { origin: 'https://evil.example', ...asked }, 'OPTIONS');
      expect(other.headers.get('access-control-allow-origin')).toBeNull();
    }
    const preflight = await get(
      '/v1/predictions',
      { origin: 'https://label.example', 'access-control-request-method': 'POST' },
      'OPTIONS',
    );
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('Timeout-Ms');
    expect(preflight.headers.get('x-request-id')).toEqual(expect.any(String));
  });
});

describe('over a socket, from a folder', () => {
  let cloud: Awaited<ReturnType<typeof streetCloud>>;
  let reader: CloudReader;
  let server: http.Server;
  let port: number;

  beforeAll(async () => {
    cloud = await streetCloud();
    await writeFile(path.join(cloud.root, '..', 'secret.json'), '{}');
    await symlink('../../../secret.json', path.join(cloud.root, 'street', 'ept-data', '9-0-0-0.bin'));
    await mkdir(path.join(cloud.root, 'linked'));
    await symlink('../../secret.json', path.join(cloud.root, 'linked', 'ept.json'));
    reader = new CloudReader({ source: new FolderSource({ root: cloud.root }), decodeWorkers: 1 });
    const { app, reader: unused } = await cloudApp({ reader });
    await unused.close();
    server = createAdaptorServer({ fetch: app.fetch }) as http.Server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as { port: number }).port;
  });

  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await reader.close();
    await cloud.remove();
  });

  /** The path goes out as it stands: fetch would resolve its dots. */
  const raw = (target: string, method = 'GET') =>
    new Promise<{ status: number; headers: http.IncomingHttpHeaders; body: Buffer }>((resolve, reject) => {
      const request = http.request(
        { port, host: '127.0.0.1', path: target, method, agent: false },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () =>
            resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }),
          );
        },
      );
      request.on('error', reject);
      request.end();
    });

  it('lists, and serves files and nodes alike', async () => {
    const listed = JSON.parse((await raw('/v1/clouds')).body.toString());
    expect(listed).toEqual({ clouds: [{ id: 'street', format: 'ept' }], next: null });
    const whole = await raw('/tiles/street/ept-data/0-0-0-0.bin');
    const { version: present } = await reader.cloud('street');
    const node = await raw(`/tiles/~${present}/street/nodes/0-0-0-0`);
    expect([whole.status, node.status]).toEqual([200, 200]);
    expect(node.body.equals(whole.body)).toBe(true);
    const head = await raw('/tiles/street/ept-data/0-0-0-0.bin', 'HEAD');
    expect([head.headers['content-length'], head.body.length]).toEqual([String(whole.body.length), 0]);
  });

  it.each([
    '/tiles/../secret.json',
    '/tiles/street/../../secret.json',
    '/tiles/street/%2e%2e/%2e%2e/secret.json',
    '/tiles/street/..%2f..%2fsecret.json',
    '/tiles/street/..\\..\\secret.json',
    '/tiles/%2e%2e%2fsecret.json',
    '/tiles//../secret.json',
    '/tiles/street/ept-data/9-0-0-0.bin',
    '/tiles/linked/ept.json',
    '/page/../../package.json',
  ])('does not reach %s', async (target) => {
    const { status, body } = await raw(target);
    expect([400, 404]).toContain(status);
    expect(body.toString()).not.toBe('{}');
  });
});
