import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Metrics } from './metrics.ts';
import type { ServiceStats } from './service-metrics.ts';

const BLOCKED_MS = 100;

/** The value of a metric in the exposition text. */
const metric = (text: string, name: string) =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length + 1),
  );

function holdLoop(): void {
  const until = performance.now() + BLOCKED_MS;
  while (performance.now() < until);
}

describe('the first scrape', () => {
  it('knows how long the event loop was held since the start', async () => {
    const metrics = new Metrics();
    metrics.observeProcess();
    // A delay is measured between two turns of the loop's timer: the first hold makes it due once.
    for (let hold = 0; hold < 2; hold++) {
      holdLoop();
      await setImmediate();
      await setImmediate();
    }
    const text = await metrics.text();
    const longest = metric(text, 'nodejs_eventloop_lag_max_seconds');
    expect(longest).toBeGreaterThanOrEqual(0.9 * (BLOCKED_MS / 1000));
    for (const of of ['min', 'mean', 'p50', 'p90', 'p99'])
      expect(metric(text, `nodejs_eventloop_lag_${of}_seconds`)).toBeLessThanOrEqual(longest);
    expect(metric(text, 'nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0);
  });
});

describe('what the storage was asked for', () => {
  const storage = {
    hedges: 11,
    hedgeWins: 7,
    hedgesRefused: 3,
    readsMerged: 23,
    negativeHits: 5,
    retries: 2,
    retriesRefused: 1,
    limiterWaits: 9,
  };

  it('is counted: second requests, merged reads, negative hits, retries, waits', async () => {
    const metrics = new Metrics();
    const stats: ServiceStats = { storage, caches: {}, queues: {} };
    const model = { name: 'nearbox', version: '1' };
    metrics.watch({ stats: () => stats, lifecycle: { state: 'ready' }, models: [model] });
    for (let scrape = 0; scrape < 2; scrape++) {
      const text = await metrics.text();
      expect({
        hedges: metric(text, 'nearbox_storage_hedges_total'),
        hedgeWins: metric(text, 'nearbox_storage_hedge_wins_total'),
        hedgesRefused: metric(text, 'nearbox_storage_hedges_refused_total'),
        readsMerged: metric(text, 'nearbox_storage_reads_merged_total'),
        negativeHits: metric(text, 'nearbox_storage_negative_hits_total'),
        retries: metric(text, 'nearbox_storage_retries_total'),
        retriesRefused: metric(text, 'nearbox_storage_retries_refused_total'),
        limiterWaits: metric(text, 'nearbox_storage_limiter_waits_total'),
      }).toEqual(storage);
    }
  });
});
