import { afterEach, describe, expect, it } from 'vitest';
import { OriginPipeline } from '../../cache/origin/index.ts';
import { MemorySource } from '../../cache/testing/index.ts';
import { CloudReader, InlineDecoders, type WorkerPoolStats } from '../../octree/index.ts';
import { combinedStats, readerStats } from './reader-stats.ts';

const FITS: WorkerPoolStats = {
  workers: 1,
  ready: 1,
  serviceMs: 10,
  queued: 1,
  running: 1,
  maxQueue: 4,
  finished: 0,
  deaths: 0,
  predictedWaitMs: 20,
};
let reader: CloudReader;
afterEach(() => reader.close());

describe('the stats of a reader', () => {
  it('have the reads that were not sent because the object was absent a moment ago', async () => {
    const source = new OriginPipeline(new MemorySource(), { negative: {} });
    reader = new CloudReader({ source, decoders: new InlineDecoders() });
    const absent = () => expect(reader.cloud('absent')).rejects.toMatchObject({ code: 'cloud_not_found' });
    await absent();
    expect(readerStats(reader.stats(), FITS).storage?.negativeHits).toBe(0);
    await absent();
    expect(readerStats(reader.stats(), FITS).storage?.negativeHits).toBeGreaterThan(0);
  });

  it('take hedges and merged reads from the steps before the storage', () => {
    reader = new CloudReader({ source: new MemorySource(), decoders: new InlineDecoders() });
    const stats = reader.stats();
    const { origin } = stats;
    const storage = readerStats(
      {
        ...stats,
        origin: {
          ...origin,
          hedging: { reads: 100, hedges: 5, wins: 3, refused: 2 },
          coalesced: { ...origin.coalesced, asked: 30, sent: 12 },
          negativeHits: 4,
        },
      },
      FITS,
    ).storage;
    expect(storage).toMatchObject({
      hedges: 5,
      hedgeWins: 3,
      hedgesRefused: 2,
      readsMerged: 18,
      negativeHits: 4,
    });
  });

  it('are added over several readers; the wait is that of the longest queue', () => {
    reader = new CloudReader({ source: new MemorySource(), decoders: new InlineDecoders() });
    const one = readerStats(reader.stats(), FITS);
    const storage = { ...one.storage!, hedges: 2, readsMerged: 1, negativeHits: 3 };
    const other = readerStats(reader.stats(), { ...FITS, queued: 2, predictedWaitMs: 50 });
    const all = combinedStats([
      { ...one, storage },
      { ...other, storage },
    ]);
    expect(all.storage).toMatchObject({ hedges: 4, readsMerged: 2, negativeHits: 6 });
    expect(all.queues.inference).toMatchObject({ queued: 3, predictedWaitMs: 50 });
  });
});
