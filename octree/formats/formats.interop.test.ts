/**
 * COPC and Potree clouds that other tools wrote. They lie beside the repository; where they do not, there is
 * nothing to check.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Las } from 'copc';
import { afterAll, describe, expect, test } from 'vitest';
import { FolderSource } from '../../cache/sources/index.ts';
import { Key } from '../geometry/index.ts';
import { CloudReader } from '../reader/index.ts';
import type { Region } from '../regions/index.ts';
import type { PlainPoint } from '../testing/index.ts';
import { belongs, listed, sorted } from '../testing/index.ts';
import { parseCopcHead, parseCopcPage } from './copc/index.ts';

const ROOT = fileURLToPath(new URL('../../../shared/interop', import.meta.url));

const ELLIPSOID: Region = { type: 'sphere', center: [-8242596, 4966606, 0], radius: 1000 };
const LONE_STAR: Region = { type: 'sphere', center: [515385, 4918361, 2331], radius: 100 };
const LION: Region = { type: 'sphere', center: [1, 0, 5], radius: 100 };

/** A lasso of five corners on the screen of a camera that looks along y: w is the distance. */
const screen = ([x, y, z]: readonly [number, number, number], half: number): Region => ({
  type: 'frustum',
  viewProjection: [1, 0, 0, 0, 0, 0, 1, 1, 0, 1, 0, 0, -x, -z, -y - 0.2, -y],
  ring: [
    [-half, -half],
    [half, -half / 2],
    [half / 3, 0],
    [half, half],
    [-half, half / 2],
  ],
});

const bytesOf = ({ buffer }: Float32Array<ArrayBuffer>) => Buffer.from(buffer);

describe.skipIf(!existsSync(ROOT))('clouds of other tools', () => {
  const reader = new CloudReader({ source: new FolderSource({ root: ROOT }), decodeWorkers: 1 });
  afterAll(() => reader.close());
  const all = async (id: string, region: Region) => listed((await reader.read(id, [region])).points(region));

  /** By copc.js, chunk by chunk: another decoder. */
  async function byCopcJs(file: string): Promise<PlainPoint[]> {
    const bytes = new Uint8Array(readFileSync(`${ROOT}/${file}`));
    const metadata = parseCopcHead(bytes, bytes.length, file);
    const { offset, length } = metadata.rootPage;
    const page = parseCopcPage(bytes.slice(offset, offset + length), Key.root, metadata, file);
    const points: PlainPoint[] = [];
    for (const [id, range] of page.ranges) {
      const pointCount = page.nodes.get(id)!;
      const records = Buffer.from(
        await Las.PointData.decompressChunk(bytes.slice(range.offset, range.offset + range.length), {
          pointCount,
          pointDataRecordFormat: metadata.pointFormat,
          pointDataRecordLength: metadata.recordBytes,
        }),
      );
      for (let i = 0; i < pointCount; i++) {
        const at = i * metadata.recordBytes;
        const axis = (k: 0 | 1 | 2) =>
          records.readInt32LE(at + 4 * k) * metadata.scale[k] + metadata.offset[k];
        points.push({ x: axis(0), y: axis(1), z: axis(2), intensity: records.readUInt16LE(at + 12) });
      }
    }
    return points;
  }

  test('ellipsoid.copc.laz: every point as copc.js has it', async () => {
    const found = await all('ellipsoid.copc.laz', ELLIPSOID);
    expect(sorted(found)).toEqual(sorted(await byCopcJs('ellipsoid.copc.laz')));
    expect(found).toHaveLength(100_000);
  }, 120_000);

  test('ellipsoid.copc.laz is the ellipsoid of Entwine', async () => {
    const round = (points: readonly PlainPoint[]) =>
      sorted(
        points.map(({ x, y, z }) => ({
          x: Math.round(x * 100),
          y: Math.round(y * 100),
          z: Math.round(z * 100),
          intensity: 0,
        })),
      );
    expect(round(await all('ellipsoid.copc.laz', ELLIPSOID))).toEqual(
      round(await all('ept-ellipsoid-binary', ELLIPSOID)),
    );
  }, 120_000);

  test('lone-star: Potree 2 BROTLI is lone-star.copc.laz, cut off to whole steps', async () => {
    const [copc, potree] = await Promise.all(
      ['lone-star.copc.laz', 'potree2-lone-star-brotli'].map(async (id) =>
        (await reader.read(id, [LONE_STAR])).points(LONE_STAR),
      ),
    );
    expect(potree!.count).toBe(518_862);
    expect(
      Buffer.compare(bytesOf(potree!.intensity.slice().sort()), bytesOf(copc!.intensity.slice().sort())),
    ).toBe(0);
    for (const [axis, low] of [515368.60225, 4918340.364, 2322.89625].entries()) {
      const steps = (xyz: Float64Array) =>
        Float64Array.from({ length: xyz.length / 3 }, (_, i) =>
          Math.round((xyz[3 * i + axis]! - low) / 0.00025),
        ).sort();
      const [a, b] = [steps(copc!.xyz), steps(potree!.xyz)];
      // The converter cuts off where float64 is a hair below a whole step: some points are a step lower, none
      // is higher.
      const differences = new Set(b.map((value, i) => value - a[i]!));
      expect([...differences].sort()).toEqual([-1, 0]);
      expect(b.filter((value, i) => value === a[i]).length / b.length).toBeGreaterThan(0.5);
    }
  }, 180_000);

  test('potree1-lion: every record of every file', async () => {
    expect(await all('potree1-lion', LION)).toHaveLength(272_768);
    expect(await reader.cloud('potree1-lion')).toMatchObject({ format: 'potree1', points: 272_768 });
  });

  test.each<[string, Region, Region]>([
    [
      'lone-star.copc.laz',
      LONE_STAR,
      { type: 'box', center: [515385, 4918360, 2330], size: [8, 3, 4], yaw: 1.1 },
    ],
    [
      'potree2-lone-star-brotli',
      LONE_STAR,
      { type: 'box', center: [515385, 4918360, 2330], size: [8, 3, 4], yaw: 1.1 },
    ],
    ['potree1-lion', LION, { type: 'sphere', center: [1, 0, 5], radius: 0.8 }],
    [
      'potree1-lion',
      LION,
      {
        type: 'polygon',
        ring: [
          [0, -2],
          [2, -2],
          [1, 1],
        ],
        z: [3, 6],
      },
    ],
    // From 20 m to the south, northwards: the screen is 0.6 of the distance wide.
    ['lone-star.copc.laz', LONE_STAR, screen([515385, 4918340, 2330], 0.3)],
    ['potree2-lone-star-brotli', LONE_STAR, screen([515385, 4918340, 2330], 0.3)],
    ['potree1-lion', LION, screen([1, -5, 4], 0.2)],
    ['ellipsoid.copc.laz', ELLIPSOID, screen([-8242596, 4966400, 0], 0.2)],
    ['ellipsoid.copc.laz', ELLIPSOID, { type: 'sphere', center: [-8242446, 4966606, 0], radius: 30 }],
  ])(
    '%s: crops as brute force does',
    async (id, everything, region) => {
      const expected = (await all(id, everything)).filter((point) => belongs(region, point));
      expect(expected.length).toBeGreaterThan(0);
      const view = await reader.read(id, [region]);
      expect(sorted(listed(view.points(region)))).toEqual(sorted(expected));
    },
    60_000,
  );
});
