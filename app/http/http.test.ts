/** The whole contract over a real socket: real octree, real threads, the real network. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boxAnswerSchema, predictionAnswerSchema, problemSchema } from '../api/index.ts';
import { parseServeConfig } from '../config/index.ts';
import { silentLog } from '../observability/index.ts';
import { type RunningServer, startServer } from '../server/index.ts';
import { CAR, streetCloud } from '../testing/index.ts';
import { hasPython } from './testing/index.ts';

let cloud: Awaited<ReturnType<typeof streetCloud>>;
let server: RunningServer;

beforeAll(async () => {
  cloud = await streetCloud();
  server = await startServer(
    parseServeConfig({ clouds: cloud.root, port: '0', rehearseMs: '0', timeoutMs: '30000' }),
    silentLog,
  );
});

afterAll(async () => {
  await server.close();
  await cloud.remove();
});

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${server.url}${path}`, { headers });
const post = (path: string, body: unknown) =>
  fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const [x, y, z] = CAR.center;
const region = { type: 'click', position: [x - 1.6, y - 1.3, z] };

describe('a running server', () => {
  it('gives one box to one question, by body, by URL and in a batch', async () => {
    const byBody = predictionAnswerSchema
      .strict()
      .parse(await (await post('/v1/predictions', { cloud: 'street', region })).json());
    const url = `/v1/predictions?cloud=street&at=${region.position.join(',')}`;
    const first = await get(url);
    const byUrl = boxAnswerSchema.strict().parse(await first.json());
    expect(byUrl.box).toEqual(byBody.box);
    expect((await get(url, { 'if-none-match': first.headers.get('etag')! })).status).toBe(304);

    const far = { type: 'click', position: [0, 0, 500] };
    const batch = await post('/v1/predictions/batch', {
      cloud: 'street',
      items: [{ region }, { region: far }],
    });
    const { results } = (await batch.json()) as { results: unknown[] };
    expect(predictionAnswerSchema.parse(results[0]).box).toEqual(byBody.box);
    expect(problemSchema.parse(results[1])).toMatchObject({ code: 'region_empty', status: 422 });
  });

  it('crops what it counts', async () => {
    const answer = predictionAnswerSchema.parse(
      await (await post('/v1/predictions', { cloud: 'street', region })).json(),
    );
    const ply = Buffer.from(await (await post('/v1/crops', { cloud: 'street', region })).arrayBuffer());
    expect(ply.subarray(0, 200).toString('latin1')).toContain(`element vertex ${answer.points.region}\n`);
  });

  it('lists its clouds and gives out their tiles by version', async () => {
    expect(await (await get('/v1/clouds')).json()).toEqual({
      clouds: [{ id: 'street', format: 'ept' }],
      next: null,
    });
    const { version } = (await (await get('/v1/clouds/street')).json()) as { version: string };
    const node = await get(`/tiles/~${version}/street/nodes/0-0-0-0`, { range: 'bytes=0-9' });
    expect([node.status, (await node.arrayBuffer()).byteLength]).toEqual([206, 10]);
  });

  it('takes work to prefetch', async () => {
    expect((await post('/v1/prefetch', { clouds: ['street'], region })).status).toBe(202);
  });

  it.runIf(hasPython() || process.env.NEARBOX_REQUIRE_COMPONENTS === '1')(
    'answers docs/examples/predict.py',
    async () => {
      const example = fileURLToPath(new URL('../../docs/examples/predict.py', import.meta.url));
      const folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-python-'));
      const args = [example, server.url, 'street', ...region.position.map(String)];
      const { stdout } = await promisify(execFile)('python3', args, { cwd: folder });
      expect(stdout).toContain('class: car score: 0.');
      expect(stdout).toContain('asked again: not modified');
      expect((await stat(path.join(folder, 'crop.ply'))).size).toBeGreaterThan(1000);
      await rm(folder, { recursive: true });
    },
  );

  it('has its page, its documents and its metrics', async () => {
    for (const [path, type] of [
      ['/', 'text/html'],
      ['/docs', 'text/html'],
      ['/openapi.json', 'application/json'],
      ['/points/street', 'application/json'],
      ['/metrics', 'text/plain'],
    ] as const) {
      const response = await get(path);
      expect([path, response.status]).toEqual([path, 200]);
      expect(response.headers.get('content-type')).toContain(type);
    }
    const metrics = await (await get('/metrics')).text();
    expect(metrics).toMatch(/^nearbox_cache_hits_total\{tier="tiles"\} [1-9]/m);
    expect(metrics).toMatch(/^nearbox_queue_limit\{queue="inference"\} 256$/m);
    expect(metrics).toMatch(/^nearbox_inference_duration_seconds_count [1-9]/m);
  });
});
