import type { Hono } from 'hono';
import { beforeEach, describe, expect, it } from 'vitest';
import { NearboxError } from '../../cache/index.ts';
import type { Prediction, Predictor, Question } from '../../inference/index.ts';
import type { Clouds } from '../clouds/index.ts';
import { Lifecycle } from '../lifecycle/index.ts';
import { ModelChoice } from '../models/index.ts';
import { type Log, silentLog } from '../observability/index.ts';
import { createApp } from './create-app.ts';
import { Prefetcher } from './routes/prefetch/index.ts';
import { PREDICTION } from './testing/index.ts';

const prediction: Prediction = {
  ...PREDICTION,
  box: { center: [1, 2, 3], size: [4, 2, 1.5], yaw: Math.PI / 2 },
  cloud: { id: 'a/b', version: 'v1' },
};

/** A predictor whose every answer is held by the test. */
class HeldPredictor {
  questions: Question[] = [];
  answer: (question: Question) => Promise<Prediction> = async () => prediction;

  predict(question: Question): Promise<Prediction> {
    this.questions.push(question);
    return this.answer(question);
  }
}

/** Routes that read clouds have tests of their own. */
const reader = {} as Clouds;

let predictor: HeldPredictor;
let lifecycle: Lifecycle;
let logged: unknown[];
let app: Hono;

beforeEach(() => {
  predictor = new HeldPredictor();
  lifecycle = new Lifecycle();
  lifecycle.ready();
  logged = [];
  const log: Log = { ...silentLog, error: (message, fields) => logged.push([message, fields]) };
  app = createApp({
    tracker: { track: () => Promise.reject(new Error('no test asks for a track')) as never },
    predictor: predictor as unknown as Predictor,
    reader,
    models: new ModelChoice({ models: [prediction.model] }),
    prefetcher: new Prefetcher({ reader, log: silentLog }),
    lifecycle,
    log,
    timeoutMs: 5000,
    maxTimeoutMs: 10_000,
    maxBodyBytes: 4096,
  });
});

const click = { cloud: 'a/b', region: { type: 'click', position: [1, 2, 3] } };

function post(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return Promise.resolve(
    app.request('/v1/predictions', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
  );
}

async function expectProblem(response: Response, status: number, code: string) {
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(response.headers.get('cache-control')).toBe('no-store');
  const body = (await response.json()) as Record<string, unknown>;
  expect(body).toMatchObject({ status, code, requestId: response.headers.get('x-request-id') });
  for (const key of ['type', 'title', 'detail']) expect(body[key]).toEqual(expect.any(String));
  return body as { detail: string; errors?: { path: string; message: string }[] };
}

describe('POST /v1/predictions', () => {
  it('answers with the contract’s shape and the timings as Server-Timing', async () => {
    const response = await post(click);
    expect(response.status).toBe(200);
    const body = (await response.json()) as { timings: { totalMs: number } };
    expect(body).toMatchObject({
      id: expect.any(String),
      box: prediction.box,
      quaternion: [0, 0, expect.closeTo(Math.SQRT1_2, 12), expect.closeTo(Math.SQRT1_2, 12)],
      class: 'car',
      score: 0.8,
      method: 'model',
      points: { region: 100, inside: 50 },
      ground: -1.7,
      cloud: { id: 'a/b', version: 'v1' },
      model: { name: 'nearbox', version: '1' },
      cost: prediction.cost,
      alternatives: [],
    });
    expect(body).not.toHaveProperty('fallback');
    expect(Object.keys(body.timings)).toEqual([
      'totalMs',
      'resolveMs',
      'fetchMs',
      'decodeMs',
      'cropMs',
      'queueMs',
      'inferMs',
    ]);
    expect(response.headers.get('server-timing')).toContain('infer;dur=6');
  });

  it('says why when the geometric fit answered', async () => {
    predictor.answer = async () => ({ ...prediction, method: 'geometric', fallback: 'no points' });
    expect(await (await post(click)).json()).toMatchObject({ method: 'geometric', fallback: 'no points' });
  });

  it('passes every field on, and tells a missing sensor from null', async () => {
    await post(click);
    await post({
      ...click,
      sensor: null,
      class: 'van',
      size: [4, 2, 2],
      boxes: [prediction.box],
      alternatives: 1,
      model: '1',
    });
    expect(predictor.questions[0]!.sensor).toBeUndefined();
    expect(predictor.questions[1]).toMatchObject({
      sensor: null,
      class: 'van',
      size: [4, 2, 2],
      others: [prediction.box],
      alternatives: 1,
      model: '1',
    });
  });

  it.each([
    ['an unknown field', { ...click, clas: 'car' }, 'clas'],
    ['an unknown field inside', { ...click, region: { ...click.region, radius: 1 } }, 'region.radius'],
    ['a class that is none', { ...click, class: 'tank' }, 'class'],
    [
      'a position with two values',
      { ...click, region: { type: 'click', position: [1, 2] } },
      'region.position',
    ],
    [
      'a null in a position',
      { ...click, region: { type: 'click', position: [1, null, 2] } },
      'region.position[1]',
    ],
    ['a region that is none', { ...click, region: { type: 'blob' } }, 'region.type'],
    [
      'a radius of 0',
      { ...click, region: { type: 'sphere', center: [0, 0, 0], radius: 0 } },
      'region.radius',
    ],
    ['a negative size', { ...click, size: [1, -1, 1] }, 'size[1]'],
    ['no cloud', { region: click.region }, 'cloud'],
    ['no region', { cloud: 'a' }, 'region'],
  ])('refuses %s with its path', async (_name, body, path) => {
    const problem = await expectProblem(await post(body), 400, 'invalid_request');
    expect(problem.errors!.map((error) => error.path)).toContain(path);
    expect(predictor.questions).toEqual([]);
  });

  it.each([
    ['NaN', '{"cloud":"a","region":{"type":"click","position":[NaN,0,0]}}'],
    ['a number beyond float64', '{"cloud":"a","region":{"type":"click","position":[1e999,0,0]}}'],
    ['half a document', '{"cloud":'],
    ['nothing', ''],
    ['an array', '[]'],
  ])('refuses %s', async (_name, text) => {
    const problem = await expectProblem(await post(text), 400, 'invalid_request');
    expect(problem.errors!.length).toBeGreaterThan(0);
  });

  it('names the first mistakes of many, and how many more there are', async () => {
    const wrong = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`k${i}`, 1]));
    const problem = await expectProblem(await post({ ...click, ...wrong }), 400, 'invalid_request');
    expect(problem.errors).toHaveLength(32);
    expect(problem.detail).toMatch(/; and 168 more$/);
  });

  it('refuses another media type, and none', async () => {
    await expectProblem(await post(click, { 'content-type': 'text/plain' }), 415, 'unsupported_media_type');
    const untyped = await app.request('/v1/predictions', {
      method: 'POST',
      body: new Uint8Array([123, 125]),
    });
    await expectProblem(untyped, 415, 'unsupported_media_type');
  });

  it('refuses a body over the limit, announced or not', async () => {
    const long = JSON.stringify({ ...click, profile: 'x'.repeat(5000) });
    await expectProblem(await post(long, { 'content-length': '5100' }), 413, 'body_too_large');
    await expectProblem(await post(long), 413, 'body_too_large');
  });

  it.each([
    ['of 33 levels', `${'['.repeat(33)}${']'.repeat(33)}`, 'it is nested deeper than 32 levels'],
    ['of brackets that never close', '{"a":'.repeat(800), 'it is nested deeper than 32 levels'],
    ['of countless values', `[${'0,'.repeat(1500)}0]`, 'it has more than 1024 values'],
  ])('refuses a body %s before it is parsed, and says so', async (_name, body, why) => {
    const problem = await expectProblem(await post(body), 400, 'invalid_request');
    expect(problem.detail).toContain(why);
    expect(problem.errors).toEqual([{ path: '', message: expect.stringContaining(why) }]);
  });

  it('maps a typed error to its status and names the request', async () => {
    predictor.answer = async () => {
      throw new NearboxError('region_empty', 'nothing there');
    };
    const problem = await expectProblem(await post(click, { 'x-request-id': 'mine-1' }), 422, 'region_empty');
    expect(problem.detail).toBe('nothing there');
  });

  it('hides what an unexpected error says, and logs it', async () => {
    predictor.answer = async () => {
      throw new TypeError('secret');
    };
    const problem = await expectProblem(await post(click), 500, 'internal');
    expect(problem.detail).not.toContain('secret');
    expect(logged).toHaveLength(1);
  });

  it('gives Retry-After with overloaded', async () => {
    predictor.answer = async () => {
      throw new NearboxError('overloaded', 'full', { retryAfterSeconds: 2.4 });
    };
    const response = await post(click);
    expect(response.headers.get('retry-after')).toBe('3');
    await expectProblem(response, 503, 'overloaded');
  });

  it('aborts the question at the deadline', async () => {
    predictor.answer = ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    await expectProblem(await post(click, { 'timeout-ms': '1' }), 504, 'deadline_exceeded');
  });

  it('clamps Timeout-Ms and refuses one that is no positive number', async () => {
    await post(click, { 'timeout-ms': '99999999' });
    const { deadline } = predictor.questions[0]!;
    expect(deadline - performance.now()).toBeLessThanOrEqual(10_000);
    for (const bad of ['0', '-1', 'soon', 'NaN'])
      await expectProblem(await post(click, { 'timeout-ms': bad }), 400, 'invalid_request');
  });

  it('aborts the question when the client leaves', async () => {
    const client = new AbortController();
    const asked = new Promise<Question>((resolve) => {
      predictor.answer = (question) =>
        new Promise((_, reject) => {
          question.signal.addEventListener('abort', () => reject(question.signal.reason as Error));
          resolve(question);
        });
    });
    const response = app.request('/v1/predictions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(click),
      signal: client.signal,
    });
    const question = await asked;
    client.abort();
    expect((await response).status).toBe(499);
    expect(question.signal.aborted).toBe(true);
  });
});

describe('every answer', () => {
  it('carries the caller’s request id, or one of its own', async () => {
    expect(
      (await app.request('/healthz', { headers: { 'x-request-id': 'abc' } })).headers.get('x-request-id'),
    ).toBe('abc');
    expect((await app.request('/healthz')).headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(
      (await app.request('/healthz', { headers: { 'x-request-id': 'a b' } })).headers.get('x-request-id'),
    ).toBe('a b');
    const long = 'x'.repeat(129);
    expect(
      (await app.request('/healthz', { headers: { 'x-request-id': long } })).headers.get('x-request-id'),
    ).not.toBe(long);
  });

  it('is a problem for a route that is not there', async () => {
    await expectProblem(await app.request('/v1/nothing'), 404, 'not_found');
  });

  it('names the allowed methods', async () => {
    const response = await app.request('/healthz', { method: 'DELETE' });
    await expectProblem(response, 405, 'method_not_allowed');
    expect(response.headers.get('allow')).toBe('GET, HEAD');
  });
});

describe('health', () => {
  it('is alive before it is ready, and not ready while it drains', async () => {
    const starting = new Lifecycle();
    const early = createApp({
      tracker: { track: () => Promise.reject(new Error('no test asks for a track')) as never },
      predictor: predictor as unknown as Predictor,
      reader,
      models: new ModelChoice({ models: [prediction.model] }),
      prefetcher: new Prefetcher({ reader, log: silentLog }),
      lifecycle: starting,
      log: silentLog,
      timeoutMs: 5000,
      maxTimeoutMs: 5000,
      maxBodyBytes: 4096,
    });
    expect((await early.request('/healthz')).status).toBe(200);
    await expectProblem(await early.request('/readyz'), 503, 'overloaded');
    starting.ready();
    expect((await early.request('/readyz')).status).toBe(200);
    starting.drain();
    const draining = await early.request('/readyz');
    expect(draining.headers.get('connection')).toBe('close');
    await expectProblem(draining, 503, 'overloaded');
    expect((await early.request('/healthz')).status).toBe(200);
  });
});
