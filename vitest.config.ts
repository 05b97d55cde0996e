import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{app,cache,octree,inference,bench}/**/*.test.ts'],
    globalSetup: 'app/package/build/program-for-tests.ts',
    // Half of the time a test waits for a process that it has started.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
