import { Hono } from 'hono';
import { beforeEach, describe, expect, it } from 'vitest';
import { NearboxError } from '../../../../cache/index.ts';
import type { DecodedNode } from '../../../../octree/index.ts';
import { Key } from '../../../../octree/index.ts';
import { RequestAccess } from '../../../access/index.ts';
import { decodeNodeColours, decodeNodePayload } from '../../../page/cloud/index.ts';
import { problemResponse, toNearboxError } from '../../answers/index.ts';
import { pointsRoutes, type ServedPoints } from './points.ts';

const node: DecodedNode = {
  count: 2,
  x: Int32Array.of(0, 1500),
  y: Int32Array.of(0, 0),
  z: Int32Array.of(0, 250),
  scale: [0.001, 0.001, 0.001],
  offset: [500_000, 5_000_000, 100],
  bounds: { min: [500_000, 5_000_000, 100], max: [500_001.5, 5_000_000, 100.25] },
  intensity: null,
};

/** Red, green and blue of both points. */
let colour: Uint16Array<ArrayBuffer> | null;
let asked: unknown[];
let app: Hono;

beforeEach(() => {
  asked = [];
  colour = null;
  const points: ServedPoints = {
    async cloud(id) {
      asked.push(['cloud', id]);
      return { id, version: 'v1' } as Awaited<ReturnType<ServedPoints['cloud']>>;
    },
    async nodesBelow(id, version, key, limit) {
      asked.push(['below', id, version, Key.format(key), limit]);
      return { nodes: new Map([[Key.format(key), 2]]), more: ['1-0-0-0'] };
    },
    async node(id, version, key, { dimensions = [] } = {}) {
      asked.push(['node', id, version, Key.format(key), ...dimensions]);
      if (version !== 'v1') throw new NearboxError('version_gone', 'gone');
      if (!dimensions.includes('colour') || colour === null) return node;
      return { ...node, dimensions: { colour: { raw: colour, scale: 1, offset: 0 } } };
    },
  };
  app = new Hono();
  for (const { method, path, handler } of pointsRoutes(points))
    app.on(method, path, async (c) => {
      try {
        const access = RequestAccess.ofEverybody();
        return await handler(c, { signal: c.req.raw.signal, access });
      } catch (error) {
        return problemResponse(toNearboxError(error), 'id');
      }
    });
});

describe('/points', () => {
  it('tells about a cloud, to be asked again', async () => {
    const response = await app.request('/points/a/b%20c');
    expect(await response.json()).toMatchObject({ id: 'a/b c', version: 'v1' });
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect(asked).toEqual([['cloud', 'a/b c']]);
  });

  it('lists nodes for good', async () => {
    const response = await app.request('/points/~v1/a/b/hierarchy/0-0-0-0');
    expect(await response.json()).toEqual({ root: '0-0-0-0', nodes: { '0-0-0-0': 2 }, more: ['1-0-0-0'] });
    expect(response.headers.get('cache-control')).toContain('immutable');
    expect(asked).toEqual([['below', 'a/b', 'v1', '0-0-0-0', 4000]]);
  });

  it('has the points of a node, exact at UTM coordinates', async () => {
    const response = await app.request('/points/~v1/a/nodes/3-1-2-3');
    expect(response.headers.get('content-type')).toBe('application/vnd.nearbox.points');
    expect(response.headers.get('cache-control')).toContain('immutable');
    const { origin, step, data, count } = decodeNodePayload(await response.arrayBuffer());
    expect(count).toBe(2);
    expect([4, 5, 6].map((i) => origin[i - 4]! + data[i]! * step[i - 4]!)).toEqual([
      expect.closeTo(500_001.5, 9),
      5_000_000,
      expect.closeTo(100.25, 9),
    ]);
    expect(asked).toEqual([['node', 'a', 'v1', '3-1-2-3']]);
  });

  it.each([
    ['bytes', [255, 128, 0, 1, 2, 3], false, [255, 128, 0, 1, 2, 3]],
    ['16 bits', [65_535, 32_768, 0, 256, 255, 511], true, [255, 128, 0, 1, 0, 1]],
    ['none', null, false, []],
  ])('has the colours of a node by themselves: %s', async (_, stored, areWide, rgb) => {
    colour = stored && Uint16Array.from(stored);
    const response = await app.request('/points/~v1/a/colours/3-1-2-3');
    expect(response.headers.get('content-type')).toBe('application/vnd.nearbox.colours');
    expect(response.headers.get('cache-control')).toContain('immutable');
    const colours = decodeNodeColours(await response.arrayBuffer());
    expect({ ...colours, rgb: [...colours.rgb] }).toEqual({ areWide, rgb });
    expect(asked).toEqual([['node', 'a', 'v1', '3-1-2-3', 'colour']]);
  });

  it.each([
    ['/points/~v1/a/nodes/0-0-0-9', 404],
    ['/points/~v1/a/nodes/x', 404],
    ['/points/~v1/a/other/0-0-0-0', 404],
    ['/points/~v1/nodes/0-0-0-0', 404],
    ['/points/~v2/a/nodes/0-0-0-0', 404],
    ['/points/..%2fa', 400],
    ['/points/a//b', 400],
    ['/points/%ff', 400],
  ])('refuses %s with %d, and nothing may keep that', async (url, status) => {
    const response = await app.request(url);
    expect(response.status).toBe(status);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });
});
