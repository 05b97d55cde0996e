import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

/**
 * Tests of these share the modules of a worker, which saves half of their time. The others start servers or
 * browsers, and keep what a process has once to themselves.
 */
const SHARING = [
  '{cache,octree,inference}/**/*.test.ts',
  'app/{access,api,client,clouds,config,documents,http,lifecycle,limits,models,observability}/**/*.test.ts',
  'app/{ontology,options,services,storage}/**/*.test.ts',
  'app/page/*/**/*.test.ts',
];

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
      { extends: true, test: { name: 'shared', include: SHARING, isolate: false } },
      {
        extends: true,
        test: {
          name: 'isolated',
          include: ['{app,cache,octree,inference,bench}/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...SHARING],
        },
      },
    ],
  },
});
