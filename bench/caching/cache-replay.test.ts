import { describe, expect, it } from 'vitest';
import { baselines, POLICIES, replay } from './cache-replay.ts';
import { DEFAULT_TRACE, makeTrace } from './click-trace.ts';

const SMALL = { ...DEFAULT_TRACE, sequences: 3, frames: 6, objects: 5, points: 200_000 };

describe('the trace', () => {
  const trace = makeTrace(SMALL);

  it('is the same for the same seed, and another for another', () => {
    expect(makeTrace(SMALL).clicks).toEqual(trace.clicks);
    expect(makeTrace({ ...SMALL, seed: 2 }).clicks).not.toEqual(trace.clicks);
  });

  it('has clouds of all their points, in nodes of no more than their share', () => {
    for (const bytes of trace.cloudBytes.values())
      expect(bytes / SMALL.pointBytes).toBeCloseTo(SMALL.points, -2);
    for (const { nodes } of trace.clicks) {
      expect(nodes[0]?.key).toMatch(/\/0-0-0$/);
      for (const { bytes } of nodes)
        expect(bytes / SMALL.pointBytes).toBeLessThanOrEqual(SMALL.nodePoints * 1.1);
    }
  });
});

describe('the replay', () => {
  const trace = makeTrace(SMALL);
  const base = baselines(trace);

  it.each(Object.entries(POLICIES))('%s lies between no cache and the best there can be', (_name, make) => {
    const none = replay(trace.clicks, make(1, 1));
    expect(none).toEqual({ hitRatio: 0, originBytesPerClick: base.uncachedBytesPerClick });
    const some = replay(trace.clicks, make(base.workingSetBytes / 10, base.workingSetBytes / base.nodes));
    expect(some.originBytesPerClick).toBeLessThan(base.uncachedBytesPerClick);
    expect(some.originBytesPerClick).toBeGreaterThanOrEqual(base.leastBytesPerClick);
    const all = replay(trace.clicks, make(base.workingSetBytes * 200, base.workingSetBytes / base.nodes));
    expect(all.originBytesPerClick).toBeCloseTo(base.leastBytesPerClick);
  });
});
