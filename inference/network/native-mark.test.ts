import { once } from 'node:events';
import { expect, it } from 'vitest';
import { ThreadPulse } from '../../cache/pulse/index.ts';
import { startWorker } from '../../cache/workers/index.ts';

it('a thread is marked whenever it is in ONNX Runtime: who watches it does not end it there', async () => {
  const entry = new URL('./testing/marked-run-worker.ts', import.meta.url).href;
  const worker = startWorker('marked', { entry, data: null, pulse: ThreadPulse.allocate() });
  const [{ marked, isMarkedAfter }] = await once(worker, 'message');
  expect(marked.load).toEqual([true, true]);
  expect(marked.run.length).toBeGreaterThan(20);
  expect(marked.run).not.toContain(false);
  expect(isMarkedAfter).toBe(false);
  await worker.terminate();
});
