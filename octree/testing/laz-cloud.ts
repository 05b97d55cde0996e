/** The EPT `laszip` cloud of fixtures/make-laz-cloud.py, one node for each point format. */
import { readFileSync } from 'node:fs';
import type { Bounds } from '../geometry/index.ts';
import type { TestCloud, TestPoint } from './ept-cloud.ts';

interface Fixture {
  readonly cube: readonly number[];
  readonly scale: number;
  readonly offset: readonly [number, number, number];
  readonly nodes: Record<
    string,
    {
      readonly pointFormat: number;
      readonly laz: string;
      readonly raw: readonly number[];
      readonly intensity: readonly number[];
    }
  >;
}

export interface LazNode {
  readonly key: string;
  readonly pointFormat: number;
  readonly laz: Uint8Array<ArrayBuffer>;
  readonly points: readonly TestPoint[];
}

function load(): Fixture {
  const url = new URL('./fixtures/laz-cloud.json', import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as Fixture;
}

export function lazNodes(): LazNode[] {
  const { scale, offset, nodes } = load();
  return Object.entries(nodes).map(([key, { pointFormat, laz, raw, intensity }]) => ({
    key,
    pointFormat,
    laz: new Uint8Array(Buffer.from(laz, 'base64')),
    points: intensity.map((value, i) => ({
      x: raw[3 * i]! * scale + offset[0],
      y: raw[3 * i + 1]! * scale + offset[1],
      z: raw[3 * i + 2]! * scale + offset[2],
      intensity: value,
      key,
    })),
  }));
}

/** As an EPT; its schema says nothing of a scale, as Untwine's did (untwine#7). */
export function lazCloud(): TestCloud {
  const { cube } = load();
  const nodes = lazNodes();
  const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const counts = new Map(nodes.map(({ key, points }) => [key, points.length]));
  const metadata = {
    version: '1.0.0',
    bounds: cube,
    boundsConforming: cube,
    dataType: 'laszip',
    hierarchyType: 'json',
    points: [...counts.values()].reduce((total, count) => total + count, 0),
    span: 128,
    schema: ['X', 'Y', 'Z'].map((name) => ({ name, type: 'floating', size: 8 })),
  };
  const files = new Map<string, Uint8Array>(nodes.map(({ key, laz }) => [`ept-data/${key}.laz`, laz]));
  files.set('ept.json', json(metadata));
  files.set('ept-hierarchy/0-0-0-0.json', json(Object.fromEntries(counts)));
  return { files, points: nodes.flatMap(({ points }) => points), nodes: counts };
}

/** The octree's cube. */
export function lazCube(): Bounds {
  const [x0, y0, z0, x1, y1, z1] = load().cube as [number, number, number, number, number, number];
  return { min: [x0, y0, z0], max: [x1, y1, z1] };
}
