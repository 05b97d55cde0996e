/** Clouds that are replaced while they are served: never points of two versions in one answer. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { NearboxError } from '../../cache/foundation/index.ts';
import { deferred, MemorySource } from '../../cache/testing/index.ts';
import { InlineDecoders } from '../decode/index.ts';
import type { CloudReaderOptions } from '../reader/index.ts';
import { CloudReader } from '../reader/index.ts';
import type { Region } from '../regions/index.ts';
import { makeEptCloud, type TestCloud } from '../testing/index.ts';

const EVERYTHING: Region = { type: 'sphere', center: [32, 32, 32], radius: 1000 };
/** All points of a version have this intensity pattern and lie at this height, so that a mix shows. */
const cloudAt = (height: number, extra = 0): Promise<TestCloud> =>
  makeEptCloud({
    raw: Array.from({ length: 200 + extra }, (_, i): [number, number, number] => [
      (i * 7919) % 64000,
      (i * 104729) % 64000,
      height,
    ]),
    low: [0, 0, 0],
    edge: 64,
    nodePoints: 10,
    pageStep: 2,
  });

const readers: CloudReader[] = [];
afterEach(async () => {
  for (const reader of readers.splice(0)) await reader.close();
});

interface StoreOptions {
  readonly hasEtags?: boolean;
  /** Whether the store says for how long its objects have been there. */
  readonly hasDates?: boolean;
}

/** Far longer than anything takes. */
const LONG_MS = 3_600_000;

function setUp(options: Partial<CloudReaderOptions> = {}, { hasEtags = true, hasDates }: StoreOptions = {}) {
  const clock = { now: 0 };
  // What is put before the first read has been there for long by then; what is put later has not.
  const storage = { aged: 0 };
  const source = new MemorySource([], {
    hasEtags,
    ...(hasDates === true && { clock: () => clock.now + storage.aged }),
  });
  const reader = new CloudReader({
    source,
    decoders: new InlineDecoders(),
    clock: () => clock.now,
    ...options,
  });
  readers.push(reader);
  const swap = (cloud: TestCloud) => {
    for (const [path, bytes] of cloud.files) source.put(`c/${path}`, bytes);
  };
  const heights = async (signal?: AbortSignal) => {
    storage.aged = LONG_MS;
    const { xyz } = (await reader.read('c', [EVERYTHING], { signal })).points(EVERYTHING);
    return new Set(xyz.filter((_, i) => i % 3 === 2));
  };
  return { source, clock, reader, swap, heights };
}

describe.each([
  ['with validators', { hasEtags: true }],
  ['without validators', { hasEtags: false }],
  ['with validators and dates', { hasEtags: true, hasDates: true }],
  ['with dates alone', { hasEtags: false, hasDates: true }],
])('a cloud that is replaced, in a store %s', (_, sourceOptions) => {
  test('is served from memory until its version is revalidated', async () => {
    const { clock, source, reader, swap, heights } = setUp({ versionTtlMs: 1000 }, sourceOptions);
    swap(await cloudAt(1000));
    expect(await heights()).toEqual(new Set([1]));
    const before = (await reader.cloud('c')).version;
    swap(await cloudAt(2000, 1));
    clock.now = 999;
    source.reads.clear();
    expect(await heights()).toEqual(new Set([1]));
    expect(source.readCount).toBe(0);
    clock.now = 1000;
    expect(await heights()).toEqual(new Set([2]));
    expect((await reader.cloud('c')).version).not.toBe(before);
  });

  test('in the middle of a read is read again as a whole', async () => {
    const { source, swap, heights, reader } = setUp({}, sourceOptions);
    swap(await cloudAt(1000));
    const next = await cloudAt(2000, 1);
    let nodes = 0;
    source.onRead = (path) => {
      if (path.includes('ept-data') && ++nodes === 5) swap(next);
    };
    expect(await heights()).toEqual(new Set([2]));
    expect((await reader.cloud('c')).points).toBe(201);
  });

  test('between its metadata and its nodes is read again as a whole, whichever node is the first of the new ones', async () => {
    const nodes = (await cloudAt(1000)).nodes.size;
    for (let first = 1; first <= nodes; first += 3) {
      const { source, swap, heights } = setUp({}, sourceOptions);
      swap(await cloudAt(1000));
      // The same counts, sizes and cubes: nothing but the height tells the nodes of one from those of the
      // other.
      const next = new Map((await cloudAt(2000)).files);
      const metadata = new TextDecoder().decode(next.get('ept.json')!);
      next.set('ept.json', new TextEncoder().encode(`${metadata}\n`));
      let seen = 0;
      source.onRead = (path) => {
        if (!path.includes('ept-data') || ++seen !== first) return;
        for (const [name, bytes] of next) source.put(`c/${name}`, bytes);
      };
      expect(await heights()).toEqual(new Set([2]));
    }
  });

  test('in the middle of a read that tells later, is told then, and nothing of the mix is kept', async () => {
    const { source, reader, swap, heights } = setUp({}, sourceOptions);
    swap(await cloudAt(1000));
    const next = new Map((await cloudAt(2000)).files);
    const metadata = new TextDecoder().decode(next.get('ept.json')!);
    next.set('ept.json', new TextEncoder().encode(`${metadata}\n`));
    let seen = 0;
    source.onRead = (path) => {
      if (!path.includes('ept-data') || ++seen !== 5) return;
      for (const [name, bytes] of next) source.put(`c/${name}`, bytes);
    };
    const view = await reader.read('c', [EVERYTHING], { verifiesLater: true });
    await expect(view.verified).rejects.toMatchObject({ code: 'cloud_changed' });
    expect(await heights()).toEqual(new Set([2]));
    const again = await reader.read('c', [EVERYTHING], { verifiesLater: true });
    await expect(again.verified).resolves.toBeUndefined();
    expect(again.cost).toMatchObject({ memory: again.cost.nodes, bytes: 0 });
  });

  test('twice in the middle of a read is given up', async () => {
    const { source, swap, heights } = setUp({}, sourceOptions);
    swap(await cloudAt(1000));
    const versions = [await cloudAt(2000, 1), await cloudAt(3000, 2)];
    source.onRead = (path) => {
      // Each attempt reads the root's points once.
      const next = path.endsWith('ept-data/0-0-0-0.bin') ? versions.shift() : undefined;
      if (next) swap(next);
    };
    await expect(heights()).rejects.toMatchObject({ code: 'cloud_changed' });
    source.onRead = null;
    expect(await heights()).toEqual(new Set([3]));
  });

  test('between metadata and a hierarchy page', async () => {
    const { source, swap, heights } = setUp({}, sourceOptions);
    swap(await cloudAt(1000));
    const next = await cloudAt(2000, 1);
    let pages = 0;
    source.onRead = (path) => {
      if (path.includes('ept-hierarchy') && ++pages === 3) swap(next);
    };
    expect(await heights()).toEqual(new Set([2]));
  });

  test('while others read it from memory: they have the one or the other', async () => {
    const { source, clock, swap, heights } = setUp(
      { versionTtlMs: 10, tileMemoryBytes: 20_000 },
      sourceOptions,
    );
    const versions = [await cloudAt(1000), await cloudAt(2000, 1)];
    swap(versions[0]!);
    let reads = 0;
    source.onRead = () => {
      reads += 1;
      clock.now += 1;
      if (reads % 97 === 0 && reads < 97 * 8) swap(versions[(reads / 97) % 2]!);
    };
    const outcomes = await Promise.allSettled(Array.from({ length: 60 }, () => heights()));
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') expect(outcome.value.size).toBe(1);
      else expect(outcome.reason).toMatchObject({ code: 'cloud_changed' });
    }
    expect(outcomes.some(({ status }) => status === 'fulfilled')).toBe(true);
  });
});

describe('versions', () => {
  test('are the same on every instance and for every copy, whatever the validators', async () => {
    const cloud = await cloudAt(1000);
    const versions = new Set<string>();
    for (const hasEtags of [true, false, true]) {
      const { reader, swap, source } = setUp({}, { hasEtags });
      source.put('c/some/other/file', new Uint8Array(1));
      swap(cloud);
      versions.add((await reader.cloud('c')).version);
    }
    expect(versions.size).toBe(1);
    expect([...versions][0]).toMatch(/^[A-Za-z0-9_-]+$/);
  });

  test('differ with the metadata and with the root of the hierarchy', async () => {
    const versions = new Set<string>();
    for (const cloud of [await cloudAt(1000), await cloudAt(1000, 1), await cloudAt(1000, 40)]) {
      const { reader, swap } = setUp();
      swap(cloud);
      versions.add((await reader.cloud('c')).version);
    }
    expect(versions.size).toBe(3);
  });

  test('a node file that was replaced in place is noticed when it is read again, and ends what was kept', async () => {
    // Room for a single tile: the others are read again each time.
    const { source, swap, heights } = setUp({ versionTtlMs: 1e9, tileMemoryBytes: 1000 });
    swap(await cloudAt(1000));
    expect(await heights()).toEqual(new Set([1]));
    const next = await cloudAt(2000);
    for (const [path, bytes] of next.files) if (path.startsWith('ept-data')) source.put(`c/${path}`, bytes);
    expect(await heights()).toEqual(new Set([2]));
  });

  test('a cloud that is removed is not found any more after the revalidation', async () => {
    const { source, clock, reader, swap } = setUp({ versionTtlMs: 10 });
    swap(await cloudAt(1000));
    await reader.cloud('c');
    source.remove('c/ept.json');
    expect((await reader.cloud('c')).points).toBe(200);
    clock.now = 10;
    await expect(reader.cloud('c')).rejects.toMatchObject({ code: 'cloud_not_found' });
    swap(await cloudAt(1000));
    expect((await reader.cloud('c')).points).toBe(200);
  });

  test('a version is opened once for all concurrent callers', async () => {
    const { source, reader, swap } = setUp();
    swap(await cloudAt(1000));
    const held = deferred();
    source.onRead = () => held.promise;
    const asked = Array.from({ length: 20 }, () => reader.cloud('c'));
    held.resolve();
    await Promise.all(asked);
    expect(source.reads.get('c/ept.json')).toBe(1);
  });

  describe('versions whose time to live is over', () => {
    const held = async () => {
      const made = setUp({ versionTtlMs: 10 });
      made.swap(await cloudAt(1000));
      await made.heights();
      made.clock.now = 10;
      const revalidation = deferred();
      const stat = made.source.stat.bind(made.source);
      vi.spyOn(made.source, 'stat').mockImplementation(async (...asked) => {
        await revalidation.promise;
        return stat(...asked);
      });
      return {
        ...made,
        revalidation,
        later: () => made.reader.read('c', [EVERYTHING], { verifiesLater: true }),
      };
    };

    test('are used while they are revalidated, by callers that await the revalidation', async () => {
      const { revalidation, later } = await held();
      const view = await later();
      let isVerified = false;
      const verified = view.verified.then(() => {
        isVerified = true;
      });
      expect(view.count(EVERYTHING)).toBe(200);
      await new Promise(setImmediate);
      expect(isVerified).toBe(false);
      revalidation.resolve();
      await verified;
    });

    test('reject if the cloud was replaced', async () => {
      const { revalidation, later, swap, heights } = await held();
      swap(await cloudAt(2000, 1));
      const view = await later();
      revalidation.resolve();
      await expect(view.verified).rejects.toMatchObject({ code: 'cloud_changed' });
      expect(await heights()).toEqual(new Set([2]));
    });

    test('reject if the cloud was removed', async () => {
      const { revalidation, later, source } = await held();
      source.remove('c/ept.json');
      const view = await later();
      revalidation.resolve();
      await expect(view.verified).rejects.toMatchObject({ code: 'cloud_not_found' });
    });
  });

  describe('while the storage is down', () => {
    const down = () => Promise.reject(new NearboxError('source_unavailable', 'the storage is down'));
    const options = { versionTtlMs: 10, versionStaleMs: 100 };

    test('a known version is served for a limited time, with a request now and then; then reads fail; then they work again', async () => {
      const { source, clock, heights, swap } = setUp(options);
      swap(await cloudAt(1000));
      await heights();
      const stat = vi.spyOn(source, 'stat').mockImplementation(down);
      for (const [now, requests] of [
        [10, 1],
        [19, 1],
        [20, 2],
        [109, 3],
      ] as const) {
        clock.now = now;
        expect(await heights()).toEqual(new Set([1]));
        expect(stat.mock.calls.filter(([path]) => path === 'c/ept.json').length).toBe(requests);
      }
      clock.now = 110;
      await expect(heights()).rejects.toMatchObject({ code: 'source_unavailable' });
      stat.mockRestore();
      expect(await heights()).toEqual(new Set([1]));
    });

    test('a storage that hangs is waited for until the revalidation timeout at most', async () => {
      const { source, clock, heights, swap } = setUp({ ...options, revalidateTimeoutMs: 1 });
      swap(await cloudAt(1000));
      await heights();
      const signals: (AbortSignal | undefined)[] = [];
      vi.spyOn(source, 'stat').mockImplementation((_path, { signal } = {}) => {
        signals.push(signal);
        return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
      });
      clock.now = 10;
      expect(await heights()).toEqual(new Set([1]));
      expect(signals.length).toBeGreaterThan(0);
      expect(signals.every((signal) => signal?.aborted)).toBe(true);
      clock.now = 110;
      const left = AbortSignal.abort(new Error('gone'));
      await expect(heights(left)).rejects.toThrow('gone');
    });

    test('a version that was found to be gone is not served, whatever fails afterwards', async () => {
      const { source, clock, heights, swap } = setUp(options);
      swap(await cloudAt(1000));
      await heights();
      swap(await cloudAt(2000, 1));
      clock.now = 10;
      source.onRead = () => {
        throw new NearboxError('source_unavailable', 'the storage is down');
      };
      await expect(heights()).rejects.toMatchObject({ code: 'source_unavailable' });
      await expect(heights()).rejects.toMatchObject({ code: 'source_unavailable' });
    });

    test('0 turns this off', async () => {
      const { source, clock, heights, swap } = setUp({ ...options, versionStaleMs: 0 });
      swap(await cloudAt(1000));
      await heights();
      clock.now = 10;
      vi.spyOn(source, 'stat').mockImplementation(down);
      await expect(heights()).rejects.toMatchObject({ code: 'source_unavailable' });
    });
  });
});
