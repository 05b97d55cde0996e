import { describe, expect, it } from 'vitest';
import { NearboxError } from '../../cache/index.ts';
import { CONFORMANCE_FILES, describeByteSource, MemorySource } from '../../cache/testing/index.ts';
import { ObservedSource, type StorageCall } from './observed-source.ts';

function observed(source: MemorySource) {
  const calls: StorageCall[] = [];
  return { source: new ObservedSource(source, (call) => calls.push(call)), calls };
}

describeByteSource('ObservedSource', async () => {
  const memory = new MemorySource(CONFORMANCE_FILES);
  return { source: observed(memory).source, replace: async (path, bytes) => memory.put(path, bytes) };
});

describe('ObservedSource', () => {
  it('tells what came of every call, and how many bytes', async () => {
    const { source, calls } = observed(new MemorySource([['a', new Uint8Array(5)]]));
    await source.read('a');
    await source.read('a', { range: { offset: 1, length: 2 } });
    await source.read('none');
    await source.stat('a');
    await source.list!('');
    await expect(source.read('a', { range: { offset: 4, length: 9 } })).rejects.toBeInstanceOf(NearboxError);
    expect(calls.map(({ operation, outcome, bytes }) => [operation, outcome, bytes])).toEqual([
      ['read', 'ok', 5],
      ['read', 'ok', 2],
      ['read', 'absent', 0],
      ['stat', 'ok', 0],
      ['list', 'ok', 0],
      ['read', 'range_not_satisfiable', 0],
    ]);
    for (const { ms } of calls) expect(ms).toBeGreaterThanOrEqual(0);
  });

  it('a call that nobody waits for any more is no failure of the storage', async () => {
    const { source, calls } = observed(new MemorySource([['a', new Uint8Array(5)]]));
    const gone = AbortSignal.abort(new Error('gone'));
    await expect(source.read('a', { signal: gone })).rejects.toThrow('gone');
    expect(calls).toMatchObject([{ outcome: 'left', bytes: 0 }]);
  });
});
