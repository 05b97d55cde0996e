/**
 * Clouds that are damaged, absent, or in a storage that fails: the contract's error each time, and nothing
 * kept of it.
 */
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { NearboxError } from '../../cache/foundation/index.ts';
import { deferred, MemorySource } from '../../cache/testing/index.ts';
import type { Region } from '../regions/index.ts';
import { belongs, lazCloud, listed, makeEptCloud, sorted, type TestCloud } from '../testing/index.ts';
import { CloudReader } from './cloud-reader.ts';

const EVERYTHING: Region = { type: 'sphere', center: [0, 0, 0], radius: 1e7 };
const source = new MemorySource([], { rootName: 'the-root' });
const reader = new CloudReader({ source, decodeWorkers: 1, maxNodeBytes: 10_000 });
afterAll(() => reader.close());

let clouds = 0;
function store({ files }: TestCloud): string {
  const id = `clouds/${++clouds}`;
  for (const [path, bytes] of files) source.put(`${id}/${path}`, bytes);
  return id;
}

const raw = Array.from({ length: 100 }, (_, i): [number, number, number] => [
  (i * 7919) % 64000,
  (i * 104729) % 64000,
  (i * 31) % 64000,
]);
/** `points` if a cloud made of `raw` can be read and all its points lie in its cube, or the error's code. */
async function outcomeOf(id: string): Promise<string> {
  const inside = { type: 'box', center: [32, 32, 32], size: [64.01, 64.01, 64.01], yaw: 0 } as const;
  try {
    const view = await reader.read(id, [EVERYTHING]);
    expect(view.count(inside)).toBe(view.count(EVERYTHING));
    return 'points';
  } catch (error) {
    return error instanceof NearboxError ? error.code : `not foreseen: ${error}`;
  }
}

const cloudOf = (encoding: 'binary' | 'zstandard') =>
  makeEptCloud({ raw, encoding, low: [0, 0, 0], edge: 64, nodePoints: 10, pageStep: 2 });

describe('a damaged node', () => {
  const damages: [string, (bytes: Uint8Array) => Uint8Array | null, string][] = [
    ['truncated', (bytes) => bytes.subarray(0, bytes.length - 1), ''],
    ['empty', () => new Uint8Array(0), ''],
    ['longer', (bytes) => Uint8Array.from([...bytes, 0]), ''],
    ['missing', () => null, 'its file is missing'],
    ['larger than any node', () => new Uint8Array(10_001), '10001 bytes'],
    [
      'an error page',
      () => new TextEncoder().encode('<?xml version="1.0"?><Error><Code>SlowDown</Code></Error>'),
      '',
    ],
  ];
  const makers = {
    binary: () => cloudOf('binary'),
    zstandard: () => cloudOf('zstandard'),
    laszip: async () => lazCloud(),
  };
  const suffix = { binary: 'bin', zstandard: 'zst', laszip: 'laz' };
  const cases = (['binary', 'zstandard', 'laszip'] as const).flatMap((encoding) =>
    damages.map(([name, damage, why]) => [encoding, name, damage, why] as const),
  );

  test.each(cases)(
    '(%s, %s) is corrupt_tile by its name, and well again once it is mended',
    async (encoding, name, damage, why) => {
      const cloud = await makers[encoding]();
      const id = store(cloud);
      const path = `${id}/ept-data/1-1-0-0.${suffix[encoding]}`;
      const good = source.peek(path)!;
      // LAZ is read to the promised count; what follows is nobody's.
      if (encoding === 'laszip' && name === 'longer') return;
      const bad = damage(good);
      if (bad === null) source.remove(path);
      else source.put(path, bad);
      const error = { code: 'corrupt_tile', message: expect.stringContaining(why) };
      const reading = reader.read(id, [EVERYTHING]);
      await expect(reading).rejects.toMatchObject(error);
      await expect(reading).rejects.toThrow(`node 1-1-0-0 of cloud "${id}"`);
      source.put(path, good);
      expect((await reader.read(id, [EVERYTHING])).count(EVERYTHING)).toBe(cloud.points.length);
    },
  );

  test('with a point out of its cube is refused, in every encoding', async () => {
    for (const encoding of ['binary', 'zstandard'] as const) {
      const cloud = await makeEptCloud({ raw: [[1000, 1000, 1000]], encoding, low: [0, 0, 0], edge: 64 });
      const other = await makeEptCloud({ raw: [[64_002, 1000, 1000]], encoding, low: [0, 0, 0], edge: 64 });
      const id = store(cloud);
      const path = `ept-data/0-0-0-0.${suffix[encoding]}`;
      source.put(`${id}/${path}`, other.files.get(path)!);
      await expect(reader.read(id, [EVERYTHING])).rejects.toMatchObject({
        code: 'corrupt_tile',
        message: expect.stringContaining('64.002'),
      });
    }
    const cloud = lazCloud();
    const id = store(cloud);
    source.put(`${id}/ept-data/1-1-0-0.laz`, cloud.files.get('ept-data/1-0-1-0.laz')!);
    await expect(reader.read(id, [EVERYTHING])).rejects.toMatchObject({
      code: 'corrupt_tile',
      message: expect.stringContaining('1-1-0-0'),
    });
  });

  test('of a region elsewhere is not even looked at', async () => {
    const id = store(await cloudOf('binary'));
    source.remove(`${id}/ept-data/1-1-1-1.bin`);
    const corner: Region = { type: 'sphere', center: [1, 1, 1], radius: 5 };
    const expected = (await cloudOf('binary')).points.filter((point) => belongs(corner, point));
    expect(sorted(listed((await reader.read(id, [corner])).points(corner)))).toEqual(sorted(expected));
  });

  test.each([
    // The lowest bit of the first x moves the point by a millimetre; the fourth byte moves it out of the
    // cloud.
    ['binary', 0, 'points'],
    ['binary', 3, 'corrupt_tile'],
    // Zstandard frames carry a checksum.
    ['zstandard', -1, 'corrupt_tile'],
  ] as const)('a flipped bit (%s, byte %i) ends in %s', async (encoding, byte, expected) => {
    const cloud = await cloudOf(encoding);
    const id = store(cloud);
    const path = `${id}/ept-data/0-0-0-0.${suffix[encoding]}`;
    const bytes = new Uint8Array(source.peek(path)!);
    bytes[(byte + bytes.length) % bytes.length]! ^= 1;
    source.put(path, bytes);
    expect(await outcomeOf(id)).toBe(expected);
  });

  test('bits that flip anywhere end in corrupt_tile, or in points within the cloud', async () => {
    const pristine = { binary: await cloudOf('binary'), zstandard: await cloudOf('zstandard') };
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('binary' as const, 'zstandard' as const),
        fc.array(fc.tuple(fc.nat(1_000_000), fc.nat(1_000_000), fc.nat(7)), { minLength: 1, maxLength: 3 }),
        fc.option(fc.nat(1_000_000)),
        async (encoding, flips, cut) => {
          const id = store(pristine[encoding]);
          const paths = [...pristine[encoding].files.keys()];
          for (const [file, at, bit] of flips) {
            const path = `${id}/${paths[file % paths.length]}`;
            const bytes = new Uint8Array(source.peek(path)!);
            if (bytes.length > 0) bytes[at % bytes.length]! ^= 1 << bit;
            source.put(
              path,
              cut === null || bytes.length === 0 ? bytes : bytes.subarray(0, cut % bytes.length),
            );
          }
          expect(['corrupt_tile', 'points']).toContain(await outcomeOf(id));
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('a damaged hierarchy', () => {
  test.each<[string, string, string | null]>([
    ['ept.json', 'ept.json is not JSON', '{'],
    ['ept-hierarchy/0-0-0-0.json', 'the hierarchy of node 0-0-0-0 is not valid', '{"0-0-0-0":-1}'],
    ['ept-hierarchy/0-0-0-0.json', 'the hierarchy of node 0-0-0-0 is missing', null],
    ['ept-hierarchy/0-0-0-0.json', 'the hierarchy has no node', '{}'],
    ['ept-hierarchy/2-0-0-0.json', 'the hierarchy of node 2-0-0-0 is missing', null],
    [
      'ept-hierarchy/2-0-0-0.json',
      'the hierarchy of node 2-0-0-0 is not valid: 2-0-0-0 refers to itself',
      '{"2-0-0-0":-1}',
    ],
    ['ept-hierarchy/2-0-0-0.json', '"0-0-0-0" is not below 2-0-0-0', '{"0-0-0-0":3}'],
  ])('(%s) is corrupt_tile: %s', async (path, why, content) => {
    const id = store(await cloudOf('binary'));
    if (!source.peek(`${id}/${path}`)) throw new Error(`no ${path} to damage`);
    if (content === null) source.remove(`${id}/${path}`);
    else source.put(`${id}/${path}`, new TextEncoder().encode(content));
    await expect(reader.read(id, [EVERYTHING])).rejects.toMatchObject({
      code: 'corrupt_tile',
      message: expect.stringContaining(id),
    });
    await expect(reader.read(id, [EVERYTHING])).rejects.toThrow(why);
  });

  test('that promises more than the limits allow is refused before anything is fetched', async () => {
    const id = store(
      await makeEptCloud({ raw: [[1, 1, 1]], encoding: 'zstandard', low: [0, 0, 0], edge: 64 }),
    );
    source.put(`${id}/ept-hierarchy/0-0-0-0.json`, new TextEncoder().encode('{"0-0-0-0":999999999}'));
    await expect(reader.read(id, [EVERYTHING])).rejects.toMatchObject({ code: 'region_too_large' });
  });

  test('a cloud without points has none', async () => {
    const cloud = await makeEptCloud({ raw: [], low: [0, 0, 0], edge: 64 });
    const id = store(cloud);
    expect((await reader.read(id, [EVERYTHING])).count(EVERYTHING)).toBe(0);
    source.put(`${id}/ept-hierarchy/0-0-0-0.json`, new TextEncoder().encode('{}'));
    expect(await reader.cloud(id)).toMatchObject({ points: 0, nodes: expect.any(Number) });
  });
});

describe('asking for', () => {
  test.each(['nothing', 'clouds', 'clouds/1/ept-data', 'a/b/c'])('%j gives cloud_not_found', async (id) => {
    await expect(reader.cloud(id)).rejects.toMatchObject({ code: 'cloud_not_found' });
    await expect(reader.read(id, [EVERYTHING])).rejects.toMatchObject({ code: 'cloud_not_found' });
  });

  test.each(['../x', '/x', '', 'http://x/y', '~v/x', 'a\\b', 'a%2e'])(
    '%j gives invalid_request',
    async (id) => {
      await expect(reader.read(id, [EVERYTHING])).rejects.toMatchObject({ code: 'invalid_request' });
    },
  );

  test('a wrong region gives invalid_request', async () => {
    const id = store(await cloudOf('binary'));
    const region: Region = { type: 'sphere', center: [0, 0, 0], radius: Number.NaN };
    await expect(reader.read(id, [region])).rejects.toMatchObject({ code: 'invalid_request' });
  });

  test('the root itself, by its name', async () => {
    for (const [path, bytes] of (await cloudOf('binary')).files) source.put(path, bytes);
    expect((await reader.cloud('the-root')).points).toBe(100);
    expect((await reader.read('the-root', [EVERYTHING])).count(EVERYTHING)).toBe(100);
  });
});

describe('a storage that fails', () => {
  test('gives its error, and none is kept', async () => {
    const id = store(await cloudOf('binary'));
    const down = new NearboxError('source_unavailable', 'the bucket answered 503');
    for (const part of ['ept.json', 'ept-hierarchy/2', 'ept-data/1-0-0-0']) {
      source.onRead = (path) => {
        if (path.includes(part)) throw down;
      };
      await expect(reader.read(id, [EVERYTHING])).rejects.toBe(down);
    }
    source.onRead = null;
    expect((await reader.read(id, [EVERYTHING])).count(EVERYTHING)).toBe(100);
  });

  test('or hangs is left when the caller has enough; other callers get their points', async () => {
    const id = store(await cloudOf('binary'));
    const held = deferred();
    const begun = deferred();
    let waiting = 0;
    source.onRead = async (path) => {
      if (!path.includes('ept-data')) return;
      if (++waiting === 5) begun.resolve();
      await held.promise;
    };
    const controller = new AbortController();
    const reason = new NearboxError('deadline_exceeded', 'enough');
    const leaver = reader.read(id, [EVERYTHING], { signal: controller.signal });
    const stayer = reader.read(id, [EVERYTHING]);
    await begun.promise;
    controller.abort(reason);
    await expect(leaver).rejects.toBe(reason);
    held.resolve();
    expect((await stayer).count(EVERYTHING)).toBe(100);
    source.onRead = null;
    await expect(reader.read(id, [EVERYTHING], { signal: controller.signal })).rejects.toBe(reason);
  });
});

describe('64 reads at once of a cold cloud', () => {
  test('fetch and decode each node once, and count its bytes once', async () => {
    const cloud = await cloudOf('zstandard');
    const id = store(cloud);
    source.reads.clear();
    const before = reader.stats().decoders.finished;
    const views = await Promise.all(Array.from({ length: 64 }, () => reader.read(id, [EVERYTHING])));
    expect(new Set(source.reads.values())).toEqual(new Set([1]));
    const nodes = [...cloud.nodes.values()].filter((points) => points > 0).length;
    expect(reader.stats().decoders.finished - before).toBe(nodes);
    const total = [...cloud.files.values()].reduce((sum, bytes) => sum + bytes.byteLength, 0);
    expect(views.reduce((sum, { cost }) => sum + cost.bytes, 0)).toBe(total);
    for (const { cost } of views) expect(cost).toMatchObject({ nodes, memory: 0, disk: 0, origin: nodes });
    const warm = await reader.read(id, [EVERYTHING]);
    expect(warm.cost).toEqual({ nodes, bytes: 0, memory: nodes, disk: 0, origin: 0 });
    expect(warm.timings.fetchMs).toBe(0);
  });
});

test('the options are looked at before anything else', () => {
  for (const options of [
    { decodeWorkers: 0 },
    { tileMemoryBytes: -1 },
    { maxNodes: 1.5 },
    { versionTtlMs: Number.NaN },
    { clickRadius: Number.POSITIVE_INFINITY },
  ]) {
    expect(() => new CloudReader({ source, ...options })).toThrow(`\`${Object.keys(options)[0]}\``);
  }
  expect(() => new CloudReader({} as never)).toThrow('`source`');
});
