/**
 * Documents in a folder: the conformance suite, who the folder belongs to, and what a killed process leaves.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderDocuments } from './folder-documents.ts';
import { describeDocuments } from './testing/index.ts';

/** Rounds of the kill test: NEARBOX_KILLS for a long run. */
const KILLS = Number(process.env.NEARBOX_KILLS || 5);
const WRITER = fileURLToPath(new URL('testing/writer-process.ts', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-documents-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describeDocuments('FolderDocuments', async () => {
  const store = await FolderDocuments.open(path.join(folder, 'labels'));
  return { store, again: async () => store, close: () => store.close() };
});

describe('a folder of documents', () => {
  it('belongs to one process at a time', async () => {
    const first = await FolderDocuments.open(folder);
    await expect(FolderDocuments.open(folder)).rejects.toMatchObject({
      code: 'source_unavailable',
      message: expect.stringContaining('in use by another server'),
    });
    await first.close();
    const second = await FolderDocuments.open(folder);
    await second.close();
    expect(await readdir(folder)).toEqual(['~unfinished']);
  });

  it('can lie deeper than the path of a socket may be long', async () => {
    const deep = path.join(folder, 'x'.repeat(100), 'y'.repeat(100));
    const store = await FolderDocuments.open(deep);
    await expect(FolderDocuments.open(deep)).rejects.toThrow('in use');
    await store.close();
  });

  it('says why it cannot be used', async () => {
    await writeFile(path.join(folder, 'file'), 'x');
    await expect(FolderDocuments.open(path.join(folder, 'file'))).rejects.toMatchObject({
      code: 'source_unavailable',
    });
  });

  it('keeps the old document where the new one cannot be written', async () => {
    const store = await FolderDocuments.open(folder);
    const { etag } = await store.write('a', Buffer.from('1'), { ifAbsent: true });
    await rm(path.join(folder, '~unfinished'), { recursive: true });
    await expect(store.write('a', Buffer.from('2'), { ifMatch: etag })).rejects.toMatchObject({
      code: 'source_unavailable',
    });
    expect(String((await store.read('a'))?.bytes)).toBe('1');
    await store.close();
  });

  it('never has what a dead process left unfinished', async () => {
    await mkdir(path.join(folder, '~unfinished'));
    await writeFile(path.join(folder, '~unfinished', 'half'), '{"ha');
    const store = await FolderDocuments.open(folder);
    expect((await store.list({ prefix: '', after: null, limit: 10 })).keys).toEqual([]);
    expect(await readdir(path.join(folder, '~unfinished'))).toEqual([]);
    await store.close();
  });

  it(`has every acknowledged write, whole, after kill -9 (${KILLS} kills), and its lock stops nobody`, async () => {
    for (let round = 0; round < KILLS; round++) {
      const child = spawn(process.execPath, ['--import', 'tsx', WRITER, folder, String(round)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      /** The last number that was acknowledged, by key. */
      const acknowledged = new Map<string, number>();
      const killAfter = 5 + 7 * round;
      for await (const line of createInterface({ input: child.stdout })) {
        const [key, count] = line.split(' ') as [string, string];
        acknowledged.set(key, Number(count));
        if (Number(count) >= killAfter) child.kill('SIGKILL');
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      expect(child.signalCode).toBe('SIGKILL');
      const store = await FolderDocuments.open(folder);
      expect(acknowledged.size).toBeGreaterThan(0);
      for (const [key, count] of acknowledged) {
        const { n, filler } = JSON.parse(String((await store.read(key))!.bytes)) as {
          n: number;
          filler: string;
        };
        // The write behind the last acknowledged one may have been done as well.
        expect(n).toBeGreaterThanOrEqual(count);
        expect(filler).toHaveLength(20_000);
      }
      expect(await readFile(path.join(folder, `round-${round}`, 'k0'), 'utf8')).toContain('"n"');
      await store.close();
    }
  }, 120_000);
});
