import { describe, expect, it } from 'vitest';
import { OBJECT_CLASSES } from '../classes/index.ts';
import { retryStarts } from './low-confidence-retry.ts';

describe('retryStarts', () => {
  it('leaves a sure answer alone', () => {
    for (const found of OBJECT_CLASSES) expect(retryStarts(found, 0.65)).toEqual([]);
  });

  it('tries three other starts than the doubtful one', () => {
    for (const found of OBJECT_CLASSES) {
      const starts = retryStarts(found, 0.64);
      expect(new Set(starts).size).toBe(3);
      if (found === 'car') expect(starts).not.toContain('car');
      expect(starts).toContain('pedestrian');
    }
  });
});
