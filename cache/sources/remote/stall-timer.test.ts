import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { StallTimer } from './stall-timer.ts';

describe('StallTimer', () => {
  it('ends a request at its limit, for the reason of the last limit', async () => {
    const stalled = await new Promise((resolve) => {
      const timer = new StallTimer(resolve);
      timer.limit(1, () => new Error('first'));
      timer.limit(2, () => new Error('second'));
    });
    expect(stalled).toEqual(new Error('second'));
  });

  it('lets input that has arrived have its turn before the limit', async () => {
    let stalled: Error | null = null;
    const timer = new StallTimer((reason) => {
      stalled = reason;
    });
    const { port1, port2 } = new MessageChannel();
    const seen = new Promise<void>((resolve) => {
      port2.on('message', () => {
        timer.clear();
        resolve();
      });
    });
    await new Promise(setImmediate);
    timer.limit(1, () => new Error('late'));
    // The answer arrives while this thread is busy beyond the limit.
    port1.postMessage('answer');
    const end = performance.now() + 20;
    while (performance.now() < end);
    await seen;
    port1.close();
    await new Promise(setImmediate);
    expect(stalled).toBeNull();
  });
});
