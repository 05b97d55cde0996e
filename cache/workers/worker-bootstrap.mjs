/**
 * First module of every worker thread. Plain JavaScript, so that any Node can start it; it makes TypeScript
 * loadable where Node does not do that itself (below 22.18), then loads the entry that the pool names.
 */
import { workerData } from 'node:worker_threads';

if (workerData.entry.endsWith('.ts') && !process.features.typescript) {
  const { register } = await import('tsx/esm/api');
  register();
}
await import(workerData.entry);
