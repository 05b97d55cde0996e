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
  await memory.take(40, one, 'a');
  // The second read of a call is of the same points and more.
  await memory.take(60, one, 'a');
  await memory.take(50, one, 'a');
  expect(memory.stats().usedBytes).toBe(60);
  let isIn = false;
  const waiting = memory.take(50, other, 'a').then(() => {
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
  await expect(memory.take(101, call(memory), 'a')).rejects.toMatchObject({ code: 'region_too_large' });
  await memory.take(80, call(memory), 'a');
  await expect(memory.take(80, call(memory, performance.now()), 'a')).rejects.toMatchObject({
    code: 'overloaded',
  });
});

it('leaves room for other clouds beside one whose calls do not end', async () => {
  const memory = new WorkMemory(100);
  for (let k = 0; k < 20; k++) void memory.take(10, call(memory), 'slow');
  const other = call(memory);
  await memory.take(40, other, 'other');
  expect(memory.stats()).toMatchObject({ usedBytes: 90, waiting: 15 });
  memory.end(other);
  expect(memory.stats().usedBytes).toBe(50);
});

it('counts nothing of reads that belong to no call', async () => {
  const memory = new WorkMemory(100);
  await memory.take(1000, undefined, 'a');
  await memory.take(1000, new AbortController().signal, 'a');
  expect(memory.stats().usedBytes).toBe(0);
});
