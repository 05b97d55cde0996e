import { execFileSync } from 'node:child_process';
import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { deferred, FailingFiles, HandClock } from '../testing/index.ts';
import { DiskTier, type DiskTierOptions } from './disk-tier.ts';
import { decodeRecord, encodeHeader, recordLength } from './record.ts';

let folder: string;
const open: DiskTier[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'nearbox-disk-'));
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((tier) => tier.close()));
  await rm(folder, { recursive: true });
});

function start(options: Partial<DiskTierOptions> = {}): DiskTier {
  const tier = DiskTier.open({ folder, readTimeoutMs: 60_000, ...options });
  open.push(tier);
  return tier;
}

/** A tier that is ready to write. */
async function ready(options: Partial<DiskTierOptions> = {}): Promise<DiskTier> {
  const tier = start(options);
  await tier.idle();
  return tier;
}

const tile = (seed: number, length = 1000) => ({
  bytes: Uint8Array.from({ length }, (_, i) => (seed * 31 + i * 7) & 255),
  etag: `"${seed}"`,
});

async function filesBelow(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}

async function takenBytes(): Promise<number> {
  const sizes = await Promise.all(
    (await filesBelow(folder)).map(async (file) => (await stat(file)).blocks * 512),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

describe('tiles', () => {
  it('come back as they were, over a buffer of their own', async () => {
    const tier = await ready();
    tier.put('cloud@v1', '0-0-0-0', tile(1));
    tier.put('cloud@v1', '1-0-0-0', { bytes: new Uint8Array(0), etag: null });
    await tier.idle();
    const back = await tier.get('cloud@v1', '0-0-0-0');
    expect(back).toEqual(tile(1));
    expect(back?.bytes.buffer.byteLength).toBe(1000);
    expect(await tier.get('cloud@v1', '1-0-0-0')).toEqual({ bytes: new Uint8Array(0), etag: null });
    expect(await tier.get('cloud@v1', '2-0-0-0')).toBeNull();
    expect(await tier.get('cloud@v2', '0-0-0-0')).toBeNull();
    expect(tier.stats()).toMatchObject({
      hits: 2,
      misses: 2,
      writes: 2,
      corrupt: 0,
      failures: 0,
      entries: 2,
    });
  });

  it('outlive the process, and are given before they were counted', async () => {
    const first = await ready();
    first.put('g', 'n', tile(1));
    await first.close();
    const files = new FailingFiles();
    const held = deferred();
    files.before.set('list', () => held.promise);
    const second = start({ files: files.files });
    expect(await second.get('g', 'n')).toEqual(tile(1));
    second.put('g', 'm', tile(2));
    expect(second.stats()).toMatchObject({ isRestored: false, entries: 0, skipped: 1 });
    held.resolve();
    await second.idle();
    expect(second.stats()).toMatchObject({ isRestored: true, entries: 1 });
    expect(second.stats().bytes).toBe(first.stats().bytes);
  });

  it('are replaced by a later one of the same name', async () => {
    const tier = await ready();
    tier.put('g', 'n', tile(1, 50_000));
    tier.put('g', 'n', tile(2, 10));
    await tier.idle();
    expect(await tier.get('g', 'n')).toEqual(tile(2, 10));
    expect(tier.stats()).toMatchObject({ entries: 1, bytes: 8192 });
  });

  it('go with their group, at once and for good', async () => {
    const tier = await ready();
    for (const group of ['g', 'h']) for (const name of ['a', 'b']) tier.put(group, name, tile(1));
    await tier.idle();
    tier.put('g', 'c', tile(1));
    tier.dropGroup('g');
    tier.put('g', 'd', tile(1));
    expect(await tier.get('g', 'a')).toBeNull();
    await tier.idle();
    for (const name of ['a', 'b', 'c', 'd']) expect(await tier.get('g', name), name).toBeNull();
    expect(await tier.get('h', 'a')).toEqual(tile(1));
    expect((await filesBelow(folder)).length).toBe(2);
    expect(tier.stats()).toMatchObject({ entries: 2, bytes: 16_384 });
    tier.put('g', 'a', tile(3));
    await tier.idle();
    expect(await tier.get('g', 'a')).toEqual(tile(3));
  });

  it('of a dropped group do not come back by a write that was under way', async () => {
    const files = new FailingFiles();
    const tier = await ready({ files: files.files });
    const renaming = deferred();
    const go = deferred();
    files.before.set('rename', () => {
      files.before.delete('rename');
      renaming.resolve();
      return go.promise;
    });
    tier.put('g', 'a', tile(1));
    await renaming.promise;
    tier.dropGroup('g');
    go.resolve();
    await tier.idle();
    expect(await tier.get('g', 'a')).toBeNull();
    expect(await filesBelow(folder)).toEqual([]);
    expect(tier.stats()).toMatchObject({ entries: 0, bytes: 0 });
  });
});

describe('the bound', () => {
  it('holds; least recently used goes first', async () => {
    const tier = await ready({ maxBytes: 5 * 8192 });
    for (let i = 0; i < 5; i += 1) tier.put('g', `${i}`, tile(i));
    await tier.idle();
    await tier.get('g', '0');
    tier.put('g', '5', tile(5));
    await tier.idle();
    expect(await tier.get('g', '1')).toBeNull();
    expect(await tier.get('g', '0')).toEqual(tile(0));
    expect(tier.stats()).toMatchObject({ entries: 5, bytes: 5 * 8192, evictions: 1 });
  });

  it('holds at every moment of a burst, what is being written included', async () => {
    const maxBytes = 300_000;
    const files = new FailingFiles();
    const tier = await ready({ maxBytes, files: files.files });
    const seen: number[] = [];
    for (const method of ['rename', 'unlink'] as const) {
      files.before.set(method, async () => {
        seen.push(await takenBytes(), tier.stats().bytes);
      });
    }
    for (let i = 0; i < 60; i += 1) tier.put('g', `${i}`, tile(i, 1000 * (i % 30)));
    await tier.idle();
    expect(Math.max(...seen)).toBeLessThanOrEqual(maxBytes);
    expect(tier.stats().evictions).toBeGreaterThan(10);
    expect(tier.stats().writes).toBe(60);
  });

  it('is kept after a start with a smaller one, oldest first, in the order of last use', async () => {
    const first = await ready();
    for (let i = 0; i < 4; i += 1) first.put('g', `${i}`, tile(i));
    await first.close();
    const [oldest] = await filesBelow(folder);
    for (const file of await filesBelow(folder)) {
      const at = new Date(file === oldest ? 1000 : 2000);
      await utimes(file, at, at);
    }
    const second = await ready({ maxBytes: 3 * 8192 });
    expect(second.stats()).toMatchObject({ entries: 3, bytes: 3 * 8192, evictions: 1 });
    expect(await filesBelow(folder)).not.toContain(oldest);
  });

  it('a use is noted on disk, now and then', async () => {
    let now = Date.now();
    const tier = await ready({ clock: () => now });
    tier.put('g', 'n', tile(1));
    await tier.idle();
    const [file] = await filesBelow(folder);
    await utimes(file!, new Date(1000), new Date(1000));
    await tier.get('g', 'n');
    await tier.idle();
    expect((await stat(file!)).mtimeMs).toBe(1000);
    now += 3_600_000;
    await tier.get('g', 'n');
    await tier.idle();
    expect((await stat(file!)).mtimeMs).toBeGreaterThan(1000);
  });

  it('leaves out what is too large, and what would wait in too long a line', async () => {
    const tier = await ready({ maxBytes: 100_000, maxTileBytes: 200_000, maxPendingBytes: 150_000 });
    tier.put('g', 'larger than the tier', tile(1, 100_000));
    tier.put('g', 'larger than a tile', tile(1, 200_001));
    for (let i = 0; i < 4; i += 1) tier.put('g', `${i}`, tile(i, 50_000));
    await tier.idle();
    expect(tier.stats()).toMatchObject({ skipped: 3, writes: 3 });
  });
});

describe('damage', () => {
  it('any bit flipped at rest is found, the record removed, and the tile may be written again', async () => {
    const tier = await ready();
    tier.put('g', 'n', tile(1, 64));
    await tier.idle();
    const [file] = await filesBelow(folder);
    const record = await readFile(file!);
    for (let bit = 0; bit < record.length * 8; bit += 13) {
      const flipped = Buffer.from(record);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      await writeFile(file!, flipped);
      expect(await tier.get('g', 'n'), `bit ${bit}`).toBeNull();
      await tier.idle();
      expect(await filesBelow(folder)).toEqual([]);
      tier.put('g', 'n', tile(1, 64));
      await tier.idle();
    }
    expect(await tier.get('g', 'n')).toEqual(tile(1, 64));
    expect(tier.stats()).toMatchObject({ entries: 1, bytes: 8192 });
  });

  it.each([
    ['empty', () => Buffer.alloc(0)],
    ['cut off', (record: Buffer) => record.subarray(0, record.length - 1)],
    ['longer', (record: Buffer) => Buffer.concat([record, Buffer.alloc(1)])],
    ['zeros, as after a power cut', (record: Buffer) => Buffer.alloc(record.length)],
    [
      'another format',
      (record: Buffer) => Buffer.concat([record.subarray(0, 4), Buffer.from([2]), record.subarray(5)]),
    ],
    ['far too large', () => Buffer.alloc(3_000_000)],
  ])('a record that is %s is none', async (_name, damage) => {
    const tier = await ready({ maxTileBytes: 100_000 });
    tier.put('g', 'n', tile(1));
    await tier.idle();
    const [file] = await filesBelow(folder);
    await writeFile(file!, damage(await readFile(file!)));
    expect(await tier.get('g', 'n')).toBeNull();
    expect(tier.stats()).toMatchObject({ corrupt: 1 });
  });

  it('a whole record in the place of another is none', async () => {
    const tier = await ready();
    tier.put('g', 'a', tile(1));
    await tier.idle();
    const [a] = await filesBelow(folder);
    tier.put('g', 'b', tile(2));
    await tier.idle();
    const b = (await filesBelow(folder)).find((file) => file !== a);
    await rename(a!, b!);
    expect(await tier.get('g', 'b')).toBeNull();
    expect(tier.stats()).toMatchObject({ corrupt: 1 });
    expect(await tier.get('g', 'a')).toBeNull();
    await tier.idle();
    expect(tier.stats()).toMatchObject({ corrupt: 1, entries: 0, bytes: 0 });
  });

  it('records of every shape come back, and none under another name', () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    fc.assert(
      fc.property(
        text,
        text,
        fc.option(fc.string({ minLength: 1 })),
        fc.uint8Array(),
        text,
        (group, name, etag, bytes, other) => {
          const encoded = Buffer.concat([encodeHeader({ group, name, etag, bytes }), bytes]);
          expect(encoded.length).toBe(recordLength({ group, name, etag, bytes }));
          expect(decodeRecord(encoded, group, name)).toEqual({ bytes: Uint8Array.from(bytes), etag });
          if (other !== name) expect(decodeRecord(encoded, group, other)).toBeNull();
          if (other !== group) expect(decodeRecord(encoded, other, name)).toBeNull();
        },
      ),
    );
  });
});

describe('a disk in trouble', () => {
  it.each(['EIO', 'EMFILE', 'ENFILE', 'EACCES'])(
    '%s on a read is a miss, and nothing is removed',
    async (code) => {
      const files = new FailingFiles();
      const tier = await ready({ files: files.files });
      tier.put('g', 'n', tile(1));
      await tier.idle();
      files.fail('read', code);
      expect(await tier.get('g', 'n')).toBeNull();
      files.fail('read');
      expect(await tier.get('g', 'n')).toEqual(tile(1));
      expect(tier.stats()).toMatchObject({ failures: 1, corrupt: 0, hits: 1, misses: 1 });
    },
  );

  it.each(['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'EROFS'])(
    '%s on a write keeps nothing, and leaves nothing behind',
    async (code) => {
      const files = new FailingFiles();
      const tier = await ready({ files: files.files });
      for (const method of ['write', 'rename'] as const) {
        files.fail(method, code);
        tier.put('g', 'n', tile(1));
        await tier.idle();
        files.fail(method);
        expect(await tier.get('g', 'n')).toBeNull();
        expect(await filesBelow(folder)).toEqual([]);
      }
      expect(tier.stats()).toMatchObject({ failures: 2, bytes: 0 });
      tier.put('g', 'n', tile(1));
      await tier.idle();
      expect(await tier.get('g', 'n')).toEqual(tile(1));
    },
  );

  it('a full disk makes the tier give way', async () => {
    const files = new FailingFiles();
    const tier = await ready({ files: files.files });
    for (let i = 0; i < 6; i += 1) tier.put('g', `${i}`, tile(i));
    await tier.idle();
    files.fail('write', 'ENOSPC');
    tier.put('g', 'n', tile(1));
    await tier.idle();
    expect(tier.stats()).toMatchObject({ entries: 4, evictions: 2 });
  });

  it('files that will not go are not counted as gone', async () => {
    const files = new FailingFiles();
    const tier = await ready({ files: files.files, maxBytes: 2 * 8192 });
    tier.put('g', '0', tile(0));
    tier.put('g', '1', tile(1));
    await tier.idle();
    files.fail('unlink', 'EIO');
    tier.put('g', '2', tile(2));
    await tier.idle();
    expect(tier.stats()).toMatchObject({ entries: 2, bytes: 2 * 8192, skipped: 1 });
  });

  it('a folder that cannot be made turns the tier off and is told', async () => {
    await writeFile(path.join(folder, 'file'), '');
    const problems: string[] = [];
    const tier = await ready({
      folder: path.join(folder, 'file'),
      onProblem: (problem) => problems.push(problem),
    });
    tier.put('g', 'n', tile(1));
    expect(await tier.get('g', 'n')).toBeNull();
    expect(problems).toEqual([expect.stringContaining('keeps nothing')]);
  });

  it('a read that is too slow is given up; with all places taken by such, none is tried', async () => {
    const files = new FailingFiles();
    const timing = new HandClock();
    const tier = await ready({ files: files.files, timing, readTimeoutMs: 100, maxReads: 2 });
    for (const name of ['a', 'b', 'c']) tier.put('g', name, tile(1));
    await tier.idle();
    const held = deferred();
    files.before.set('read', () => held.promise);
    const reads = ['a', 'b', 'c'].map((name) => tier.get('g', name));
    await Promise.resolve();
    timing.advance(99);
    timing.advance(1);
    expect(await Promise.all(reads)).toEqual([null, null, null]);
    expect(await tier.get('g', 'a')).toBeNull();
    expect(files.calls.filter((call) => call.startsWith('read')).length).toBe(2);
    expect(tier.stats()).toMatchObject({ gaveUp: 4, misses: 4 });
    expect(timing.pending).toBe(0);
    files.before.delete('read');
    held.resolve();
    // The places are free again once the system has answered.
    while ((await tier.get('g', 'a')) === null) await new Promise(setImmediate);
    expect(tier.stats().hits).toBe(1);
  });

  it('a caller that leaves is released at once', async () => {
    const files = new FailingFiles();
    const tier = await ready({ files: files.files });
    tier.put('g', 'n', tile(1));
    await tier.idle();
    const held = deferred();
    files.before.set('read', () => held.promise);
    const controller = new AbortController();
    const read = tier.get('g', 'n', { signal: controller.signal });
    controller.abort(new Error('gone'));
    await expect(read).rejects.toThrow('gone');
    await expect(tier.get('g', 'n', { signal: controller.signal })).rejects.toThrow('gone');
    held.resolve();
  });
});

describe('the start', () => {
  it('clears away what other runs left: half-written records, older layouts, foreign files', async () => {
    const first = await ready();
    first.put('g', 'n', tile(1));
    await first.close();
    const root = path.join(folder, 'tiles-v1');
    const group = (await readdir(root)).find((name) => name !== 'tmp') ?? '';
    for (const orphan of ['tmp/abc-1', `${group}/x.part`, 'foreign/file', '../tiles-v0/x']) {
      await mkdir(path.dirname(path.join(root, orphan)), { recursive: true });
      await writeFile(path.join(root, orphan), 'half');
    }
    await writeFile(path.join(folder, 'not ours'), '');
    const second = await ready();
    expect(await second.get('g', 'n')).toEqual(tile(1));
    expect((await filesBelow(folder)).map((file) => path.basename(file)).sort()).toEqual([
      expect.stringMatching(/^[0-9a-f]{32}\.tile$/),
      'not ours',
    ]);
  });

  it('waits for nothing, and can be closed at once', async () => {
    const files = new FailingFiles();
    const held = deferred();
    files.before.set('stat', () => held.promise);
    const first = await ready();
    first.put('g', 'n', tile(1));
    await first.close();
    const tier = start({ files: files.files });
    const closed = tier.close();
    expect(await tier.get('g', 'n')).toBeNull();
    held.resolve();
    await closed;
  });

  it('is not waited for by the end: what is in line after a while falls away', async () => {
    const files = new FailingFiles();
    const timing = new HandClock();
    const tier = await ready({ files: files.files, timing });
    const held = deferred();
    const begun = deferred();
    files.before.set('write', () => {
      begun.resolve();
      return held.promise;
    });
    for (let i = 0; i < 50; i += 1) tier.put('g', `${i}`, tile(i));
    await begun.promise;
    const closed = tier.close();
    timing.advance(2000);
    held.resolve();
    await closed;
    expect(files.calls.filter((call) => call.startsWith('write')).length).toBe(1);
    expect(await filesBelow(folder)).toEqual([]);
    expect(timing.pending).toBe(0);
  });

  it('goes on after a write that hangs, and after a disk that hung', async () => {
    const files = new FailingFiles();
    const timing = new HandClock();
    const tier = await ready({ files: files.files, timing });
    const held = [deferred(), deferred()];
    let writes = 0;
    files.before.set('write', () => held[writes++]?.promise);
    const written = (n: number) => vi.waitUntil(() => tier.stats().writes === n);
    const begun = (n: number) => vi.waitUntil(() => writes === n);
    tier.put('g', '0', tile(0));
    await begun(1);
    tier.put('g', '1', tile(1));
    timing.advance(10_000);
    // One write hangs, the next has its turn; with two that hang the disk is left alone.
    await begun(2);
    timing.advance(10_000);
    tier.put('g', '2', tile(2));
    await new Promise(setImmediate);
    expect([writes, tier.stats().failures]).toEqual([2, 2]);
    held[1]!.resolve();
    await begun(3);
    held[0]!.resolve();
    await written(3);
    expect(await tier.get('g', '2')).toEqual(tile(2));
    await tier.close();
    expect(timing.pending).toBe(0);
  });

  it('takes a FIFO where a tile should be for damage, and does not wait for it', async () => {
    const tier = await ready();
    tier.put('g', 'n', tile(1));
    await tier.idle();
    const [file] = (await filesBelow(folder)).filter((name) => name.endsWith('.tile'));
    await rm(file!);
    execFileSync('mkfifo', [file!]);
    expect(await tier.get('g', 'n')).toBeNull();
    expect(tier.stats()).toMatchObject({ corrupt: 1, gaveUp: 0 });
    await tier.idle();
    await expect(lstat(file!)).rejects.toThrow('ENOENT');
  });

  it('names wrong options', () => {
    expect(() => start({ maxBytes: 0 })).toThrow('`maxBytes`');
    expect(() => start({ folder: '' })).toThrow('`folder`');
    expect(() => start({ readTimeoutMs: 0 })).toThrow('`readTimeoutMs`');
  });
});
