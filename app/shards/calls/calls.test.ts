/** Both sides of the thread border, joined by a channel within one thread. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NearboxError } from '../../../cache/index.ts';
import { deferred } from '../../../cache/testing/index.ts';
import type { EndedStorageCall } from './messages.ts';
import { type ShardMethod, serveCalls } from './serve-calls.ts';
import { ShardCalls } from './shard-calls.ts';
import { ShardObserver } from './shard-observer.ts';

let ports: { port1: MessagePort; port2: MessagePort };
let calls: ShardCalls;
let observer: ShardObserver;
let seen: EndedStorageCall[];

/** Connects the caller to `methods`. */
function serve(methods: Record<string, ShardMethod>): void {
  ports = new MessageChannel();
  observer = new ShardObserver();
  seen = [];
  ports.port2.on('message', serveCalls(ports.port2, methods, observer));
  calls = new ShardCalls(ports.port1, (ended) => seen.push(...ended));
  ports.port1.on('message', (reply) => calls.receive(reply));
}

beforeEach(() => serve({}));
afterEach(() => ports.port1.close());

const value = async (method: string, ...args: unknown[]) => (await calls.call(method, args)).value;
const storageCall = { operation: 'read', path: 'a', outcome: 'ok', ms: 1, bytes: 2 } as const;

describe('a call', () => {
  it('has the value of its method, whatever the order of the answers', async () => {
    const gate = deferred<void>();
    serve({
      slow: async ([x]) => {
        await gate.promise;
        return { value: [x] };
      },
      fast: async ([x]) => ({ value: { x } }),
    });
    const slow = value('slow', 1);
    expect(await value('fast', { y: [2] })).toEqual({ x: { y: [2] } });
    expect(calls.size).toBe(1);
    gate.resolve();
    expect(await slow).toEqual([1]);
    expect(calls.size).toBe(0);
  });

  it('fails as its method does: code, message, fields, time to retry and cause come across', async () => {
    const cause = new Error('the disk is full');
    const fields = [{ path: 'region', message: 'too large' }];
    serve({
      typed: async () => {
        throw new NearboxError('overloaded', 'not now', { cause, fields, retryAfterSeconds: 7 });
      },
      other: async () => {
        throw new TypeError('x is not a function');
      },
    });
    const { error } = await calls.call('typed', []);
    expect(error).toMatchObject({ code: 'overloaded', message: 'not now', fields, retryAfterSeconds: 7 });
    expect(String((error!.cause as Error).cause)).toContain('the disk is full');
    expect((await calls.call('other', [])).error).toMatchObject({
      code: 'internal',
      message: 'x is not a function',
    });
    expect((await calls.call('none', [])).error).toMatchObject({ code: 'internal' });
  });

  it('is withdrawn with its signal: the caller leaves at once, and the method hears of it', async () => {
    const heard = deferred<void>();
    serve({
      hangs: (_args, { signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            heard.resolve();
            reject(signal.reason);
          });
        }),
    });
    const leaving = new AbortController();
    const called = calls.call('hangs', [], { signal: leaving.signal });
    const reason = new Error('gone');
    leaving.abort(reason);
    await expect(called).rejects.toBe(reason);
    await heard.promise;
    expect(calls.size).toBe(0);
    await expect(calls.call('hangs', [], { signal: leaving.signal })).rejects.toBe(reason);
  });

  it('brings its deadline on the clock of the other side', async () => {
    serve({ deadline: async (_args, { deadline }) => ({ value: deadline }) });
    const deadline = performance.now() + 1234;
    // Both sides are in one thread here, so their clocks are one.
    expect((await calls.call('deadline', [], { deadline })).value).toBeCloseTo(deadline, 3);
    expect(await value('deadline')).toBe(Number.POSITIVE_INFINITY);
  });

  it('that cannot be sent fails alone', async () => {
    serve({ id: async ([x]) => ({ value: x }) });
    await expect(calls.call('id', [() => {}])).rejects.toThrow(/could not be cloned/);
    expect(await value('id', 1)).toBe(1);
    expect(calls.size).toBe(0);
  });

  it('fails when the shard is gone', async () => {
    const called = calls.call('none', []);
    const gone = new NearboxError('internal', 'the shard died');
    calls.failAll(gone);
    await expect(called).rejects.toBe(gone);
    await expect(calls.call('none', [])).rejects.toBe(gone);
  });

  it('moves buffers instead of copying them', async () => {
    const bytes = new Uint8Array(1000).fill(7);
    serve({ bytes: async () => ({ value: bytes, transfer: [bytes.buffer] }) });
    expect(await value('bytes')).toEqual(new Uint8Array(1000).fill(7));
    expect(bytes.byteLength).toBe(0);
  });
});

describe('a stream', () => {
  let sent: number[];
  let isOver: boolean;
  const numbers = (most: number): ShardMethod => {
    async function* items() {
      try {
        for (let k = 0; k < most; k++) {
          sent.push(k);
          yield { value: k };
        }
        if (most === 2) throw new NearboxError('corrupt_tile', 'the third is broken');
      } finally {
        isOver = true;
      }
    }
    return async () => ({ value: 'head', items: items() });
  };
  beforeEach(() => {
    sent = [];
    isOver = false;
    serve({ three: numbers(3), two: numbers(2), many: numbers(1e9) });
  });

  it('is read item by item: none is made before it is asked for', async () => {
    const { value: head, items } = await calls.call('three', []);
    expect(head).toBe('head');
    const got: unknown[] = [];
    for await (const item of items!) {
      got.push(item);
      expect(sent.length).toBe(got.length);
    }
    expect(got).toEqual([0, 1, 2]);
    expect(calls.size).toBe(0);
  });

  it('fails in the middle as what makes it fails', async () => {
    const { items } = await calls.call('two', []);
    const got: unknown[] = [];
    const all = async () => {
      for await (const item of items!) got.push(item);
    };
    await expect(all()).rejects.toMatchObject({ code: 'corrupt_tile' });
    expect(got).toEqual([0, 1]);
  });

  it('fails when the shard is gone between two items', async () => {
    const { items } = await calls.call('three', []);
    const gone = new NearboxError('overloaded', 'the shard hung');
    const all = async () => {
      for await (const _ of items!) calls.failAll(gone);
    };
    await expect(all()).rejects.toBe(gone);
  });

  it('that is left ends on the other side too', async () => {
    const { items } = await calls.call('many', []);
    for await (const item of items!) if (item === 2) break;
    await vi.waitFor(() => expect(isOver).toBe(true), { timeout: 90_000 });
    expect(sent).toEqual([0, 1, 2]);
  });

  it('ends with the signal of its call', async () => {
    const leaving = new AbortController();
    const { items } = await calls.call('many', [], { signal: leaving.signal });
    const all = async () => {
      for await (const item of items!) if (item === 1) leaving.abort(new Error('gone'));
    };
    await expect(all()).rejects.toThrow('gone');
    await vi.waitFor(() => expect(isOver).toBe(true), { timeout: 90_000 });
  });
});

describe('what is seen in a shard', () => {
  it('comes with the next answer, and what belongs to a traced call with its own', async () => {
    const gate = deferred<void>();
    serve({
      reads: async (_args, { onStage }) => {
        await gate.promise;
        observer.storageCall({ ...storageCall, path: 'own' });
        onStage?.({ stage: 'fetch', ms: 3 });
        return { value: 1 };
      },
      fails: async () => {
        observer.storageCall({ ...storageCall, path: 'failed' });
        throw new Error('no');
      },
      other: async () => ({ value: 2 }),
    });
    observer.storageCall(storageCall);
    await value('other');
    expect(seen).toMatchObject([{ path: 'a', bytes: 2 }]);
    const traced = calls.call('reads', [], { isTraced: true });
    await value('other');
    gate.resolve();
    const { own } = await traced;
    expect(own).toMatchObject({ storage: [{ path: 'own' }], stages: [{ stage: 'fetch', ms: 3 }] });
    expect(seen.length).toBe(1);
    expect((await calls.call('fails', [], { isTraced: true })).own?.storage).toMatchObject([
      { path: 'failed' },
    ]);
    await calls.call('fails', []);
    expect(seen.at(-1)).toMatchObject({ path: 'failed' });
    expect(seen.at(-1)!.endedAt).toBeLessThanOrEqual(Date.now());
  });
});
