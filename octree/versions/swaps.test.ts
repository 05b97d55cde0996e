/**
 * A cloud that is replaced by another version and put back (A, B, A): the metadata look unchanged afterwards,
 * and still no answer has points of both versions, neither at once nor later. NEARBOX_SWAPS sets how often
 * the folder is swapped under load; the long form is 1000.
 */
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { isNearboxError } from '../../cache/foundation/index.ts';
import { FolderSource } from '../../cache/sources/index.ts';
import { MemorySource } from '../../cache/testing/index.ts';
import { InlineDecoders } from '../decode/index.ts';
import { CloudReader } from '../reader/index.ts';
import type { Region } from '../regions/index.ts';
import { makeEptCloud } from '../testing/index.ts';

vi.setConfig({ testTimeout: 600_000 });

const SWAPS = Number(process.env.NEARBOX_SWAPS ?? 40);
const EVERYTHING: Region = { type: 'sphere', center: [32, 32, 32], radius: 1000 };

/**
 * All points of a version lie at one height, so that a mix shows. Everything else is the same in both:
 * counts, cubes and keys.
 */
async function filesAt(height: number): Promise<ReadonlyMap<string, Uint8Array>> {
  const { files } = await makeEptCloud({
    raw: Array.from({ length: 200 }, (_, i) => [(i * 7919) % 64000, (i * 104729) % 64000, height] as const),
    low: [0, 0, 0],
    edge: 64,
    nodePoints: 10,
    pageStep: 2,
  });
  const metadata = JSON.parse(new TextDecoder().decode(files.get('ept.json')));
  const marked = new TextEncoder().encode(JSON.stringify({ ...metadata, height }));
  return new Map([...files, ['ept.json', marked]]);
}

async function heightsOf(reader: CloudReader): Promise<number[]> {
  const { xyz } = (await reader.read('c', [EVERYTHING])).points(EVERYTHING);
  return [...new Set(xyz.filter((_, i) => i % 3 === 2))];
}

describe('a cloud that is replaced and put back', () => {
  test('in a store with dates never gives points of both, whichever node is read meanwhile', async () => {
    const [a, b] = [await filesAt(1000), await filesAt(2000)];
    const nodes = [...a.keys()].filter((name) => name.startsWith('ept-data')).length;
    for (let first = 1; first < nodes; first += 2) {
      const clock = { now: 1_000_000 };
      const source = new MemorySource([], { hasContentEtags: true, clock: () => clock.now });
      const swapTo = (files: ReadonlyMap<string, Uint8Array>) => {
        clock.now += 1000;
        for (const [name, bytes] of files) source.put(`c/${name}`, bytes);
      };
      swapTo(a);
      clock.now += 60_000;
      const reader = new CloudReader({
        source,
        decoders: new InlineDecoders(),
        versionTtlMs: 0,
        clock: () => clock.now,
      });
      let seen = 0;
      source.onRead = (name) => {
        if (!name.includes('ept-data')) return;
        seen += 1;
        if (seen === first) swapTo(b);
        if (seen === first + 1) swapTo(a);
      };
      expect(await heightsOf(reader)).toEqual([1]);
      source.onRead = null;
      expect(await heightsOf(reader)).toEqual([1]);
      await reader.close();
    }
  });

  test(`in a folder never gives points of both: ${SWAPS} swaps under load`, async () => {
    const root = await mkdtemp(path.join(tmpdir(), 'nearbox-swaps-'));
    const store = async (name: string, files: ReadonlyMap<string, Uint8Array>) => {
      for (const [file, bytes] of files) {
        const target = path.join(root, name, file);
        await mkdir(path.dirname(target), { recursive: true });
        await writeFile(target, bytes);
      }
    };
    await store('c', await filesAt(1000));
    await store('other', await filesAt(2000));
    const reader = new CloudReader({
      source: new FolderSource({ root }),
      decoders: new InlineDecoders(),
      versionTtlMs: 0,
    });
    let isSwapping = true;
    let [right, changed] = [0, 0];
    const click = async () => {
      while (isSwapping) {
        try {
          expect(await heightsOf(reader)).toHaveLength(1);
          right += 1;
        } catch (error) {
          // In the instant between two renames there is no cloud, and one that keeps changing is said to do
          // so.
          if (!isNearboxError(error, 'cloud_changed') && !isNearboxError(error, 'cloud_not_found'))
            throw error;
          changed += 1;
        }
      }
    };
    const clicks = Promise.all(Array.from({ length: 6 }, click));
    clicks.catch(() => {});
    try {
      for (let swap = 0; swap < SWAPS; swap += 1) {
        // Some swaps fall into the middle of a read, some let reads come to their end.
        const settled = right + changed + (swap % 4 === 0 ? 6 : 1);
        await rename(path.join(root, 'c'), path.join(root, 'aside'));
        await rename(path.join(root, 'other'), path.join(root, 'c'));
        await rename(path.join(root, 'aside'), path.join(root, 'other'));
        while (right + changed < settled) await new Promise(setImmediate);
      }
      isSwapping = false;
      await clicks;
      expect(right).toBeGreaterThan(0);
      // Also after it has settled, on what is in memory.
      const [height] = await heightsOf(reader);
      expect([1, 2]).toContain(height);
      const fresh = new CloudReader({ source: new FolderSource({ root }), decoders: new InlineDecoders() });
      expect(await heightsOf(fresh)).toEqual([height]);
      await fresh.close();
    } finally {
      isSwapping = false;
      await clicks.catch(() => {});
      await reader.close();
      await rm(root, { recursive: true });
    }
  });
});
