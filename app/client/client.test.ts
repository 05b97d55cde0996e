import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NearboxError } from '../../cache/index.ts';
import type { Question } from '../../inference/index.ts';
import type { RpcSchema } from '../api/index.ts';
import { type CloudApp, cloudApp } from '../http/testing/index.ts';
import { NearboxClient, ProblemError } from './client.ts';

let one: CloudApp;
let client: NearboxClient;
const requests: { url: string; init: RequestInit }[] = [];
const questions: Question[] = [];

beforeAll(async () => {
  const predictor = {
    async predict(question: Question): Promise<never> {
      questions.push(question);
      throw new NearboxError('overloaded', 'full', { retryAfterSeconds: 3 });
    },
  };
  one = await cloudApp({ predictor });
  client = new NearboxClient({
    base: 'http://nearbox.test/',
    headers: { authorization: 'Bearer key' },
    fetch: async (url, init) => {
      requests.push({ url, init });
      return one.app.request(url, init);
    },
  });
});
afterAll(() => one.reader.close());

const region = { type: 'sphere' as const, radius: 100 };

describe('NearboxClient', () => {
  it('lists and describes clouds, and says where their nodes are', async () => {
    const listed = [];
    for await (const cloud of client.clouds()) listed.push(cloud);
    expect(listed).toEqual([{ id: 'a/ept', format: 'ept' }]);
    const cloud = await client.cloud('a/ept');
    expect(cloud).toMatchObject({ id: 'a/ept', points: 100 });
    const node = await one.app.request(client.nodeUrl(cloud, '0-0-0-0'));
    expect(node.status).toBe(200);
  });

  it('crops and prefetches', async () => {
    const ply = await client.crop('a/ept', { ...region, center: [32, 32, 32] });
    expect(Buffer.from(ply.subarray(0, 3)).toString()).toBe('ply');
    await expect(client.prefetch(['a/ept'])).resolves.toBeUndefined();
  });

  it('plans', async () => {
    const plan = await client.plan({
      cloud: 'a/ept',
      region: { ...region, center: [32, 32, 32] },
      points: 30,
    });
    expect(plan).toMatchObject({ cloud: { id: 'a/ept' }, truncated: true });
    expect(plan.totals.points).toBeLessThanOrEqual(30);
    const { file } = plan.nodes[0]!;
    expect((await one.app.request(`http://nearbox.test/tiles/${file}`)).status).toBe(200);
  });

  it('asks with its headers and deadline, and throws what the server says', async () => {
    const asked = client.predict(
      { cloud: 'a/ept', region: { type: 'click', position: [1, 2, 3] }, class: 'car' },
      { timeoutMs: 700 },
    );
    await expect(asked).rejects.toBeInstanceOf(ProblemError);
    await expect(asked).rejects.toMatchObject({ code: 'overloaded', status: 503, retryAfterSeconds: 3 });
    expect(questions[0]).toMatchObject({ cloud: 'a/ept', class: 'car' });
    const { url, init } = requests.at(-1)!;
    expect([url, init.method]).toEqual(['http://nearbox.test/v1/predictions', 'POST']);
    expect(Object.fromEntries(new Headers(init.headers))).toEqual({
      authorization: 'Bearer key',
      'content-type': 'application/json',
      'nearbox-cloud': 'a/ept',
      'timeout-ms': '700',
    });
  });

  it('has a problem for each item of a batch that has none', async () => {
    const results = await client.predictBatch('a/ept', [{ region: { type: 'click', position: [1, 2, 3] } }]);
    expect(results).toMatchObject([{ code: 'overloaded' }]);
  });

  it('can tell an answer that is not of the server', async () => {
    const other = new NearboxClient({
      base: 'http://nearbox.test',
      fetch: async () => new Response('<h1>Bad gateway</h1>', { status: 502 }),
    });
    await expect(other.cloud('a')).rejects.toMatchObject({ code: 'unknown', status: 502, problem: null });
  });

  it('has its routes where the server has them', async () => {
    const paths: Record<keyof RpcSchema, string> = {
      '/v1/predictions': '/v1/predictions',
      '/v1/predictions/batch': '/v1/predictions/batch',
      '/v1/crops': '/v1/crops',
      '/v1/plans': '/v1/plans',
      '/v1/prefetch': '/v1/prefetch',
      '/v1/tracks': '/v1/tracks',
      '/v1/clouds': '/v1/clouds',
      '/v1/clouds/:cloud': '/v1/clouds/{cloud}',
      '/tiles/:cloud': '/tiles/{cloud}',
      '/tiles/:cloud/:file': '/tiles/{cloud}/{file}',
      '/tiles/:version/:cloud/nodes/:key': '/tiles/~{version}/{cloud}/nodes/{key}',
    };
    const document = (await (await one.app.request('/openapi.json')).json()) as { paths: object };
    expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(Object.values(paths)));
  });
});
