import { describe, expect, it } from 'vitest';
import { NearboxError } from '../../../cache/index.ts';
import { BodyMemory } from './body-memory.ts';

const never = new AbortController().signal;

describe('memory of bodies', () => {
  it('is not needed for small ones', async () => {
    const memory = new BodyMemory({ maxBytes: 100, smallBytes: 10 });
    for (let i = 0; i < 100; i++) await memory.reserve(10, never);
    expect(memory.used).toBe(0);
  });

  it('lets large ones wait for room, in the order in which they came', async () => {
    const memory = new BodyMemory({ maxBytes: 100, smallBytes: 10 });
    const order: string[] = [];
    const first = await memory.reserve(80, never);
    const second = memory.reserve(90, never).then((release) => {
      order.push('second');
      return release;
    });
    const third = memory.reserve(20, never).then((release) => {
      order.push('third');
      return release;
    });
    expect(memory.used).toBe(80);
    first();
    first();
    (await second)();
    (await third)();
    expect(order).toEqual(['second', 'third']);
    expect(memory.used).toBe(0);
  });

  it('is no more than there is for a body that may be longer', async () => {
    const memory = new BodyMemory({ maxBytes: 100, smallBytes: 10 });
    const release = await memory.reserve(1000, never);
    expect(memory.used).toBe(100);
    release();
  });

  it('refuses at the deadline, and gives a place back that a client has left', async () => {
    const memory = new BodyMemory({ maxBytes: 100, smallBytes: 10, maxWaiting: 2 });
    const release = await memory.reserve(100, never);
    const late = new AbortController();
    const left = new AbortController();
    const refused = expect(memory.reserve(50, late.signal)).rejects.toMatchObject({ code: 'overloaded' });
    const gone = expect(memory.reserve(50, left.signal)).rejects.toThrow('left');
    await expect(memory.reserve(50, never)).rejects.toMatchObject({ code: 'overloaded' });
    late.abort(new NearboxError('deadline_exceeded', 'late'));
    left.abort(new Error('left'));
    await Promise.all([refused, gone]);
    release();
    (await memory.reserve(100, never))();
    expect(memory.used).toBe(0);
  });
});
