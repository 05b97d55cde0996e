import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { Watch } from './watch.ts';

const aborted = (signal: AbortSignal) =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(signal.reason), { once: true });
  });

describe('Watch', () => {
  it('follows its parent, also one that has aborted before', async () => {
    const parent = new AbortController();
    const watch = new Watch(parent.signal);
    parent.abort('gone');
    expect(watch.signal.reason).toBe('gone');
    expect(new Watch(parent.signal).signal.reason).toBe('gone');
  });

  it('ends at its limit, for the reason of the last one', async () => {
    const watch = new Watch();
    watch.limit(1, () => new Error('first'));
    watch.limit(2, () => new Error('second'));
    expect(await aborted(watch.signal)).toEqual(new Error('second'));
  });

  it('lets input that is there have its turn before the limit', async () => {
    const watch = new Watch();
    const { port1, port2 } = new MessageChannel();
    const looked = new Promise<void>((resolve) => {
      port2.on('message', () => {
        watch.dispose();
        resolve();
      });
    });
    await new Promise(setImmediate);
    watch.limit(1, () => new Error('late'));
    // The answer comes in while this thread is busy beyond the limit.
    port1.postMessage('answer');
    const end = performance.now() + 20;
    while (performance.now() < end);
    await looked;
    port1.close();
    await new Promise(setImmediate);
    expect(watch.signal.aborted).toBe(false);
  });

  it('lets go of its parent and its timer', async () => {
    const parent = new AbortController();
    const watch = new Watch(parent.signal);
    watch.limit(1, () => new Error('late'));
    watch.dispose();
    parent.abort();
    expect(watch.signal.aborted).toBe(false);
  });
});
