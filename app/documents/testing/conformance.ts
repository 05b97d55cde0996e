/** What every store of documents must do, as tests. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DocumentStore, PreconditionFailed } from '../document-store.ts';

const text = (value: string) => Buffer.from(value);
const textOf = async (store: DocumentStore, key: string) =>
  Buffer.from((await store.read(key))?.bytes ?? []).toString();
const none = { ifAbsent: true } as const;

export interface OpenedDocuments {
  readonly store: DocumentStore;
  /** Another server's view of the same documents, or this one again where only one server may have them. */
  again(): Promise<DocumentStore>;
  close(): Promise<void>;
}

export function describeDocuments(name: string, open: () => Promise<OpenedDocuments>): void {
  describe(name, () => {
    let opened: OpenedDocuments;
    let store: DocumentStore;
    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened.close());

    it('has no document before one is written', async () => {
      expect(await store.read('a/b')).toBeNull();
      expect(await store.list({ prefix: '', after: null, limit: 10 })).toEqual({ keys: [], next: null });
    });

    it('gives back the bytes that were written, with the tag that the write named', async () => {
      const bytes = text('{"x": 515387.123, "ä": "\\u0000"}');
      const { etag } = await store.write('s 1/ä+#?.json', bytes, none);
      expect(etag).toMatch(/^"[^"]+"$/);
      const found = await store.read('s 1/ä+#?.json');
      expect(found?.etag).toBe(etag);
      expect(Buffer.compare(found!.bytes, bytes)).toBe(0);
      expect((await (await opened.again()).read('s 1/ä+#?.json'))?.etag).toBe(etag);
    });

    it('creates a document once', async () => {
      const { etag } = await store.write('a', text('1'), none);
      const failure = await store.write('a', text('2'), none).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(PreconditionFailed);
      expect((failure as PreconditionFailed).present).toBe(etag);
      expect(await textOf(store, 'a')).toBe('1');
    });

    it('replaces the state that the writer has seen, and no other', async () => {
      const first = await store.write('a', text('1'), none);
      const second = await store.write('a', text('2'), { ifMatch: first.etag });
      expect(second.etag).not.toBe(first.etag);
      const stale = store.write('a', text('3'), { ifMatch: first.etag });
      await expect(stale).rejects.toMatchObject({ name: 'PreconditionFailed', present: second.etag });
      const absent = store.write('b', text('3'), { ifMatch: first.etag });
      await expect(absent).rejects.toMatchObject({ name: 'PreconditionFailed', present: null });
    });

    it('removes the state that the caller has seen; then the document can be created anew', async () => {
      const first = await store.write('a/b', text('1'), none);
      const second = await store.write('a/b', text('2'), { ifMatch: first.etag });
      await expect(store.remove('a/b', first.etag)).rejects.toMatchObject({ present: second.etag });
      await store.remove('a/b', second.etag);
      expect(await store.read('a/b')).toBeNull();
      expect(await store.list({ prefix: '', after: null, limit: 10 })).toMatchObject({ keys: [] });
      await expect(store.remove('a/b', second.etag)).rejects.toMatchObject({ present: null });
      await expect(store.write('a/b', text('3'), { ifMatch: second.etag })).rejects.toMatchObject({
        present: null,
      });
      const third = await store.write('a/b', text('3'), none);
      expect((await store.read('a/b'))?.etag).toBe(third.etag);
    });

    it('lets one of many writers of the same state through', async () => {
      const other = await opened.again();
      const { etag } = await store.write('a', text('0'), none);
      const writes = Array.from({ length: 16 }, (_, i) =>
        (i % 2 === 0 ? store : other).write('a', text(`${i + 1}`), { ifMatch: etag }).then(
          () => i + 1,
          (error: unknown) => {
            expect(error).toBeInstanceOf(PreconditionFailed);
            return null;
          },
        ),
      );
      const winners = (await Promise.all(writes)).filter((winner) => winner !== null);
      expect(winners).toHaveLength(1);
      expect(await textOf(store, 'a')).toBe(String(winners[0]));
    });

    it('loses no change of writers who read again and try again', async () => {
      const other = await opened.again();
      await store.write('n', text('0'), none);
      const add = async (documents: DocumentStore) => {
        for (;;) {
          const { bytes, etag } = (await documents.read('n'))!;
          try {
            await documents.write('n', text(String(Number(Buffer.from(bytes).toString()) + 1)), {
              ifMatch: etag,
            });
            return;
          } catch (error) {
            expect(error).toBeInstanceOf(PreconditionFailed);
          }
        }
      };
      await Promise.all(Array.from({ length: 8 }, (_, i) => add(i % 2 === 0 ? store : other)));
      expect(await textOf(store, 'n')).toBe('8');
    });

    it('lists keys in one order, by prefix and page by page', async () => {
      const keys = ['a-b/x', 'a/x', 'a/y/z', 'a.b', 'b/c'];
      for (const key of keys) await store.write(key, text('1'), none);
      const all = await store.list({ prefix: '', after: null, limit: 100 });
      expect(all).toEqual({ keys: [...keys].sort(), next: null });
      const paged: string[] = [];
      for (let after: string | null = null; ; ) {
        const page = await store.list({ prefix: '', after, limit: 2 });
        expect(page.keys.length).toBeLessThanOrEqual(2);
        paged.push(...page.keys);
        if (page.next === null) break;
        after = page.next;
      }
      expect(paged).toEqual(all.keys);
      expect((await store.list({ prefix: 'a/', after: null, limit: 9 })).keys).toEqual(['a/x', 'a/y/z']);
      expect((await store.list({ prefix: 'a', after: 'a/x', limit: 9 })).keys).toEqual(['a/y/z']);
    });

    it.each(['', '/a', '../a', 'a//b', 'a/../b', 'a\\b'])('refuses the key %j', async (key) => {
      await expect(store.read(key)).rejects.toMatchObject({ code: 'invalid_request' });
      await expect(store.write(key, text('1'), none)).rejects.toMatchObject({ code: 'invalid_request' });
    });

    it('does not begin for a caller who has left', async () => {
      const signal = AbortSignal.abort(new Error('left'));
      await expect(store.write('a', text('1'), none, { signal })).rejects.toThrow('left');
      await expect(store.read('a', { signal })).rejects.toThrow('left');
      expect(await store.read('a')).toBeNull();
    });
  });
}
