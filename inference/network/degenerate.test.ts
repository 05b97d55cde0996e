/** Points that nothing can be told from, and few of them: through the engine, as a server asks. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isNearboxError, NearboxError } from '../../cache/index.ts';
import { type EngineAnswer, FitEngine } from '../engine/index.ts';
import type { Hint } from '../fit/index.ts';
import { carBlocks, scan } from '../geometric/testing/index.ts';

const engine = new FitEngine();
beforeAll(() => engine.warmUp());
afterAll(() => engine.close());

const HINTS: readonly Hint[] = [
  { type: 'click', position: [0, 0, 0], also: [] },
  { type: 'click', position: [0, 0, 0], also: [{ position: [0, 0, 0], inside: false }] },
  { type: 'sphere', center: [0, 0, 0], radius: 1 },
  { type: 'box', box: { center: [0, 0, 0], size: [4, 2, 1.5], yaw: 0 } },
  { type: 'lasso', click: [0, 0, 0], outline: null },
  { type: 'lasso', click: [0, 0, 0], outline: { center: [0, 0, 0], size: [4, 2, 1.5], yaw: 0 } },
];

const ask = (positions: Float32Array, hint: Hint, alternatives = 0): Promise<EngineAnswer> =>
  engine.fit(
    {
      crop: { origin: [0, 0, 0], positions, count: positions.length / 3 },
      hint,
      class: null,
      size: null,
      sensor: null,
      others: [],
      alternatives,
    },
    { signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY },
  );

function expectSane({ box, score, alternatives = [] }: EngineAnswer): void {
  for (const each of [{ box, score }, ...alternatives]) {
    for (const value of [...each.box.center, ...each.box.size, each.box.yaw])
      expect(Number.isFinite(value)).toBe(true);
    expect(Math.min(...each.box.size)).toBeGreaterThan(0);
    expect(Math.max(...each.box.size)).toBeLessThanOrEqual(40);
    expect(each.score).toBeGreaterThanOrEqual(0);
    expect(each.score).toBeLessThanOrEqual(1);
  }
  expect(Math.hypot(...box.center)).toBeLessThan(20);
}

const million = () => {
  const positions = new Float32Array(3e6);
  let s = 1;
  for (let i = 0; i < positions.length; i++) {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    positions[i] = (s / 4294967296 - 0.5) * (i % 3 === 2 ? 3 : 24);
  }
  return positions;
};

describe.each([
  ['one point', () => Float32Array.of(0.1, 0.1, 0.1)],
  ['two thousand equal points', () => new Float32Array(6000).fill(0.1)],
  ['points in a line', () => Float32Array.from({ length: 300 }, (_, i) => (i % 3 === 0 ? i / 200 : 0))],
  [
    'values that are no numbers among good ones',
    () =>
      Float32Array.of(
        0.1,
        0.1,
        0.1,
        Number.NaN,
        0,
        0,
        Number.POSITIVE_INFINITY,
        0,
        0,
        3e38,
        0,
        0,
        0.2,
        0.1,
        0.3,
      ),
  ],
  ['a million points', million],
])('%s', (_name, make) => {
  it.each(HINTS.map((hint) => [hint.type, hint] as const))(
    '%s: a sane box',
    async (_type, hint) => {
      expectSane(await ask(make(), hint, 2));
    },
    60_000,
  );
});

describe('no point at all', () => {
  it.each([
    ['none', new Float32Array()],
    ['none that is a number', new Float32Array(30).fill(Number.NaN)],
  ])('%s: region_empty', async (_name, positions) => {
    for (const hint of HINTS) {
      const error = await ask(positions, hint).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(NearboxError);
      expect(isNearboxError(error, 'region_empty')).toBe(true);
    }
  });
});

describe('few points', () => {
  it('are answered with a box of usual size and a score that says how little there is', async () => {
    const truth = { center: [10, 3, 0.78], size: [4.4, 1.85, 1.56], yaw: 0.3 } as const;
    const all = scan({ blocks: carBlocks(truth), azimuths: 1800 });
    const onCar: number[] = [];
    const ground: number[] = [];
    for (let i = 0; i < all.length; i += 3) {
      const [x, y, z] = [all[i]! - 10, all[i + 1]! - 3, all[i + 2]! - 0.78];
      if (Math.hypot(x, y) > 14) continue;
      const isCar = Math.hypot(x, y) < 2.4 && z > -0.5;
      (isCar ? onCar : ground).push(x, y, z);
    }
    const scores: number[] = [];
    const count = onCar.length / 3;
    for (const wanted of [2, 8, 20, count]) {
      const step = Math.max(1, Math.floor(count / wanted));
      const kept: number[] = [];
      for (let k = 0; k < wanted; k++) kept.push(...onCar.slice(3 * k * step, 3 * k * step + 3));
      const click: Hint = { type: 'click', position: [kept[0]!, kept[1]!, kept[2]!], also: [] };
      const answer = await ask(Float32Array.from([...kept, ...ground]), click);
      expectSane(answer);
      expect(answer.method).toBe('model');
      expect(answer.box.size[2]).toBeGreaterThan(0.5);
      expect(answer.box.size[2]).toBeLessThan(4);
      scores.push(answer.score);
    }
    expect(count).toBeGreaterThan(100);
    expect(scores[0]!).toBeLessThan(0.5);
    // One sparse car may look sure by chance; taken together they must not.
    const few = scores.slice(0, 3);
    expect(Math.max(...few)).toBeLessThan(scores[3]!);
    expect(few.reduce((sum, score) => sum + score, 0) / few.length).toBeLessThan(scores[3]! - 0.1);
  });
});
