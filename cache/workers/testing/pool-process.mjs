/**
 * A process that runs one job and then has nothing left to do: it must end by itself, with 0, although its
 * pool is not closed.
 */
if (!process.features.typescript) {
  const { register } = await import('tsx/esm/api');
  register();
}
const { WorkerPool } = await import('../worker-pool.ts');
const pool = new WorkerPool({ name: 'test', entry: new URL('./pool-worker.ts', import.meta.url) });
const value = await pool.run({ do: 'echo', value: 42 });
if (value !== 42) process.exitCode = 1;
