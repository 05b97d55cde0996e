/** Class, return and colour of points, in every format that has them. */
import { Las } from 'copc';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { MemorySource } from '../../cache/testing/index.ts';
import { decodeRecords } from '../decode/index.ts';
import { parseCopcHead, parseCopcPage } from '../formats/index.ts';
import { Key } from '../geometry/index.ts';
import { HAS_COLOUR } from '../laz/index.ts';
import type { Dimension } from '../points/index.ts';
import type { Region } from '../regions/index.ts';
import { classOf, colourOf, lazCloud, lazNodes, SMALL_CLOUDS, storeCloud } from '../testing/index.ts';
import { CloudReader } from './cloud-reader.ts';

const ALL: readonly Dimension[] = ['classification', 'returnNumber', 'colour'];
const source = new MemorySource();
const reader = new CloudReader({ source, decodeWorkers: 1, versionTtlMs: 1e9 });
afterAll(() => reader.close());

async function read(name: string, dimensions: readonly Dimension[] = ALL) {
  const cloud = await SMALL_CLOUDS[name]!();
  const id = storeCloud(source, name, cloud);
  const everything: Region = { type: 'sphere', center: cloud.middle, radius: 4 * cloud.half };
  const view = await reader.read(id, [everything], { dimensions });
  const { xyz, intensity, count } = view.points(everything);
  const values = (dimension: Dimension) => view.values(everything, dimension);
  return { id, cloud, everything, xyz, intensity, count, values };
}

/** Rows of what is known of each point, in an order of their own. */
const sorted = (rows: readonly (readonly number[])[]) => rows.map((row) => row.join(' ')).sort();

describe('dimensions', () => {
  test.each([
    ['Potree 2 DEFAULT', 1],
    ['Potree 2 BROTLI', 1],
    ['Potree 1.7', 257],
  ])('of %s', async (name, byteScale) => {
    const { intensity, count, values } = await read(name);
    const [classes, colours] = [values('classification')!, values('colour')!];
    expect(values('returnNumber')).toBeNull();
    expect(count).toBeGreaterThan(100);
    for (let i = 0; i < count; i++) {
      expect(classes[i]).toBe(classOf(intensity[i]!));
      const expected = colourOf(intensity[i]!).map((value) => (byteScale === 1 ? value : (value >> 8) * 257));
      expect([...colours.subarray(3 * i, 3 * i + 3)]).toEqual(expected);
    }
  });

  test.each(['format-6', 'format-7-pages', 'format-8'])('of COPC %s, as copc.js has them', async (name) => {
    const { cloud, xyz, count, values } = await read(`COPC ${name}`);
    const bytes = cloud.files.get('')!;
    const head = parseCopcHead(bytes, bytes.length, name);
    const rows: number[][] = [];
    const pages = [{ root: Key.root, ...head.rootPage }];
    for (const { root, offset, length } of pages) {
      const page = parseCopcPage(bytes.slice(offset, offset + length), root, head, name);
      for (const [id, range] of page.ranges) {
        const pointCount = page.nodes.get(id)!;
        if (pointCount < 0) pages.push({ root: Key.parse(id)!, ...range });
        if (pointCount <= 0) continue;
        const records = Buffer.from(
          await Las.PointData.decompressChunk(bytes.slice(range.offset, range.offset + range.length), {
            pointCount,
            pointDataRecordFormat: head.pointFormat,
            pointDataRecordLength: head.recordBytes,
          }),
        );
        for (let i = 0; i < pointCount; i++) {
          const at = i * head.recordBytes;
          const x = records.readInt32LE(at) * head.scale[0] + head.offset[0];
          const colour = [30, 32, 34].map((step) =>
            head.pointFormat > 6 ? records.readUInt16LE(at + step) : 0,
          );
          rows.push([x, records.readUInt8(at + 16), records.readUInt8(at + 14) & 15, ...colour]);
        }
      }
    }
    const [classes, returns, colours] = [
      values('classification')!,
      values('returnNumber')!,
      values('colour'),
    ];
    expect(colours === null).toBe(name === 'format-6');
    const found = Array.from({ length: count }, (_, i) => [
      xyz[3 * i]!,
      classes[i]!,
      returns[i]!,
      ...(colours?.subarray(3 * i, 3 * i + 3) ?? [0, 0, 0]),
    ]);
    expect(sorted(found)).toEqual(sorted(rows));
    expect(new Set(classes).size).toBeGreaterThan(1);
  });

  test('of EPT laszip: what each file has, 0 where a file has no colour', async () => {
    const { count, values } = await read('EPT laszip');
    expect(count).toBe(lazNodes().reduce((sum, { points }) => sum + points.length, 0));
    expect(values('classification')).toHaveLength(count);
    expect(values('returnNumber')).toHaveLength(count);
    expect(values('colour')).toHaveLength(3 * count);
  });

  test.each(Object.keys(SMALL_CLOUDS))('of %s: `hasColour` says whether there is one', async (name) => {
    const { id, values } = await read(name);
    const { hasColour } = await reader.cloud(id);
    expect(hasColour).toBe(values('colour') !== null);
  });

  test.each(lazNodes())(
    'of EPT laszip whose schema names places alone: `hasColour` of point format $pointFormat is in its files',
    async ({ key, pointFormat, laz, points }) => {
      const { files } = lazCloud();
      const metadata = JSON.parse(new TextDecoder().decode(files.get('ept.json'))) as object;
      const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
      const cloud = new Map<string, Uint8Array>([
        ['ept.json', json({ ...metadata, points: points.length })],
        ['ept-hierarchy/0-0-0-0.json', json({ '0-0-0-0': points.length })],
        ['ept-data/0-0-0-0.laz', laz],
      ]);
      const id = storeCloud(source, `laszip-${key}`, { files: cloud });
      const { hasColour } = await reader.cloud(id, { looksForColour: true });
      expect(hasColour).toBe(HAS_COLOUR.has(pointFormat));
    },
  );

  test('of EPT laszip whose files are damaged or missing: a colour is not ruled out', async () => {
    const { files } = lazCloud();
    const hasColour = async (id: string, stored: ReadonlyMap<string, Uint8Array>) =>
      (await reader.cloud(storeCloud(source, id, { files: stored }), { looksForColour: true })).hasColour;
    const cut = new Map([...files, ['ept-data/0-0-0-0.laz', new Uint8Array(50)] as const]);
    expect(await hasColour('laszip-cut', cut)).toBe(true);
    const missing = new Map([...files].filter(([name]) => name !== 'ept-data/0-0-0-0.laz'));
    expect(await hasColour('laszip-gone', missing)).toBe(true);
  });

  test('of EPT laszip: no file is read for a colour that nobody asks for', async () => {
    const id = storeCloud(source, 'laszip-asked-nothing', lazCloud());
    const read = vi.spyOn(source, 'read');
    expect((await reader.cloud(id)).hasColour).toBe(true);
    expect(read.mock.calls.map(([path]) => path).filter((path) => path.endsWith('.laz'))).toEqual([]);
    read.mockRestore();
  });

  test('of packed records: any place, bits that share their byte', () => {
    const bytes = new Uint8Array(2 * 20);
    const view = new DataView(bytes.buffer);
    for (const [i, at] of [0, 20].entries()) {
      view.setUint8(at + 12, 0xf0 | (i + 3));
      view.setUint8(at + 13, 9 + i);
      for (const [k, value] of [1000, 2000, 65535].entries())
        view.setUint16(at + 14 + 2 * k, value - i, true);
    }
    const axis = (at: number) => ({ at, type: 'signed', size: 4, scale: 1, offset: 0 }) as const;
    const unsigned = (at: number, size: number) =>
      ({ at, type: 'unsigned', size, scale: 1, offset: 0 }) as const;
    const layout = {
      stride: 20,
      x: axis(0),
      y: axis(4),
      z: axis(8),
      intensity: null,
      dimensions: {
        returnNumber: [{ ...unsigned(12, 1), mask: 15 }],
        classification: [unsigned(13, 1)],
        colour: [unsigned(14, 2), unsigned(16, 2), unsigned(18, 2)],
      },
    };
    const { dimensions } = decodeRecords(bytes, 2, layout, ALL);
    expect([...dimensions!.returnNumber!.raw]).toEqual([3, 4]);
    expect([...dimensions!.classification!.raw]).toEqual([9, 10]);
    expect([...dimensions!.colour!.raw]).toEqual([1000, 2000, 65535, 999, 1999, 65534]);
    expect(decodeRecords(bytes, 2, layout).dimensions).toBeUndefined();
  });

  test('that nobody asked for are not read, kept or counted; those asked for are', async () => {
    const { id, everything, count } = await read('Potree 2 UNCOMPRESSED', []);
    const small = reader.stats().tiles.bytes;
    const plain = await reader.read(id, [everything]);
    expect(plain.values(everything, 'colour')).toBeNull();
    expect(plain.cost.origin).toBe(0);
    const coloured = await reader.read(id, [everything], { dimensions: ['colour'] });
    expect(coloured.values(everything, 'colour')).toHaveLength(3 * count);
    expect(coloured.values(everything, 'classification')).toBeNull();
    // Positions and intensity once more, and six bytes of colour.
    expect(reader.stats().tiles.bytes - small).toBeGreaterThanOrEqual(count * (14 + 6));
  });
});
