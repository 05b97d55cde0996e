import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Rooms without a server: their tests share the modules of a worker, which saves half of their time. */
const SHARING = '{cache,octree,inference}/**/*.test.ts';
/** The others start servers and browsers, and keep what a process has once to themselves. */
const ISOLATED = '{app,bench}/**/*.test.ts';

export default defineConfig({
  test: {
    globalSetup: 'app/package/build/program-for-tests.ts',
    // Servers that tests start click on no demo of their own first: that is 2 s of processor time each.
    env: { NEARBOX_REHEARSE_MS: '0' },
    // Half of the time a test waits for a process that it has started.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Only to end what hangs: a busy machine takes ten times as long.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 30_000 } },
    projects: [
      { extends: true, test: { name: 'rooms', include: [SHARING], isolate: false } },
      { extends: true, test: { name: 'service', include: [ISOLATED] } },
    ],
  },
});
