import { describe, expect, it } from 'vitest';
import { TokenBudget } from './token-budget.ts';

describe('TokenBudget', () => {
  it('allows a burst, then a share of the work', () => {
    const budget = new TokenBudget({ ratio: 0.25, burst: 2 });
    let extras = 0;
    for (let i = 0; i < 100; i += 1) {
      budget.earn();
      if (budget.spend()) extras += 1;
    }
    expect(extras).toBeGreaterThanOrEqual(25);
    expect(extras).toBeLessThanOrEqual(27);
  });

  it('saves no more than a burst', () => {
    const budget = new TokenBudget({ ratio: 1, burst: 2 });
    for (let i = 0; i < 10; i += 1) budget.earn();
    expect([budget.spend(), budget.spend(), budget.spend()]).toEqual([true, true, false]);
  });

  it('names wrong options', () => {
    expect(() => new TokenBudget({ ratio: 2 })).toThrow('`ratio`');
    expect(() => new TokenBudget({ burst: -1 })).toThrow('`burst`');
  });
});
