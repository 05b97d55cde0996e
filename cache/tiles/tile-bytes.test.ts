import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DiskTier } from '../disk/index.ts';
import { NearboxError } from '../foundation/index.ts';
import { HeldSource, stored } from '../testing/index.ts';
import { TileBytes } from './tile-bytes.ts';
import type { TileUpstream } from './tile-upstreams.ts';

const ADDRESS = { cloud: 'a/b', version: 'v1', node: '1-0-0-1', path: 'a/b/1-0-0-1.bin', range: null };

let folder: string;
let disk: DiskTier;
let held: HeldSource;
let tiles: TileBytes;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'nearbox-tiles-'));
  disk = DiskTier.open({ folder, readTimeoutMs: 60_000 });
  await disk.idle();
  held = new HeldSource();
  tiles = new TileBytes({ source: held, disk, maxTileBytes: 1000 });
});

afterEach(async () => {
  await disk.close();
  await rm(folder, { recursive: true });
});

/** Lets the disk answer, until the source has been asked `n` times. */
async function asked(n: number): Promise<void> {
  while (held.reads.length < n) await new Promise(setImmediate);
}

/** Has a tile on disk. */
async function kept(address = ADDRESS): Promise<void> {
  const read = tiles.read(address);
  await asked(1);
  held.reads.shift()?.resolve(stored('tile', '"e"'));
  (await read)?.keep();
  await disk.idle();
}

describe('TileBytes', () => {
  it('asks the origin once for all who ask at a time', async () => {
    const reads = Array.from({ length: 64 }, () => tiles.read(ADDRESS));
    await asked(1);
    held.reads[0]?.resolve(stored('tile', '"e"'));
    const all = await Promise.all(reads);
    expect(held.reads.length).toBe(1);
    expect(held.reads[0]).toMatchObject({ path: ADDRESS.path, options: { maxBytes: 1000 } });
    expect(all.every((read) => read?.bytes.length === 4)).toBe(true);
    expect(all.map((read) => read?.originBytes).reduce((sum = 0, n = 0) => sum + n)).toBe(4);
    expect(tiles.stats()).toMatchObject({ originReads: 1, originBytes: 4, joined: 63, inFlight: 0 });
  });

  it('keeps on disk what was said to be of the version, and nothing else', async () => {
    const read = tiles.read(ADDRESS);
    await asked(1);
    held.reads[0]?.resolve(stored('tile', '"e"'));
    const tile = await read;
    await disk.idle();
    expect(disk.stats().entries).toBe(0);
    tile?.keep();
    tile?.keep();
    await disk.idle();
    expect(disk.stats()).toMatchObject({ entries: 1, writes: 1 });
    const again = await tiles.read(ADDRESS);
    expect(again).toMatchObject({ bytes: stored('tile').bytes, etag: '"e"', from: 'disk', originBytes: 0 });
    again?.keep();
    await disk.idle();
    expect(disk.stats().writes).toBe(1);
  });

  it('tells clouds, versions and nodes apart', async () => {
    await kept();
    const others = [
      { ...ADDRESS, version: 'v2' },
      { ...ADDRESS, cloud: 'b' },
      { ...ADDRESS, node: '1-0-0-0' },
    ].map((address) => tiles.read(address));
    await asked(3);
    for (const read of held.reads) read.resolve(null);
    expect(await Promise.all(others)).toEqual([null, null, null]);
  });

  it('asks the origin if the tile on disk has another validator, and for ranges as they are', async () => {
    await kept();
    const read = tiles.read({ ...ADDRESS, range: { offset: 3, length: 4 } }, { ifMatch: '"f"' });
    await asked(1);
    expect(held.reads[0]?.options).toMatchObject({ ifMatch: '"f"', range: { offset: 3, length: 4 } });
    held.reads[0]?.resolve(stored('next', '"f"'));
    expect(await read).toMatchObject({ from: 'origin', etag: '"f"' });
    expect(await tiles.read(ADDRESS, { ifMatch: '"e"' })).toMatchObject({ from: 'disk' });
  });

  it('a replaced tile takes its version from the disk', async () => {
    await kept();
    const read = tiles.read({ ...ADDRESS, node: '2-0-0-0' }, { ifMatch: '"old"' });
    await asked(1);
    held.reads.shift()?.reject(new NearboxError('cloud_changed', 'x'));
    await expect(read).rejects.toMatchObject({ code: 'cloud_changed' });
    const again = tiles.read(ADDRESS);
    await asked(1);
    held.reads[0]?.resolve(null);
    expect(await again).toBeNull();
  });

  it('failures are of those who wait, and are not kept', async () => {
    const reads = [tiles.read(ADDRESS), tiles.read(ADDRESS)];
    await asked(1);
    held.reads.shift()?.reject(new NearboxError('source_unavailable', 'down'));
    for (const { status } of await Promise.allSettled(reads)) expect(status).toBe('rejected');
    await kept();
    expect(disk.stats().entries).toBe(1);
  });

  it('a caller that leaves harms no other; the last one ends the read', async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const reads = [tiles.read(ADDRESS, first), tiles.read(ADDRESS, second)];
    await asked(1);
    first.abort(new Error('gone'));
    await expect(reads[0]).rejects.toThrow('gone');
    expect(held.reads[0]?.options.signal?.aborted).toBe(false);
    second.abort(new Error('gone too'));
    await expect(reads[1]).rejects.toThrow('gone too');
    expect(held.reads[0]?.options.signal?.aborted).toBe(true);
  });

  it('works without a disk', async () => {
    const bare = new TileBytes({ source: held });
    const read = bare.read(ADDRESS);
    await asked(1);
    held.reads[0]?.resolve(stored('tile'));
    (await read)?.keep();
    bare.drop('a/b', 'v1');
    expect(held.reads[0]?.options).not.toHaveProperty('maxBytes');
  });

  describe('with another place to ask', () => {
    const answers: (Uint8Array<ArrayBuffer> | null)[] = [];
    const asks: string[] = [];
    const near: TileUpstream = {
      name: 'cdn',
      hedgeAfterMs: 60_000,
      read: async ({ node }) => {
        asks.push(node);
        return answers.shift() ?? null;
      },
    };
    let both: TileBytes;
    beforeEach(() => {
      answers.length = 0;
      asks.length = 0;
      both = new TileBytes({ source: held, disk, upstreams: [near], maxTileBytes: 1000 });
    });

    it('asks it first, and not at all for others; its tiles go to the disk too', async () => {
      answers.push(stored('near').bytes);
      const read = await both.read(ADDRESS, { ifMatch: '"e"' });
      expect(read).toMatchObject({ from: 'cdn', etag: null, originBytes: 4 });
      read!.keep();
      await disk.idle();
      expect(await both.read(ADDRESS, { ifMatch: '"e"' })).toMatchObject({ from: 'disk' });
      const direct = both.read({ ...ADDRESS, node: '0-0-0-0' }, { reach: 'direct' });
      await asked(1);
      held.reads[0]!.resolve(stored('far'));
      expect(await direct).toMatchObject({ from: 'origin' });
      expect(asks).toEqual([ADDRESS.node]);
      expect(both.stats()).toMatchObject({ originReads: 1, upstreams: { cdn: { reads: 1, bytes: 4 } } });
    });

    it('one read from the origin for itself and for others, and for those who come a moment later', async () => {
      const own = both.read(ADDRESS);
      const others = both.read(ADDRESS, { reach: 'direct' });
      await asked(1);
      held.reads[0]!.resolve(stored('tile', '"e"'));
      expect((await others)?.from).toBe('origin');
      // Not yet known to be good: who gets it now has to look by itself.
      expect(await both.read(ADDRESS, { reach: 'direct' })).toMatchObject({ from: 'origin', originBytes: 4 });
      (await own)!.keep();
      expect(await both.read(ADDRESS, { reach: 'direct' })).toMatchObject({ from: 'memory', originBytes: 0 });
      expect(held.reads.length).toBe(1);
    });

    it('what was found bad, or is of a version that ended, is not given to others', async () => {
      for (const end of ['reject', 'drop'] as const) {
        held.reads.length = 0;
        const read = both.read(ADDRESS, { reach: 'direct' });
        await asked(1);
        held.reads[0]!.resolve(stored('bad'));
        if (end === 'reject') (await read)!.reject();
        else await read.then(() => both.drop(ADDRESS.cloud, ADDRESS.version));
        const again = both.read(ADDRESS, { reach: 'direct' });
        await asked(2);
        held.reads[1]!.resolve(null);
        expect(await again).toBeNull();
      }
    });
  });
});
