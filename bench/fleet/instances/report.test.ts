import { expect, it } from 'vitest';
import { costsMarkdown, eventsMarkdown, hitsMarkdown } from './report.ts';

it('prints what a click costs', () => {
  const costs = {
    ...{ coldCpuMs: 20, diskCpuMs: 15, warmCpuMs: 10 },
    ...{ frameRequests: 3, frameBytes: 2 ** 19, decodedPerStored: 1.2 },
  };
  const text = costsMarkdown(['a machine'], costs);
  expect(text).toContain('- a machine\n');
  expect(text).toContain('| 20.0 | 15.0 | 10.0 | 3.0 | 0.50 | 1.20 |');
});

it('prints shares', () => {
  const text = hitsMarkdown(
    ['a machine'],
    [
      {
        instances: 4,
        balancer: 'nginx',
        hasAffinity: false,
        nodesFrom: 'peers',
        clicks: 300,
        failed: 0,
        p50Ms: 20,
        p95Ms: 41,
        cpuMs: 12.34,
        balancerCpuMs: 0.2,
        fromMemory: 0.4,
        simulatedFromMemory: 0.389,
        storageReadsPerFrame: 9,
        storageKiBPerFrame: 1000,
      },
    ],
  );
  expect(text).toContain('- a machine\n');
  expect(text).toContain(
    '| 4 | nginx | no | peers | 300 | 0 | 20 | 41 | 12.3 | 0.20 | 40.0 % | 38.9 % | 9.0 | 1000 |',
  );
});

it('prints every failure by its name', () => {
  const text = eventsMarkdown(
    ['a machine'],
    [
      {
        instances: 2,
        balancer: 'HAProxy',
        event: 'rolling restart',
        clicks: 500,
        failed: 3,
        failures: { ECONNRESET: 2, 'status 502': 1 },
        sentAgain: 0,
        p50Ms: 20,
        p99Ms: 80,
      },
    ],
  );
  expect(text).toContain(
    '| 2 | HAProxy | rolling restart | 500 | 3 (ECONNRESET, status 502) | 0 | 20 | 80 |',
  );
});
