import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{app,cache,octree,inference,bench}/**/*.test.ts'],
    globalSetup: 'app/package/build/program-for-tests.ts',
    // Half of the time a test waits for a process that it has started.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Only to end what hangs: a busy machine takes ten times as long.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
