import { expect, it } from 'vitest';
import { WorkMemory } from './work-memory.ts';

const call = (memory: WorkMemory, deadline = Number.POSITIVE_INFINITY) => {
  const { signal } = new AbortController();
  memory.begin(signal, deadline);
  return signal;
};

it('gives back what a call holds when it ends, however many reads it made', async () => {
  const told: number[] = [];
  const memory = new WorkMemory(100, (bytes) => told.push(bytes));
  const [one, other] = [call(memory), call(memory)];
  await memory.take(40, one);
  // The second read of a call is of the same points and more.
  await memory.take(60, one);
  await memory.take(50, one);
  expect(memory.stats().usedBytes).toBe(60);
  let isIn = false;
  const waiting = memory.take(50, other).then(() => {
    isIn = true;
  });
  await Promise.resolve();
  expect(isIn).toBe(false);
  memory.end(one);
  await waiting;
  expect(memory.stats()).toMatchObject({ usedBytes: 50, waiting: 0 });
  memory.end(other);
  memory.end(other);
  expect(told.at(-1)).toBe(0);
});

it('refuses what never fits, and before its deadline what has waited until then', async () => {
  const memory = new WorkMemory(100);
  await expect(memory.take(101, call(memory))).rejects.toMatchObject({ code: 'region_too_large' });
  await memory.take(80, call(memory));
  await expect(memory.take(80, call(memory, performance.now()))).rejects.toMatchObject({
    code: 'overloaded',
  });
});

it('counts nothing of reads that belong to no call', async () => {
  const memory = new WorkMemory(100);
  await memory.take(1000, undefined);
  await memory.take(1000, new AbortController().signal);
  expect(memory.stats().usedBytes).toBe(0);
});
