/**
 * First module of every worker thread. Plain JavaScript, so that any Node can start it; it makes TypeScript
 * loadable where Node does not do that itself (below 22.18), then loads the entry that the pool names.
 */
import { existsSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

/** The entry in the program that the tests have built and named, if it is there: it starts far sooner. */
function builtEntry(entry) {
  const root = new URL('../../', import.meta.url).href;
  const dist = process.env.NEARBOX_BUILT_PROGRAM;
  if (dist === undefined || !entry.startsWith(root)) return null;
  const built = new URL(entry.slice(root.length).replace(/\.ts$/, '.js'), dist);
  return existsSync(built) ? built.href : null;
}

const entry = builtEntry(workerData.entry) ?? workerData.entry;
if (entry.endsWith('.ts') && !process.features.typescript) {
  const { register } = await import('tsx/esm/api');
  register();
}
await import(entry);
