/** E57 files that libE57Format writes (pye57, .ci/install-components), and damaged ones. */
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { buildClouds } from '../../index.ts';
import { readCloud, useScratch } from '../../testing/index.ts';
import { openInput } from '../open.ts';

const PYTHON = fileURLToPath(new URL('../../../../.cache/components/python/bin/python3', import.meta.url));
const hasKit = spawnSync(PYTHON, ['-c', 'import pye57'], { stdio: 'ignore' }).status === 0;
const FIXTURE = fileURLToPath(new URL('../../fixtures/scans.e57', import.meta.url));
const scratch = useScratch();

/**
 * Two scans: floats with a pose, and packed integers with intensity, colour and points without coordinates.
 * More points than one packet has.
 */
const WRITE = `
import sys, json, numpy as np, pye57
from pye57 import libe57
path, count = sys.argv[1], int(sys.argv[2])
rng = np.random.default_rng(5)
file = pye57.E57(path, 'w')
first = {name: rng.uniform(-5, 5, count) for name in ('cartesianX', 'cartesianY', 'cartesianZ')}
first['intensity'] = rng.random(count).astype('f4')
turn = np.array([np.sqrt(0.5), 0, 0, np.sqrt(0.5)])
file.write_scan_raw(first, name='floats', rotation=turn, translation=np.array([10.0, 20.0, 3.0]))
image = file.image_file
scan = libe57.StructureNode(image)
scan.set('guid', libe57.StringNode(image, '{1}'))
prototype = libe57.StructureNode(image)
for name in ('cartesianX', 'cartesianY', 'cartesianZ'):
    prototype.set(name, libe57.ScaledIntegerNode(image, 0, -60000, 60000, 0.001, 0.5))
prototype.set('intensity', libe57.IntegerNode(image, 0, 0, 1000))
for name in ('colorRed', 'colorGreen', 'colorBlue'):
    prototype.set(name, libe57.IntegerNode(image, 0, 0, 255))
prototype.set('cartesianInvalidState', libe57.IntegerNode(image, 0, 0, 2))
points = libe57.CompressedVectorNode(image, prototype, libe57.VectorNode(image, True))
scan.set('points', points)
file.data3d.append(scan)
ints = {name: rng.integers(-50000, 50000, count) for name in ('cartesianX', 'cartesianY', 'cartesianZ')}
ints['intensity'] = rng.integers(0, 1001, count)
for name in ('colorRed', 'colorGreen', 'colorBlue'):
    ints[name] = rng.integers(0, 256, count)
ints['cartesianInvalidState'] = (np.arange(count) % 10 == 3) * 2
arrays = {name: np.ascontiguousarray(values, dtype='f8') for name, values in ints.items()}
buffers = libe57.VectorSourceDestBuffer()
for name, values in arrays.items():
    buffers.append(libe57.SourceDestBuffer(image, name, values, count, True, False))
points.writer(buffers).write(count)
file.close()
read = pye57.E57(path)
rows = []
for index in (0,):
    d = read.read_scan(index, intensity=True, ignore_missing_fields=True)
    rows += np.stack([d['cartesianX'], d['cartesianY'], d['cartesianZ'], d['intensity']], 1).tolist()
kept = ints['cartesianInvalidState'] == 0
place = lambda name: ints[name][kept] * 0.001 + 0.5
rows += np.stack([place('cartesianX'), place('cartesianY'), place('cartesianZ'), ints['intensity'][kept]], 1).tolist()
print(json.dumps({'rows': rows, 'red': ints['colorRed'][kept].tolist()}))
`;

/**
 * A scan with times, returns, its rows and normals, each stored in its own way; the second return of each
 * pulse counts 1.
 */
const WRITE_RETURNS = `
import sys, json, numpy as np, pye57
from pye57 import libe57
file = pye57.E57(sys.argv[1], 'w')
image = file.image_file
scan = libe57.StructureNode(image)
scan.set('guid', libe57.StringNode(image, '{1}'))
prototype = libe57.StructureNode(image)
for name in ('cartesianX', 'cartesianY', 'cartesianZ', 'timeStamp'):
    prototype.set(name, libe57.FloatNode(image))
prototype.set('returnIndex', libe57.IntegerNode(image, 0, 0, 2))
prototype.set('returnCount', libe57.IntegerNode(image, 1, 1, 3))
prototype.set('rowIndex', libe57.IntegerNode(image, 0, 0, 2047))
image.extensionsAdd('nor', 'http://www.libe57.org/E57_NOR_surface_normals.txt')
prototype.set('nor:normalZ', libe57.FloatNode(image, 0.0, libe57.FloatPrecision.E57_SINGLE))
points = libe57.CompressedVectorNode(image, prototype, libe57.VectorNode(image, True))
scan.set('points', points)
file.data3d.append(scan)
count = 300
order = np.arange(count)
values = {
    'cartesianX': order * 0.5, 'cartesianY': order * 0.25, 'cartesianZ': order % 7, 'timeStamp': 1e9 + order / 1e6,
    'returnIndex': order % 3, 'returnCount': np.full(count, 3), 'rowIndex': order // 3, 'nor:normalZ': order % 2 * 0.5,
}
arrays = {name: np.ascontiguousarray(column, dtype='f8') for name, column in values.items()}
buffers = libe57.VectorSourceDestBuffer()
for name, column in arrays.items():
    buffers.append(libe57.SourceDestBuffer(image, name, column, count, True, False))
points.writer(buffers).write(count)
file.close()
`;

interface Written {
  readonly rows: readonly [number, number, number, number][];
  readonly red: readonly number[];
}

function write(file: string, count: number): Written {
  const { status, stdout, stderr } = spawnSync(PYTHON, ['-c', WRITE, file, String(count)], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Written;
}

it('E57: a stored file, which the test below wrote for 60 points a scan', async () => {
  const { clouds } = await buildClouds([FIXTURE], scratch.path('stored'));
  expect(clouds).toMatchObject([{ id: 'scans', points: 114, dropped: 6, notKept: [] }]);
});

describe.skipIf(!hasKit)('E57', () => {
  it('gives the points of all scans, where pye57 has them', async () => {
    const file = scratch.path('a.e57');
    const { rows, red } = write(file, 20_000);
    const input = await openInput(file);
    expect(input).toMatchObject({ count: 40_000, intensity: 'float64', unread: [] });
    const found: number[][] = [];
    const reds: number[] = [];
    for await (const batch of input.batches({ attributes: true }))
      for (let i = 0; i < batch.count; i++) {
        if (!Number.isFinite(batch.x[i]!)) continue;
        found.push([batch.x[i]!, batch.y[i]!, batch.z[i]!, batch.intensity![i]!]);
        reds.push(batch.attributes[0]![i]!);
      }
    expect(found).toHaveLength(rows.length);
    const most = (axis: number) =>
      rows.reduce((worst, row, i) => Math.max(worst, Math.abs(row[axis]! - found[i]![axis]!)), 0);
    for (const axis of [0, 1, 2, 3]) expect(most(axis)).toBeLessThan(1e-5);
    expect(reds.slice(20_000)).toEqual(red.map((value) => value * 257));
  });

  it('keeps times, returns and all else that points have', async () => {
    const file = scratch.path('returns.e57');
    const { status, stderr } = spawnSync(PYTHON, ['-c', WRITE_RETURNS, file], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    const input = await openInput(file);
    const kept = [
      { name: 'GpsTime', type: 'float64' },
      { name: 'ReturnNumber', type: 'uint8' },
      { name: 'NumberOfReturns', type: 'uint8' },
      { name: 'rowIndex', type: 'uint16' },
      { name: 'nor:normalZ', type: 'float32' },
    ];
    expect(input).toMatchObject({ count: 300, intensity: null, unread: [], attributes: kept });
    const found: number[][] = [];
    for await (const { count, attributes } of input.batches({ attributes: true }))
      for (let i = 0; i < count; i++) found.push(attributes.map((column) => column[i]!));
    expect(found).toHaveLength(300);
    expect(found[0]).toEqual([1e9, 1, 3, 0, 0]);
    expect(found[299]).toEqual([1e9 + 299 / 1e6, 3, 3, 99, 0.5]);
  });

  it('becomes a cloud', async () => {
    const file = scratch.path('site.E57');
    const { rows } = write(file, 500);
    const { clouds } = await buildClouds([file], scratch.path('out'));
    expect(clouds).toMatchObject([{ id: 'site', points: rows.length, dropped: 50 }]);
    expect((await readCloud(scratch.path('out', 'site'))).points).toHaveLength(rows.length);
  });

  it('is refused where it is damaged or cut off', async () => {
    const file = scratch.path('b.e57');
    write(file, 300);
    const bytes = await readFile(file);
    const refusal = async (name: string, content: Uint8Array) => {
      const input = await openInput(await scratch.write(name, content));
      for await (const _ of input.batches());
    };
    const flipped = Buffer.from(bytes);
    flipped[200]! ^= 4;
    await expect(refusal('flipped.e57', flipped)).rejects.toThrow(/checksum of its page 0/);
    await expect(refusal('short.e57', bytes.subarray(0, 4096))).rejects.toMatchObject({
      code: 'invalid_request',
    });
    await expect(refusal('none.e57', Buffer.alloc(2000))).rejects.toThrow(/is no E57 file/);
  });
});
