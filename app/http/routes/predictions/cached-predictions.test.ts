/** `GET /v1/predictions` and `POST /v1/predictions/batch`: the same questions in other clothes. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NearboxError } from '../../../../cache/index.ts';
import type { Prediction, Question } from '../../../../inference/index.ts';
import { boxAnswerSchema, predictionAnswerSchema, problemSchema } from '../../../api/index.ts';
import { type CloudApp, cloudApp, expectProblem, PREDICTION } from '../../testing/index.ts';

let one: CloudApp;
let version: string;
let questions: Question[];
let answer: (question: Question) => Promise<Prediction>;

const predictionOf = (question: Question): Prediction => ({
  ...PREDICTION,
  box: { center: [1, 2, 3], size: [4, 2, 1.5], yaw: 0.5 },
  ground: null,
  cloud: { id: question.cloud, version },
});

beforeAll(async () => {
  const predictor = {
    predict(question: Question) {
      questions.push(question);
      return answer(question);
    },
  };
  one = await cloudApp({ predictor });
  version = (await one.reader.cloud('a/ept')).version;
});

afterAll(() => one.reader.close());

beforeEach(() => {
  questions = [];
  answer = async (question) => predictionOf(question);
});

describe('GET /v1/predictions', () => {
  const get = async (query: string, headers: Record<string, string> = {}) =>
    one.app.request(`/v1/predictions?${query}`, { headers });
  const CLICK = 'cloud=a/ept&at=1,2.5,-3e1';

  it('asks what the body would ask, and has id, cost and timings as headers', async () => {
    const response = await get(`${CLICK}&class=van&size=4,2,1.5&sensor=null&model=1`);
    expect(response.status).toBe(200);
    expect(questions[0]).toMatchObject({
      cloud: 'a/ept',
      region: { type: 'click', position: [1, 2.5, -30] },
      class: 'van',
      size: [4, 2, 1.5],
      sensor: null,
      model: '1',
      others: [],
    });
    const body = (await response.json()) as object;
    expect(boxAnswerSchema.strict().parse(body)).toEqual(body);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      etag: expect.stringMatching(/^"[\w-]{22}"$/),
      'cache-control': 'public, max-age=5, must-revalidate',
      'nearbox-cost': 'nodes=2, bytes=10, memory=1, disk=0, origin=1',
      'nearbox-prediction-id': expect.any(String),
      'server-timing': expect.stringContaining('infer;dur=6'),
    });
  });

  it('tells a sensor that is left out from one that is unknown or known', async () => {
    const tags = [];
    for (const more of ['', '&sensor=null', '&sensor=0,0,0'])
      tags.push((await get(CLICK + more)).headers.get('etag'));
    expect(questions.map(({ sensor }) => sensor)).toEqual([undefined, null, [0, 0, 0]]);
    expect(new Set(tags).size).toBe(3);
  });

  it('is 304 without inference while question, cloud and model stay', async () => {
    const etag = (await get(CLICK)).headers.get('etag')!;
    questions = [];
    const known = await get(CLICK, { 'if-none-match': etag });
    expect([known.status, known.headers.get('etag')]).toEqual([304, etag]);
    expect(questions).toEqual([]);
    expect((await get(`${CLICK}&class=car`, { 'if-none-match': etag })).status).toBe(200);
    expect((await get(CLICK.replace('2.5', '2.6'), { 'if-none-match': etag })).status).toBe(200);
  });

  it('is not to be kept when the geometric fit stood in', async () => {
    answer = async (question) => ({ ...predictionOf(question), method: 'geometric', fallback: 'late' });
    const { headers } = await get(CLICK);
    expect([headers.get('etag'), headers.get('cache-control')]).toEqual([null, 'no-store']);
  });

  it.each([
    ['cloud=a/ept', 'at'],
    ['at=1,2,3', 'cloud'],
    ['cloud=a/ept&at=1,2', 'at'],
    ['cloud=a/ept&at=1,2,x', 'at'],
    ['cloud=a/ept&at=1,,3', 'at'],
    ['cloud=a/ept&at=1,2,Infinity', 'at'],
    ['cloud=a/ept&at=1,2,1e400', 'at[2]'],
    ['cloud=a/ept&at=1,2,3&size=1,-1,1', 'size[1]'],
    ['cloud=a/ept&at=1,2,3&class=tank', 'class'],
    ['cloud=a/ept&at=1,2,3&radius=4', 'radius'],
  ])('refuses ?%s with its path', async (query, path) => {
    const problem = await expectProblem(await get(query), 400, 'invalid_request');
    expect(problem.errors!.map((error) => error.path)).toContain(path);
  });
});

describe('POST /v1/predictions/batch', () => {
  const post = async (body: unknown) =>
    one.app.request('/v1/predictions/batch', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const item = (x: number) => ({ region: { type: 'click', position: [x, 0, 0] } });

  it('answers in order, each with its prediction or its problem', async () => {
    answer = async (question) => {
      const x = question.region.type === 'click' ? question.region.position[0] : Number.NaN;
      if (x === 1) throw new NearboxError('region_empty', 'nothing there');
      if (x === 2) throw new TypeError('secret');
      return { ...predictionOf(question), score: x / 10 };
    };
    const response = await post({ cloud: 'a/ept', items: [0, 1, 2, 3].map(item) });
    expect(response.status).toBe(200);
    const { results } = (await response.json()) as { results: Record<string, unknown>[] };
    expect(results.map(({ score, code }) => score ?? code)).toEqual([0, 'region_empty', 'internal', 0.3]);
    expect(predictionAnswerSchema.strict().parse(results[0])).toEqual(results[0]);
    expect(problemSchema.strict().parse(results[2])).toEqual(results[2]);
    expect(JSON.stringify(results)).not.toContain('secret');
  });

  it('works on no more than four at once', async () => {
    let running = 0;
    let most = 0;
    const waiting: (() => void)[] = [];
    answer = async (question) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        if (waiting.length === 4 || questions.length === 10) for (const go of waiting.splice(0)) go();
      });
      running -= 1;
      return predictionOf(question);
    };
    const { results } = (await (
      await post({ cloud: 'a/ept', items: Array.from({ length: 10 }, (_, k) => item(k)) })
    ).json()) as {
      results: unknown[];
    };
    expect([results.length, most]).toEqual([10, 4]);
  });

  it.each([
    ['no items', { cloud: 'a', items: [] }, 'items'],
    ['too many', { cloud: 'a', items: Array.from({ length: 65 }, () => item(0)) }, 'items'],
    ['a cloud in an item', { cloud: 'a', items: [{ ...item(0), cloud: 'b' }] }, 'items[0].cloud'],
    ['an item without region', { cloud: 'a', items: [item(0), {}] }, 'items[1].region'],
  ])('refuses %s', async (_name, body, path) => {
    const problem = await expectProblem(await post(body), 400, 'invalid_request');
    expect(problem.errors!.map((error) => error.path)).toContain(path);
  });
});
