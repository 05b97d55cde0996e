/**
 * What every byte source must do. Run by the tests of each of them, on a store that holds
 * `CONFORMANCE_FILES`.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ByteSource, ObjectTooLarge } from '../byte-source/index.ts';

const text = (content: string) => new TextEncoder().encode(content);

export const CONFORMANCE_FILES: ReadonlyMap<string, Uint8Array> = new Map([
  ['hello.txt', text('hello, world')],
  ['empty.bin', new Uint8Array(0)],
  ['folder/deeper/blob.bin', Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7 + (i >> 8)) & 255)],
  ['folder/with space & ünïcode+plus.bin', text('named oddly')],
]);

export interface ConformanceSetup {
  readonly source: ByteSource;
  /** Replaces an object behind the source's back. */
  readonly replace: (path: string, bytes: Uint8Array) => Promise<void>;
  readonly close?: () => Promise<void>;
}

/** Declares the suite. `setUp` is called for each test. */
export function describeByteSource(name: string, setUp: () => Promise<ConformanceSetup>): void {
  describe(`${name} is a byte source`, () => {
    let setup: ConformanceSetup;
    let source: ByteSource;
    beforeEach(async () => {
      setup = await setUp();
      source = setup.source;
    });
    afterEach(async () => setup.close?.());

    test('reads whole objects, over buffers of their own', async () => {
      for (const [path, bytes] of CONFORMANCE_FILES) {
        const stored = await source.read(path);
        expect(Buffer.compare(stored!.bytes, bytes), path).toBe(0);
        expect(stored!.size).toBe(bytes.byteLength);
        expect(stored!.bytes.buffer.byteLength, 'a buffer that may be transferred').toBe(bytes.byteLength);
      }
    });

    test.each([
      [0, 5],
      [7, 5],
      [0, 12],
      [11, 1],
      [3, 0],
    ])('reads the range from %i of %i bytes', async (offset, length) => {
      const stored = await source.read('hello.txt', { range: { offset, length } });
      expect(new TextDecoder().decode(stored!.bytes)).toBe('hello, world'.slice(offset, offset + length));
      expect(stored!.size).toBe(12);
      expect(stored!.bytes.buffer.byteLength).toBe(length);
    });

    test.each([
      [0, 13],
      [12, 1],
      [100, 5],
      [-1, 2],
      [0.5, 2],
      [0, Number.MAX_SAFE_INTEGER],
    ])('refuses the range from %f of %f bytes', async (offset, length) => {
      const reading = source.read('hello.txt', { range: { offset, length } });
      await expect(reading).rejects.toMatchObject({ code: 'range_not_satisfiable' });
    });

    test.each([
      [5, 'world'],
      [12, 'hello, world'],
      [100, 'hello, world'],
    ])('reads the last %i bytes, or all if there are no more', async (last, expected) => {
      const stored = await source.read('hello.txt', { last });
      expect(new TextDecoder().decode(stored!.bytes)).toBe(expected);
      expect(stored!.size).toBe(12);
      expect(stored!.bytes.buffer.byteLength).toBe(expected.length);
    });

    test('refuses last bytes that are none, or too many to take in', async () => {
      for (const last of [0, -1, 0.5])
        await expect(source.read('hello.txt', { last })).rejects.toMatchObject({
          code: 'range_not_satisfiable',
        });
      await expect(source.read('empty.bin', { last: 5 })).rejects.toMatchObject({
        code: 'range_not_satisfiable',
      });
      await expect(source.read('hello.txt', { last: 5, maxBytes: 4 })).rejects.toThrow(ObjectTooLarge);
      expect(await source.read('nothing', { last: 5 })).toBeNull();
    });

    test('says null of what is not there', async () => {
      for (const path of ['nothing', 'folder/nothing', 'folder', 'hello.txt/below', 'nothing/at/all']) {
        expect(await source.read(path), path).toBeNull();
        expect(await source.stat(path), path).toBeNull();
      }
      expect(await source.read('nothing', { range: { offset: 0, length: 1 } })).toBeNull();
    });

    test.each([
      '',
      '/',
      '/etc/passwd',
      '..',
      '../up',
      'folder/../hello.txt',
      './hello.txt',
      'folder//deeper',
      'folder/',
      'a\0b',
      'a\\b',
      '\ud800',
      'x'.repeat(2000),
    ])('refuses the path %j', async (path) => {
      await expect(source.read(path)).rejects.toMatchObject({ code: 'invalid_request' });
      await expect(source.stat(path)).rejects.toMatchObject({ code: 'invalid_request' });
    });

    test('takes in no more than it is told to', async () => {
      await expect(source.read('hello.txt', { maxBytes: 11 })).rejects.toThrow(ObjectTooLarge);
      const range = { offset: 10, length: 50 };
      await expect(source.read('folder/deeper/blob.bin', { range, maxBytes: 49 })).rejects.toThrow(
        ObjectTooLarge,
      );
      expect((await source.read('hello.txt', { maxBytes: 12 }))!.size).toBe(12);
      expect((await source.read('folder/deeper/blob.bin', { range, maxBytes: 50 }))!.bytes).toHaveLength(50);
    });

    test('knows an object that was replaced by its validator', async () => {
      const before = await source.read('hello.txt');
      expect((await source.stat('hello.txt'))!.etag).toBe(before!.etag);
      if (before!.etag === null) return;
      expect(await source.read('hello.txt', { ifMatch: before!.etag })).toMatchObject({ size: 12 });
      await setup.replace('hello.txt', text('something longer'));
      await expect(source.read('hello.txt', { ifMatch: before!.etag })).rejects.toMatchObject({
        code: 'cloud_changed',
      });
      const range = { offset: 0, length: 3 };
      await expect(source.read('hello.txt', { ifMatch: before!.etag, range })).rejects.toMatchObject({
        code: 'cloud_changed',
      });
      const after = await source.read('hello.txt');
      expect(new TextDecoder().decode(after!.bytes)).toBe('something longer');
      expect(after!.etag).not.toBe(before!.etag);
    });

    test('ends the wait with the signal, for its reason', async () => {
      const reason = new Error('enough');
      await expect(source.read('hello.txt', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
      await expect(source.stat('hello.txt', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
      const controller = new AbortController();
      const reading = source.read('folder/deeper/blob.bin', { signal: controller.signal });
      controller.abort(reason);
      await expect(reading).rejects.toBe(reason);
    });

    test('lists a folder, if it lists at all', async () => {
      if (source.list === undefined) return;
      expect(await source.list('')).toEqual({ folders: ['folder'], files: ['empty.bin', 'hello.txt'] });
      expect(await source.list('folder')).toEqual({
        folders: ['deeper'],
        files: ['with space & ünïcode+plus.bin'],
      });
      expect(await source.list('nothing')).toBeNull();
      await expect(source.list('../up')).rejects.toMatchObject({ code: 'invalid_request' });
    });
  });
}
