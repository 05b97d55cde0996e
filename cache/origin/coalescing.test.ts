import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ByteRange, SourceReadOptions } from '../byte-source/index.ts';
import { CONFORMANCE_FILES, deferred, describeByteSource, MemorySource } from '../testing/index.ts';
import type { CoalescingOptions } from './coalescing.ts';
import { OriginPipeline } from './pipeline.ts';

describeByteSource('a pipeline that coalesces', async () => {
  const memory = new MemorySource(CONFORMANCE_FILES);
  return {
    source: new OriginPipeline(memory, { coalesce: {} }),
    replace: async (path, bytes) => memory.put(path, bytes),
  };
});

const BLOB = Uint8Array.from({ length: 5000 }, (_, i) => (i * 31 + (i >> 6)) & 255);

function setUp(coalesce: CoalescingOptions = {}) {
  const memory = new MemorySource([['blob', BLOB]]);
  const sent: ByteRange[] = [];
  const spied = {
    label: memory.label,
    rootName: memory.rootName,
    stat: memory.stat.bind(memory),
    read: (path: string, read?: SourceReadOptions) => {
      if (read?.range !== undefined) sent.push(read.range);
      return memory.read(path, read);
    },
  };
  const source = new OriginPipeline(spied, { coalesce });
  const read = async (offset: number, length: number, more: SourceReadOptions = {}) =>
    (await source.read('blob', { range: { offset, length }, ...more }))?.bytes;
  return { memory, source, sent, read };
}

describe('ranges asked for together', () => {
  test('are one read if they are near each other, and each caller gets its own bytes', async () => {
    const { read, sent, source } = setUp({ maxGapBytes: 10 });
    const parts = await Promise.all([read(100, 50), read(0, 90), read(161, 9), read(2000, 5)]);
    expect(sent).toEqual([
      { offset: 0, length: 150 },
      { offset: 161, length: 9 },
      { offset: 2000, length: 5 },
    ]);
    expect(parts.map((part) => [...part!])).toEqual(
      [
        [100, 150],
        [0, 90],
        [161, 170],
        [2000, 2005],
      ].map(([from, to]) => [...BLOB.subarray(from, to)]),
    );
    for (const part of parts) expect(part!.buffer.byteLength).toBe(part!.byteLength);
    expect(source.stats().coalesced).toEqual({ asked: 4, sent: 3, gapBytes: 10 });
  });

  test('are right whatever is asked for', async () => {
    const range = fc.tuple(fc.nat(4900), fc.integer({ min: 1, max: 99 }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(range, { minLength: 1, maxLength: 20 }),
        fc.nat(200),
        fc.integer({ min: 1, max: 1000 }),
        async (ranges, maxGapBytes, maxReadBytes) => {
          const { read, sent } = setUp({ maxGapBytes, maxReadBytes });
          const parts = await Promise.all(ranges.map(([offset, length]) => read(offset, length)));
          for (const [i, [offset, length]] of ranges.entries())
            expect([...parts[i]!]).toEqual([...BLOB.subarray(offset, offset + length)]);
          const longest = Math.max(...ranges.map(([, length]) => length));
          for (const { length } of sent) expect(length).toBeLessThanOrEqual(Math.max(longest, maxReadBytes));
          expect(sent.length).toBeLessThanOrEqual(ranges.length);
        },
      ),
    );
  });

  test('under different validators, or one after the other, are reads of their own', async () => {
    const { read, sent, memory } = setUp();
    const etag = (await memory.stat('blob'))!.etag!;
    await Promise.all([read(0, 10), read(10, 10, { ifMatch: etag })]);
    await read(20, 10);
    expect(sent).toHaveLength(3);
    await expect(read(0, 10, { ifMatch: '"other"' })).rejects.toMatchObject({ code: 'cloud_changed' });
  });

  test('fail alone where one lies past the end', async () => {
    const { read } = setUp();
    const [good, bad] = await Promise.allSettled([read(4900, 100), read(4950, 100)]);
    expect(good).toMatchObject({ status: 'fulfilled' });
    expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'range_not_satisfiable' } });
  });

  test('who leaves does so at once and alone; the read ends with the last of them', async () => {
    const { read, memory } = setUp();
    const gate = deferred<void>();
    let theirs: AbortSignal | undefined;
    memory.onRead = (_path, signal) => {
      theirs = signal;
      return gate.promise;
    };
    const [one, other] = [new AbortController(), new AbortController()];
    const left = read(0, 10, { signal: one.signal });
    const stays = read(10, 10, { signal: other.signal });
    await new Promise((resolve) => setImmediate(resolve));
    one.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    expect(theirs!.aborted).toBe(false);
    gate.resolve();
    expect((await stays)!.length).toBe(10);

    memory.onRead = (_path, signal) => {
      theirs = signal;
      return deferred<void>().promise;
    };
    const third = new AbortController();
    const alone = read(0, 10, { signal: third.signal });
    await new Promise((resolve) => setImmediate(resolve));
    third.abort(new Error('too'));
    await expect(alone).rejects.toThrow('too');
    expect(theirs!.aborted).toBe(true);
  });

  test.each(['maxGapBytes', 'maxReadBytes'])('a wrong %s is refused', (name) => {
    expect(() => setUp({ [name]: -1 })).toThrow(name);
  });
});
