/**
 * Ids of clouds that are none: on every route that takes one they are refused before the storage is asked for
 * anything.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CloudApp, cloudApp } from './testing/index.ts';

let one: CloudApp;
let asked: string[] = [];

beforeAll(async () => {
  one = await cloudApp();
  one.source.onRead = (path) => {
    asked.push(path);
  };
});
beforeEach(() => {
  asked = [];
});
afterAll(() => one.reader.close());

const IDS = [
  ['a URL', 'http://127.0.0.1:1/a'],
  ['a URL without slashes', 'http:127.0.0.1'],
  ['another host', '//127.0.0.1/a'],
  ['a bucket', 's3://bucket/a'],
  ['a file', 'file:///etc/passwd'],
  ['the root of the machine', '/etc'],
  ['a drive', 'C:\\a'],
  ['what climbs', '../a/ept'],
  ['what climbs in the middle', 'a/../../etc'],
  ['what climbs in escapes', 'a/%2e%2e/etc'],
  ['what climbs with backslashes', 'a\\..\\..\\etc'],
  ['a NUL', 'a/ept\0.json'],
  ['a line', 'a\nept'],
  ['a home folder', '~root/a'],
  ['a version', '~v/a/ept'],
  ['nothing', ''],
  ['an empty segment', 'a//ept'],
  ['half a character', 'a/\ud800'],
  ['5,000 characters', 'x'.repeat(5000)],
] as const;

const click = { type: 'click', position: [1, 2, 3] };

describe.each(IDS)('an id that is %s', (_name, id) => {
  const post = (path: string, body: unknown) =>
    one.app.request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body).slice(0, 100_000),
    });

  it('is refused in every body, with nothing read for it', async () => {
    for (const [path, body] of [
      ['/v1/predictions', { cloud: id, region: click }],
      ['/v1/predictions/batch', { cloud: id, items: [{ region: click }] }],
      ['/v1/crops', { cloud: id, region: click }],
      ['/v1/plans', { cloud: id, region: click }],
      ['/v1/prefetch', { clouds: ['a/ept', id] }],
      ['/v1/tile-urls', { scope: id }],
    ] as const) {
      const response = await post(path, body);
      expect([path, [400, 413].includes(response.status)]).toEqual([path, true]);
    }
    expect(asked).toEqual([]);
  });

  // A URL cannot have half a character.
  if (id.includes('\ud800') || id === '') return;
  // In a URL, empty segments are dropped, and what begins with ~ is a version.
  const meant = id
    .split('/')
    .filter((segment) => segment !== '')
    .join('/')
    .replace(/^~[^/]*\//, '');
  if (meant !== id) {
    it('is in a URL the id without them, and nothing else', async () => {
      const inPath = encodeURIComponent(id);
      for (const path of [`/v1/clouds/${inPath}/x`, `/tiles/${inPath}/ept.json`, `/points/${inPath}/x`]) {
        const { status } = await one.app.request(path);
        expect([path, [200, 304, 400, 404].includes(status)]).toEqual([path, true]);
      }
      for (const read of asked) expect(read.split('/')[0]).toBe(meant.split('/')[0]);
    });
    return;
  }
  it('is refused in every URL, with nothing read for it', async () => {
    const inPath = encodeURIComponent(id);
    for (const path of [
      `/v1/predictions?cloud=${inPath}&at=1,2,3`,
      `/v1/clouds/${inPath}`,
      `/tiles/${inPath}/ept.json`,
      `/tiles/~v/${inPath}/ept.json`,
      `/tiles/~v/${inPath}/nodes/0-0-0-0`,
      `/points/${inPath}`,
      `/points/~v/${inPath}/nodes/0-0-0-0`,
    ]) {
      const { status } = await one.app.request(path);
      expect([path, status]).toEqual([path, 400]);
    }
    expect(asked).toEqual([]);
  });
});
