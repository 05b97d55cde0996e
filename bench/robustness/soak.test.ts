/** The short form of `npm run soak`. */
import { expect, it, vi } from 'vitest';
import { soak } from './soak.ts';

vi.setConfig({ testTimeout: 600_000 });

it('a working set ten times the memory tier: memory and disk stay below their ceilings', async () => {
  const memoryBytes = 2 ** 21;
  const report = await soak({ forMs: 240_000, maxClicks: 80, memoryBytes, diskBytes: 2 ** 21, times: 10 });
  expect(report.workingSetBytes).toBeGreaterThanOrEqual(10 * memoryBytes);
  expect(report.clicks).toBeGreaterThan(0);
  expect(report.isWithin, JSON.stringify(report)).toBe(true);
  const { tiles, disk, metadata } = report.tiers;
  expect(tiles!.bytes).toBeLessThanOrEqual(memoryBytes);
  expect(tiles!.evictions).toBeGreaterThan(0);
  expect(disk!.evictions).toBeGreaterThan(0);
  expect(disk!.hits).toBeGreaterThan(0);
  // However much the tiles turn over.
  expect(metadata!.evictions).toBe(0);
});
