/** The line of the log that every request has. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NearboxError } from '../../../cache/index.ts';
import { MemorySource } from '../../../cache/testing/index.ts';
import { createLog } from '../../observability/index.ts';
import { type CloudApp, cloudApp } from '../testing/index.ts';

let one: CloudApp;
const written: string[] = [];

beforeAll(async () => {
  one = await cloudApp({ log: createLog((line) => written.push(line)) });
});
afterAll(() => one.reader.close());

/** The lines that a request left. */
async function linesOf(path: string, init?: RequestInit) {
  written.length = 0;
  await one.app.request(path, init);
  for (const line of written) expect(line.indexOf('\n')).toBe(line.length - 1);
  return written.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('the log', () => {
  it('has one line for a request, with its id', async () => {
    const lines = await linesOf('/v1/clouds/a/ept', { headers: { 'x-request-id': 'a "quoted" id' } });
    expect(lines).toEqual([
      {
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        level: 'info',
        message: 'request',
        requestId: 'a "quoted" id',
        method: 'GET',
        route: expect.stringContaining('/v1/clouds/'),
        path: '/v1/clouds/a/ept',
        status: 200,
        ms: expect.any(Number),
      },
    ]);
  });

  it('names the code of a problem', async () => {
    expect(await linesOf('/v1/clouds/none')).toMatchObject([
      { status: 404, code: 'cloud_not_found', level: 'info' },
    ]);
    expect(await linesOf('/no/such')).toMatchObject([{ status: 404, code: 'not_found', route: 'none' }]);
  });

  it('says why, where the failure is on this side', async () => {
    one.source.onRead = (path) => {
      if (path.includes('ept-data')) throw new NearboxError('source_unavailable', `${path}: 503 Slow Down`);
    };
    const body = JSON.stringify({
      cloud: 'a/ept',
      region: { type: 'sphere', center: [32, 32, 8], radius: 9 },
    });
    const headers = { 'content-type': 'application/json' };
    const lines = await linesOf('/v1/crops', { method: 'POST', headers, body });
    one.source.onRead = null;
    const why = expect.stringMatching(/ept-data.*503 Slow Down/);
    expect(lines).toMatchObject([{ status: 502, code: 'source_unavailable', level: 'warn', why }]);
  });

  it('a bug has its stack and then its line, both under the request’s id', async () => {
    const body = JSON.stringify({ cloud: 'a/ept', region: { type: 'click', position: [0, 0, 0] } });
    const headers = { 'content-type': 'application/json', 'x-request-id': 'r1' };
    const lines = await linesOf('/v1/predictions', { method: 'POST', headers, body });
    expect(lines).toMatchObject([
      {
        level: 'error',
        requestId: 'r1',
        error: { stack: expect.stringContaining('no test asks for a box') },
      },
      { level: 'warn', message: 'request', requestId: 'r1', status: 500, code: 'internal' },
    ]);
  });

  it('has neither headers nor queries, where keys and signatures are', async () => {
    const headers = { authorization: 'Bearer verysecret', cookie: 'verysecret', traceparent: 'verysecret' };
    await linesOf('/tiles/a/ept/ept.json?signature=verysecret&expires=1', { headers });
    await linesOf('/v1/clouds?after=verysecret', { headers });
    expect(written.length).toBe(1);
    await linesOf('/no/such?key=verysecret', { headers });
    expect(written.join('')).not.toContain('verysecret');
  });

  it('has nothing of tiles, points and images, of which one view takes hundreds', async () => {
    const image = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    const calibration = { name: 'front', image: 'a.png', focal: [1, 1], centre: [0, 0] };
    const pose = { position: [0, 0, 0], rotation: [0, 0, 0, 1] };
    const file = JSON.stringify({ version: 1, cameras: [{ ...calibration, pose }] });
    const cameras = new MemorySource([
      ['a/ept/cameras.json', new TextEncoder().encode(file)],
      ['a/ept/a.png', image],
    ]);
    const own = await cloudApp({ log: createLog((line) => written.push(line)), cameras });
    written.length = 0;
    const statusOf = async (path: string) => (await own.app.request(path)).status;
    const { version } = (await (await own.app.request('/points/a/ept')).json()) as { version: string };
    expect(await statusOf(`/points/~${version}/a/ept/nodes/0-0-0-0`)).toBe(200);
    expect(await statusOf('/tiles/a/ept/ept.json')).toBe(200);
    expect(await statusOf('/v1/images/a/ept/front')).toBe(200);
    expect(written).toEqual([]);
    expect(await statusOf('/v1/cameras/a/ept')).toBe(200);
    expect(written.map((line) => JSON.parse(line))).toMatchObject([{ route: '/v1/cameras/*' }]);
    await own.reader.close();
  });

  it('has nothing of health checks and scrapes that go well', async () => {
    expect(await linesOf('/healthz')).toEqual([]);
    expect(await linesOf('/metrics')).toEqual([]);
  });

  it('leaves out what is less urgent than asked for', () => {
    const lines: string[] = [];
    const log = createLog((line) => lines.push(line), { level: 'warn' });
    log.info('a');
    log.warn('b');
    log.error('c', { error: new Error('d') });
    expect(lines.map((line) => JSON.parse(line).message)).toEqual(['b', 'c']);
  });
});
