import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { abortable, NearboxError } from '../../../../cache/index.ts';
import type { TrackLine, TrackQuestion } from '../../../../inference/index.ts';
import { trackLineSchema } from '../../../api/index.ts';
import { RateLimits } from '../../../limits/index.ts';
import { type CloudApp, cloudApp, expectProblem } from '../../testing/index.ts';

const box = { center: [1, 2, 3], size: [4, 2, 1.5], yaw: 0.5 } as const;
const LINES: TrackLine[] = [
  { id: 'a', track: { static: true, size: box.size, sizeFrom: 0, frames: 2 } },
  {
    id: 'a',
    frame: 0,
    box,
    score: 1,
    status: 'keyframe',
    method: 'keyframe',
    points: 9,
    velocity: [0, 0, 0],
    final: true,
  },
  { id: 'a', frame: 1, lost: 'no_points', final: true },
  {
    done: true,
    cost: { nodes: 1, bytes: 2, memory: 0, disk: 0, origin: 1 },
    timings: { totalMs: 1, readMs: 1, fitMs: 1 },
  },
];

let one: CloudApp;
let questions: TrackQuestion[];
let answer: (question: TrackQuestion) => AsyncGenerator<TrackLine>;

beforeAll(async () => {
  const tracker = {
    track(question: TrackQuestion) {
      questions.push(question);
      return answer(question);
    },
  };
  one = await cloudApp({ tracker, maxTracks: 2, trackTimeoutMs: 60_000, maxBodyBytes: 1 << 20 });
});
afterAll(() => one.reader.close());
beforeEach(() => {
  questions = [];
  answer = async function* () {
    yield* LINES;
  };
});

const frames = [{ cloud: 'a/ept' }, { cloud: 'a/ept' }];
const object = { id: 'a', keyframes: [{ frame: 0, box }] };
const post = (body: unknown, headers: Record<string, string> = {}, init: RequestInit = {}) =>
  one.app.request('/v1/tracks', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    ...init,
  });

describe('POST /v1/tracks', () => {
  it('streams a line of JSON for each line of the track', async () => {
    const response = await post({ frames, objects: [object] });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const lines = (await response.text()).split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.map((line) => JSON.parse(line))).toEqual(LINES);
    for (const line of lines) trackLineSchema.parse(JSON.parse(line));
  });

  it('passes everything on, with the defaults of the contract', async () => {
    await (await post({ frames, objects: [object] })).text();
    expect(questions[0]).toMatchObject({
      frames,
      objects: [
        { id: 'a', class: null, keyframes: [{ frame: 0, box, confirmed: true }], locked: [], absent: [] },
      ],
      direction: 'both',
      range: [0, 1],
      profile: null,
      model: '1',
    });
    expect(questions[0]!.objects[0]!.static).toBeUndefined();
    const full = { ...object, class: 'car', static: false, locked: [0], absent: [1] };
    const rest = { direction: 'forward', range: [0, 0], profile: 'kitti', model: '1' };
    await (await post({ frames, objects: [full], ...rest })).text();
    expect(questions[1]).toMatchObject({ objects: [{ ...full, keyframes: [{ frame: 0 }] }], ...rest });
  });

  it('takes one object in the short form, whose id is null', async () => {
    await (await post({ frames, keyframes: object.keyframes, class: 'van' })).text();
    expect(questions[0]!.objects).toMatchObject([{ id: null, class: 'van', keyframes: [{ frame: 0 }] }]);
  });

  const pose = { position: [0, 0, 0], rotation: [0, 0, 0, 1] };
  it.each<[string, object, string[]]>([
    [
      'poses for some frames',
      { frames: [{ cloud: 'a/ept', pose }, ...frames] },
      ['frames[1].pose', 'frames[2].pose'],
    ],
    [
      'timestamps that fall',
      { frames: [2, 1.5].map((timestamp) => ({ cloud: 'a/ept', timestamp })) },
      ['frames[1].timestamp'],
    ],
    [
      'timestamps for some frames',
      { frames: [{ cloud: 'a/ept', timestamp: 1 }, { cloud: 'a/ept' }] },
      ['frames[1].timestamp'],
    ],
    [
      'a quaternion that is none',
      { frames: [{ cloud: 'a/ept', pose: { ...pose, rotation: [0, 0, 0, 0] } }] },
      ['frames[0].pose.rotation'],
    ],
    ['no frames', { frames: [] }, ['frames']],
    [
      'a keyframe in no frame',
      { objects: [{ id: 'a', keyframes: [{ frame: 2, box }] }] },
      ['objects[0].keyframes[0].frame'],
    ],
    [
      'two keyframes in a frame',
      { objects: [{ id: 'a', keyframes: [object.keyframes[0], object.keyframes[0]] }] },
      ['objects[0].keyframes[1].frame'],
    ],
    ['no keyframe', { objects: [{ id: 'a', keyframes: [] }] }, ['objects[0].keyframes']],
    ['a locked frame that is not there', { objects: [{ ...object, locked: [7] }] }, ['objects[0].locked[0]']],
    [
      'a keyframe where the object is absent',
      { objects: [{ ...object, absent: [0] }] },
      ['objects[0].absent[0]'],
    ],
    ['two objects of one id', { objects: [object, object] }, ['objects[1].id']],
    ['neither objects nor keyframes', { objects: undefined }, ['objects']],
    ['both objects and keyframes', { keyframes: object.keyframes }, ['objects']],
    ['a range that runs backwards', { range: [1, 0] }, ['range']],
    ['a range beyond the frames', { range: [0, 2] }, ['range[1]']],
    ['an unknown direction', { direction: 'up' }, ['direction']],
    ['an unknown field', { frmes: [] }, ['frmes']],
    ['an unknown class', { objects: [{ ...object, class: 'tank' }] }, ['objects[0].class']],
    [
      'more boxes than the limit',
      {
        frames: Array.from({ length: 1000 }, () => ({ cloud: 'a/ept' })),
        objects: Array.from({ length: 21 }, (_, k) => ({ ...object, id: `${k}` })),
      },
      ['objects'],
    ],
  ])('refuses %s, with the path', async (_, over, paths) => {
    const { errors } = await expectProblem(
      await post({ frames, objects: [object], ...over }),
      400,
      'invalid_request',
    );
    expect(errors!.map(({ path }) => path)).toEqual(paths);
    expect(questions).toEqual([]);
  });

  it('names paths as a body in the short form has them', async () => {
    const body = { frames, keyframes: [{ frame: 5, box }] };
    const { errors, detail } = await expectProblem(await post(body), 400, 'invalid_request');
    expect(errors).toMatchObject([{ path: 'keyframes[0].frame' }]);
    expect(detail).not.toContain('objects[0]');
  });

  it('keeps the deadline of Timeout-Ms, clamped to the longest for tracks', async () => {
    const deadlineIn = async (headers: Record<string, string>) => {
      const before = performance.now();
      await (await post({ frames, objects: [object] }, headers)).text();
      return questions.at(-1)!.deadline - before;
    };
    expect(await deadlineIn({})).toBeGreaterThan(59_000);
    expect(await deadlineIn({ 'timeout-ms': '9000' })).toBeLessThan(15_000);
    expect(await deadlineIn({ 'timeout-ms': '9e9' })).toBeLessThan(66_000);
  });

  it('spends the caller’s quota by frames and objects', async () => {
    const limits = new RateLimits({ points: 10, windowSeconds: 60, maxCallers: 4 });
    const tracker = { track: () => answer(questions[0]!) };
    const limited = await cloudApp({ tracker, limits });
    const ask = (count: number) =>
      limited.app.request('/v1/tracks', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          frames: frames.slice(0, 1),
          objects: Array.from({ length: count }, (_, k) => ({ ...object, id: `${k}` })),
        }),
      });
    const first = await ask(3);
    expect(first.headers.get('ratelimit')).toContain('r=4');
    await first.text();
    await expectProblem(await ask(3), 429, 'too_many_requests');
    await limited.reader.close();
  });
});

describe('a stream', () => {
  /** A track that waits for what the test does next. */
  function held() {
    let go = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const ended: string[] = [];
    answer = async function* ({ signal }) {
      try {
        yield LINES[0]!;
        await abortable(gate, signal);
        yield LINES[3]!;
      } finally {
        ended.push(signal.aborted ? 'aborted' : 'whole');
      }
    };
    return { go, ended };
  }

  it('shows a line as soon as it is there', async () => {
    const { go } = held();
    const reader = (await post({ frames, objects: [object] })).body!.getReader();
    const { value } = await reader.read();
    expect(JSON.parse(new TextDecoder().decode(value))).toEqual(LINES[0]);
    go();
    expect(JSON.parse(new TextDecoder().decode((await reader.read()).value))).toEqual(LINES[3]);
    expect((await reader.read()).done).toBe(true);
  });

  it('ends its work when the reader cancels', async () => {
    const { ended } = held();
    const reader = (await post({ frames, objects: [object] })).body!.getReader();
    await reader.read();
    await reader.cancel();
    expect(ended).toEqual(['aborted']);
    expect(questions[0]!.signal.aborted).toBe(true);
  });

  it('ends its work when the client leaves', async () => {
    const { ended } = held();
    const client = new AbortController();
    const response = await post({ frames, objects: [object] }, {}, { signal: client.signal });
    const reader = response.body!.getReader();
    await reader.read();
    const next = reader.read();
    client.abort();
    await expect(next).rejects.toThrow();
    expect(ended).toEqual(['aborted']);
  });

  it('is cut off, without its last line, by a bug', async () => {
    answer = async function* () {
      yield LINES[0]!;
      throw new TypeError('a bug');
    };
    const reader = (await post({ frames, objects: [object] })).body!.getReader();
    await reader.read();
    await expect(reader.read()).rejects.toThrow('a bug');
  });

  it('beyond the limit of tracks at once is refused, until one has ended', async () => {
    const { go } = held();
    const open = await Promise.all(
      [1, 2].map(async () => (await post({ frames, objects: [object] })).body!.getReader()),
    );
    for (const reader of open) await reader.read();
    const refused = await post({ frames, objects: [object] });
    expect(refused.headers.get('retry-after')).toBe('5');
    await expectProblem(refused, 503, 'overloaded');
    go();
    for (const reader of open) while (!(await reader.read()).done);
    answer = async function* () {
      yield* LINES;
    };
    expect((await post({ frames, objects: [object] })).status).toBe(200);
  });

  it('of a track that cannot begin is a problem, not a stream', async () => {
    const refused = await post({ frames, objects: [object] }, { 'timeout-ms': 'soon' });
    await expectProblem(refused, 400, 'invalid_request');
    expect(questions).toEqual([]);
  });

  it('that the tracker refuses is a problem, not a stream, and takes no place of another', async () => {
    answer = () => {
      const fields = [{ path: 'profile', message: 'there is no label profile "nobody"' }];
      throw new NearboxError('invalid_request', 'profile: there is no label profile "nobody"', { fields });
    };
    for (let k = 0; k < 3; k++) {
      const refused = await post({ frames, objects: [object], profile: 'nobody' });
      const { errors } = await expectProblem(refused, 400, 'invalid_request');
      expect(errors!.map(({ path }) => path)).toEqual(['profile']);
    }
    answer = async function* () {
      yield* LINES;
    };
    expect((await post({ frames, objects: [object] })).status).toBe(200);
  });
});
