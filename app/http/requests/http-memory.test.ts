import { describe, expect, it } from 'vitest';
import { NearboxError } from '../../../cache/index.ts';
import { HttpMemory } from './http-memory.ts';

const never = new AbortController().signal;

describe('memory of bodies and answers', () => {
  it('is not needed for small ones', async () => {
    const memory = new HttpMemory({ maxBytes: 100, smallBytes: 10 });
    for (let i = 0; i < 100; i++) await memory.reserve(10, never);
    expect(memory.used).toBe(0);
  });

  it('lets large ones wait for room, in the order in which they came', async () => {
    const memory = new HttpMemory({ maxBytes: 100, smallBytes: 10 });
    const order: string[] = [];
    const first = await memory.reserve(80, never);
    const second = memory.reserve(90, never).then((room) => {
      order.push('second');
      return room;
    });
    const third = memory.reserve(20, never).then((room) => {
      order.push('third');
      return room;
    });
    expect(memory.used).toBe(80);
    first.release();
    first.release();
    (await second).release();
    (await third).release();
    expect(order).toEqual(['second', 'third']);
    expect(memory.used).toBe(0);
  });

  it('is no more than there is for a body that may be longer', async () => {
    const memory = new HttpMemory({ maxBytes: 100, smallBytes: 10 });
    const room = await memory.reserve(1000, never);
    expect(memory.used).toBe(100);
    room.release();
  });

  it('refuses at the deadline, and gives a place back that a client has left', async () => {
    const memory = new HttpMemory({ maxBytes: 100, smallBytes: 10, maxWaiting: 2 });
    const room = await memory.reserve(100, never);
    const late = new AbortController();
    const left = new AbortController();
    const refused = expect(memory.reserve(50, late.signal)).rejects.toMatchObject({ code: 'overloaded' });
    const gone = expect(memory.reserve(50, left.signal)).rejects.toThrow('left');
    await expect(memory.reserve(50, never)).rejects.toMatchObject({ code: 'overloaded' });
    late.abort(new NearboxError('deadline_exceeded', 'late'));
    left.abort(new Error('left'));
    await Promise.all([refused, gone]);
    room.release();
    (await memory.reserve(100, never)).release();
    expect(memory.used).toBe(0);
  });

  it('gives back what is too much once the length is known, and takes more only if nobody has to wait', async () => {
    const memory = new HttpMemory({ maxBytes: 100, smallBytes: 10 });
    const [one, other] = [await memory.reserve(40, never), await memory.reserve(50, never)];
    const waiting = memory.reserve(30, never);
    one.resize(20);
    (await waiting).release();
    expect(memory.used).toBe(70);
    one.resize(50);
    expect(memory.used).toBe(100);
    expect(() => one.resize(51)).toThrow(expect.objectContaining({ code: 'overloaded' }));
    // As small as what waits in the connection itself.
    one.resize(10);
    other.release();
    other.resize(40);
    expect(memory.used).toBe(0);
  });
});
