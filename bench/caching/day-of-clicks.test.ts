/** The short form of the day's clicks: one cloud of the demo. */
import { expect, it, vi } from 'vitest';
import { labelledSequence } from '../kit/index.ts';
import { dayOfClicks } from './day-of-clicks.ts';

vi.setConfig({ testTimeout: 600_000 });

it('takes a fiftieth of whole clouds from the origin, and a tenth of what it does with the cache off', async () => {
  const sequence = await labelledSequence();
  try {
    const one = { ...sequence, clouds: sequence.clouds.slice(0, 1) };
    const day = await dayOfClicks(one, { annotators: 2, again: 0.25, review: 0.2 });
    expect(day.clicks).toBeGreaterThan(one.clouds[0]!.objects.length);
    expect(day.wholeCloud / day.cached).toBeGreaterThan(50);
    expect(day.uncached / day.cached).toBeGreaterThan(10);
  } finally {
    await sequence.close();
  }
});
