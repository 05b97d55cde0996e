import { describe, expect, it } from 'vitest';
import { secondStarts, settle } from './second-look.ts';
import { OBJECT_CLASSES } from './types.ts';

describe('secondStarts', () => {
  it('leaves a sure answer alone', () => {
    for (const found of OBJECT_CLASSES) expect(secondStarts(found, 0.65)).toEqual([]);
  });

  it('tries two other starts than the doubtful one', () => {
    for (const found of OBJECT_CLASSES) {
      const starts = secondStarts(found, 0.64);
      expect(new Set(starts).size).toBe(2);
      if (found === 'car') expect(starts).not.toContain('car');
    }
  });
});

describe('settle', () => {
  it('stays with the first answer unless another is clearly better', () => {
    const first = { score: 0.5 };
    const close = { score: 0.52 };
    const better = { score: 0.6 };
    expect(settle(first, [])).toBe(first);
    expect(settle(first, [close])).toBe(first);
    expect(settle(first, [close, better, { score: 0.58 }])).toBe(better);
  });
});
