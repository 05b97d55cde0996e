import { describe, expect, test } from 'vitest';
import { NearboxError } from '../../cache/foundation/index.ts';
import { MemorySource } from '../../cache/testing/index.ts';
import { RefusedClouds } from './refused-clouds.ts';

const signal = new AbortController().signal;
const bytes = (text: string) => new TextEncoder().encode(text);

/** Opens a cloud of two files: refused as long as the first says so. */
function opener(source: MemorySource) {
  const refused = new RefusedClouds(source);
  let opened = 0;
  const open = () =>
    refused.open('a', signal, async (files) => {
      opened += 1;
      const [head, tail] = [await files.read('a/head'), await files.read('a/tail')];
      if (head === null || tail === null || Buffer.from(head.bytes).toString() !== 'good')
        throw new NearboxError('corrupt_tile', `a: not valid, opened ${opened} times`);
      return 'opened';
    });
  return { open, times: () => opened };
}

describe('a cloud that was refused', () => {
  test('is not opened again while its files stay what they are', async () => {
    const source = new MemorySource([
      ['a/head', bytes('bad')],
      ['a/tail', bytes('t')],
    ]);
    const { open, times } = opener(source);
    for (let i = 0; i < 3; i++)
      await expect(open()).rejects.toMatchObject({
        code: 'corrupt_tile',
        message: 'a: not valid, opened 1 times',
      });
    expect(times()).toBe(1);
    expect(source.reads.get('a/head')).toBe(1);
  });

  test.each<[string, (source: MemorySource) => void]>([
    ['was replaced', (source) => source.put('a/head', bytes('good'))],
    ['is there at last', (source) => source.put('a/tail', bytes('t'))],
    ['is gone', (source) => source.remove('a/head')],
  ])('is opened again once one of its files %s', async (what, change) => {
    const source = new MemorySource([['a/head', bytes(what === 'is there at last' ? 'good' : 'bad')]]);
    if (what !== 'is there at last') source.put('a/tail', bytes('t'));
    const { open, times } = opener(source);
    await expect(open()).rejects.toThrow('not valid');
    change(source);
    if (what === 'is gone') await expect(open()).rejects.toThrow('opened 2 times');
    else expect(await open()).toBe('opened');
    expect(times()).toBe(2);
  });

  test('is opened each time where the storage has no validators', async () => {
    const source = new MemorySource(
      [
        ['a/head', bytes('bad')],
        ['a/tail', bytes('t')],
      ],
      { hasEtags: false },
    );
    const { open, times } = opener(source);
    for (let i = 0; i < 2; i++) await expect(open()).rejects.toThrow('not valid');
    expect(times()).toBe(2);
  });

  test('by a file that is too large is not read again either', async () => {
    const source = new MemorySource([['a/head', new Uint8Array(1000)]]);
    const refused = new RefusedClouds(source);
    let opened = 0;
    const open = () =>
      refused.open('a', signal, async (files) => {
        opened += 1;
        await files.read('a/head', { maxBytes: 100 }).catch((cause: unknown) => {
          throw new NearboxError('corrupt_tile', 'too large', { cause });
        });
      });
    for (let i = 0; i < 2; i++) await expect(open()).rejects.toThrow('too large');
    expect(opened).toBe(1);
    source.put('a/head', new Uint8Array(10));
    await open();
    expect(opened).toBe(2);
  });

  test('for want of the storage is opened again at once', async () => {
    const source = new MemorySource([['a/head', bytes('good')]]);
    const refused = new RefusedClouds(source);
    let opened = 0;
    const open = () =>
      refused.open('a', signal, async (files) => {
        opened += 1;
        await files.read('a/head');
        throw new NearboxError('source_unavailable', 'down');
      });
    for (let i = 0; i < 2; i++) await expect(open()).rejects.toThrow('down');
    expect(opened).toBe(2);
  });
});
