import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { MemorySource } from '../../cache/testing/index.ts';
import { WorkerPool } from '../../cache/workers/index.ts';
import type { DecodeJob } from '../decode/index.ts';
import type { DecodedNode } from '../points/index.ts';
import {
  BIN,
  makeEptCloud,
  potree1Cloud,
  potree2Cloud,
  SMALL_CLOUDS,
  scatterNodes,
  storeCloud,
} from '../testing/index.ts';
import { type ValidateOptions, validateCloud } from './validate-cloud.ts';

let source = new MemorySource();
afterEach(() => {
  source = new MemorySource();
});

// One thread for all tests: starting one takes longer than any of them.
const decoders = new WorkerPool<DecodeJob, DecodedNode>({
  name: 'decode',
  entry: new URL('../decode/decode-worker.ts', import.meta.url),
  workers: 1,
  maxQueue: 100,
});
afterAll(() => decoders.close());

const signal = new AbortController().signal;
const validate = (id: string, options: Partial<ValidateOptions> = {}) =>
  validateCloud({ source, id, signal, decodeWorkers: 1, decoders, ...options });

let clouds = 0;
/** The cloud with some of its files changed; `null` takes one away. */
async function changed(
  files: ReadonlyMap<string, Uint8Array>,
  changes: Readonly<Record<string, Uint8Array | null>> = {},
) {
  const all = new Map(files);
  for (const [path, bytes] of Object.entries(changes)) {
    if (bytes === null) all.delete(path);
    else all.set(path, bytes);
  }
  return validate(storeCloud(source, `cloud-${++clouds}`, { files: all }));
}

const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const parsed = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes)) as Record<string, number>;
const flipped = (bytes: Uint8Array, at: number, mask = 0x80) =>
  bytes.map((byte, i) => (i === at ? byte ^ mask : byte));
/** The names of nodes with errors. */
const nodesOf = ({ findings }: Awaited<ReturnType<typeof validate>>) =>
  findings.filter(({ severity }) => severity === 'error').map(({ node }) => node);

describe.each(Object.keys(SMALL_CLOUDS))('%s', (name) => {
  test('with nothing wrong', async () => {
    const cloud = await SMALL_CLOUDS[name]!();
    const progress: number[] = [];
    const report = await validate(storeCloud(source, 'cloud', cloud), {
      onProgress: (fraction) => progress.push(fraction),
    });
    expect(report.findings).toEqual([]);
    expect(report).toMatchObject({
      errors: 0,
      warnings: 0,
      cloud: { version: expect.stringMatching(/^[\w-]+$/) },
    });
    if (cloud.points !== null) expect(report.points).toBe(cloud.points.length);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    expect(progress.at(-1)).toBe(1);
  });

  test('says so of files that are missing, short or nonsense', async () => {
    const { files } = await SMALL_CLOUDS[name]!();
    // The first and the last of each kind.
    const kinds = new Map<string, string[]>();
    for (const path of files.keys()) {
      const kind = path.replace(/[^/]*(?=\.\w+$)/, '');
      kinds.set(kind, [kinds.get(kind)?.[0] ?? path, path]);
    }
    for (const path of new Set([...kinds.values()].flat())) {
      const bytes = files.get(path)!;
      // A COPC cloud without its file, an EPT without ept.json: none at all. A leaf's five bytes of .hrc say
      // nothing new.
      const isAll = files.size === 1 || /^(ept.json|cloud.js|metadata.json|octree.bin)$/.test(path);
      if (path.endsWith('.hrc') && bytes.length === 5) continue;
      for (const change of [
        isAll ? undefined : null,
        bytes.slice(0, bytes.length - 7),
        bytes.fill(0x7f, 0, 40),
      ]) {
        if (change === undefined) continue;
        const report = await changed(files, { [path]: change });
        expect(report.errors, `${path} ${change?.length}`).toBeGreaterThan(0);
        expect(report.findings.length).toBeGreaterThan(0);
      }
    }
  });
});

describe('an EPT', () => {
  const made = makeEptCloud({
    raw: Array.from({ length: 300 }, (_, i) => [(i * 37) % 129, (i * 61) % 129, (i * 17) % 129] as const),
    low: [0, 0, 0],
    edge: 16,
    scale: 0.125,
    nodePoints: 20,
  });
  const ROOT = 'ept-hierarchy/0-0-0-0.json';

  test('names every node that is damaged, not only the first', async () => {
    const { files } = await made;
    const data = [...files.keys()].filter((path) => path.startsWith('ept-data/'));
    const [missing, short, outside] = data.slice(1, 4) as [string, string, string];
    const report = await changed(files, {
      [missing]: null,
      [short]: files.get(short)!.slice(1),
      [outside]: flipped(files.get(outside)!, 3, 0x20),
    });
    const keyOf = (path: string) => path.replace(/^.*\/(.*)\.bin$/, '$1');
    expect(nodesOf(report).sort()).toEqual([missing, short, outside].map(keyOf).sort());
    const text = report.findings.map(({ path, what }) => `${path}: ${what}`).join('\n');
    expect(text).toContain(`/${missing}: its file is missing`);
    expect(text).toMatch(/\d+ points take \d+ bytes, it has \d+/);
    expect(text).toMatch(/points reach .* the node's cube is/);
    expect(report.points).toBeLessThan(300);
  });

  test('reads around damage in the hierarchy', async () => {
    const { files, nodes } = await made;
    const page = parsed(files.get(ROOT)!);
    const [first, second] = [...nodes.keys()].filter((key) => key.startsWith('1-')) as [string, string];
    const report = await changed(files, {
      [ROOT]: json({ ...page, [first]: -7, '9-0-0-0': 3, nonsense: 1, [second]: page[second]! }),
    });
    expect(nodesOf(report)).toEqual(expect.arrayContaining([first, '9-0-0-0', 'nonsense', null]));
    expect(report.findings.map(({ what }) => what).join('\n')).toMatch(
      /9-0-0-0 has no parent(.|\n)*metadata promise 300 points/,
    );
    // The other children of the root are read nevertheless.
    expect(report.nodes).toBeGreaterThan(1);
  });

  test('keeps as many findings as were asked for, and counts the rest', async () => {
    const { files } = await made;
    const broken = [...files].map(
      ([path, bytes]) => [path, path.startsWith('ept-data/') ? bytes.slice(1) : bytes] as const,
    );
    const id = storeCloud(source, 'cloud', { files: new Map(broken) });
    const report = await validate(id, { maxFindings: 3 });
    expect(report.findings).toHaveLength(3);
    expect(report.errors).toBe((await made).nodes.size);
  });

  test('counts points that lie where others lie', async () => {
    const raw = [
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 4],
      [1, 2, 3],
    ] as const;
    const { files } = await makeEptCloud({ raw, low: [0, 0, 0], edge: 1, scale: 0.125 });
    expect(await changed(files)).toMatchObject({ errors: 0, warnings: 0, duplicates: 2, points: 4 });
  });

  test('points outside of the bounds of the data are worth a warning', async () => {
    const { files } = await made;
    const metadata = { ...parsed(files.get('ept.json')!), boundsConforming: [0, 0, 0, 16, 16, 8] };
    const report = await changed(files, { 'ept.json': json(metadata) });
    expect(report.errors).toBe(0);
    expect(report.warnings).toBeGreaterThan(0);
  });

  test('that is not there, or is replaced meanwhile, is no report', async () => {
    await expect(validate('nowhere')).rejects.toMatchObject({ code: 'cloud_not_found' });
    await expect(validate('../cloud')).rejects.toMatchObject({ code: 'invalid_request' });
    const { files } = await made;
    const id = storeCloud(source, 'cloud', { files });
    source.onRead = (path) => {
      if (path.includes('ept-data')) source.put(`${id}/ept.json`, json(parsed(files.get('ept.json')!)));
    };
    await expect(validate(id)).rejects.toMatchObject({ code: 'cloud_changed' });
  });

  test('ends when it is told to', async () => {
    const { files } = await made;
    const id = storeCloud(source, 'cloud', { files });
    const controller = new AbortController();
    source.onRead = (path) => {
      if (path.includes('ept-data')) controller.abort(new Error('enough'));
    };
    await expect(validate(id, { signal: controller.signal })).rejects.toThrow('enough');
  });
});

describe('formats of many nodes in one file', () => {
  test('Potree 2: nodes that share bytes, and a place past the end', async () => {
    const nodes = scatterNodes(3, 2, 30);
    const withPoints = nodes.filter(({ points }) => points.length > 1).map(({ key }) => key);
    const name = ({ depth, x, y, z }: (typeof withPoints)[number]) => `${depth}-${x}-${y}-${z}`;
    const [one, other] = withPoints.slice(1).map(name) as [string, string];
    const files = potree2Cloud(nodes, {
      encoding: 'DEFAULT',
      record: (key, record) => {
        if (key === one) return { ...record, offset: Math.max(0, record.offset - 4) };
        return key === other ? { ...record, offset: 1e9 } : record;
      },
    });
    const report = await changed(files);
    expect(nodesOf(report)).toEqual(expect.arrayContaining([one, other]));
    expect(report.findings.map(({ what }) => what).join('\n')).toMatch(/bytes are also those of node/);
  });

  test('Potree 1: a file with more points than the hierarchy says is worth a warning', async () => {
    const files = potree1Cloud(scatterNodes(2, 2, 20), BIN['Potree 1.7']!);
    const page = files.get('data/r/r.hrc')!;
    new DataView(page.buffer).setUint32(1, 12_345, true);
    const report = await changed(files);
    expect(report).toMatchObject({ errors: 0, warnings: 1 });
    expect(report.findings[0]).toMatchObject({ severity: 'warning', node: '0-0-0-0' });
  });
});
