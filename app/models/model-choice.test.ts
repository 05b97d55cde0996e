import { describe, expect, it } from 'vitest';
import { ModelChoice } from './model-choice.ts';

const models = [
  { name: 'nearbox', version: '4' },
  { name: 'mine', version: '5' },
] as const;
const choice = (share: number) => new ModelChoice({ models, canary: { version: '5', share } });
const asks = (caller: string | null, cloud = 'a', model: string | null = null) => ({ model, caller, cloud });
const CALLERS = Array.from({ length: 2000 }, (_, i) => `token:annotator-${i}`);
const sideOf = (share: number) => CALLERS.map((caller) => choice(share).versionFor(asks(caller)));

describe('ModelChoice', () => {
  it('takes the default without a canary, and the version that the question names', () => {
    const plain = new ModelChoice({ models });
    expect(plain.versionFor(asks('token:a'))).toBe('4');
    expect(plain.versionFor(asks('token:a', 'a', '5'))).toBe('5');
    expect(choice(1).versionFor(asks('token:a', 'a', '4'))).toBe('4');
    expect([plain.has('4'), plain.has('5'), plain.has('6')]).toEqual([true, true, false]);
  });

  it('gives the canary its share of the callers', () => {
    expect(sideOf(0.1).filter((version) => version === '5').length / CALLERS.length).toBeCloseTo(0.1, 1);
    expect(new Set(sideOf(0))).toEqual(new Set(['4']));
    expect(new Set(sideOf(1))).toEqual(new Set(['5']));
  });

  it('keeps a caller on its side, whatever it asks about and on every instance', () => {
    for (const caller of CALLERS.slice(0, 50)) {
      const [first, ...rest] = ['a', 'b', 'c/d'].map((cloud) => choice(0.5).versionFor(asks(caller, cloud)));
      expect(rest).toEqual([first, first]);
    }
  });

  it('keeps those that have the canary when the share grows', () => {
    const [few, many] = [sideOf(0.1), sideOf(0.4)];
    expect(few.every((version, i) => version === '4' || many[i] === '5')).toBe(true);
  });

  it('divides questions without a name by cloud', () => {
    const clouds = Array.from({ length: 500 }, (_, i) => `drive/${i}`);
    const found = clouds.map((cloud) => choice(0.5).versionFor(asks(null, cloud)));
    expect(found.filter((version) => version === '5').length / clouds.length).toBeCloseTo(0.5, 1);
    expect(clouds.map((cloud) => choice(0.5).versionFor(asks(null, cloud)))).toEqual(found);
  });
});
