/** For how long an object has been there: what S3 and other object stores say of it, and others do not. */
import { afterEach, describe, expect, test } from 'vitest';
import { ObjectServer } from '../../testing/index.ts';
import { HttpSource } from '../http-source.ts';
import { S3Source } from '../s3-source.ts';
import type { RemoteOptions } from './options.ts';
import { placementOf } from './unchanged.ts';

const DATES = {
  'last-modified': 'Mon, 02 Mar 2026 10:00:00 GMT',
  date: 'Mon, 02 Mar 2026 10:01:00 GMT',
};

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function serve(headers: Readonly<Record<string, string>>, dates: RemoteOptions['dates'] = 'auto') {
  const server = await ObjectServer.start('/clouds');
  server.objects.set('a.bin', { bytes: new Uint8Array(10), etag: '"a"', headers });
  const http = new HttpSource({ base: server.base, dates });
  const s3 = new S3Source({ uri: 's3://clouds', endpoint: server.origin, credentials: 'anonymous', dates });
  ends.push(
    () => server.stop(),
    () => http.close(),
    () => s3.close(),
  );
  return { http, s3 };
}

describe('how long an object has been there', () => {
  test('is what lies between the two dates of an answer of S3, less the second that they are cut off to', async () => {
    const { s3 } = await serve(DATES);
    const range = { offset: 2, length: 3 };
    expect((await s3.read('a.bin'))?.unchangedMs).toBe(59_000);
    expect((await s3.read('a.bin', { range }))?.unchangedMs).toBe(59_000);
    expect((await s3.stat('a.bin'))?.unchangedMs).toBe(59_000);
  });

  test.each(['x-amz-request-id', 'x-goog-generation', 'x-ms-blob-type'])(
    'is known over HTTP from an object store, by its %s',
    async (name) => {
      const { http } = await serve({ ...DATES, [name]: '1' });
      expect((await http.read('a.bin'))?.unchangedMs).toBe(59_000);
      expect((await http.stat('a.bin'))?.unchangedMs).toBe(59_000);
    },
  );

  test('is not known from a web server, whose files may be renamed with their dates, nor from a cache', async () => {
    for (const headers of [DATES, { ...DATES, 'x-amz-request-id': '1', age: '30' }]) {
      const { http } = await serve(headers);
      expect(await http.read('a.bin')).not.toHaveProperty('unchangedMs');
      expect(await http.stat('a.bin')).not.toHaveProperty('unchangedMs');
    }
  });

  test('is believed of every server, or of none, where one is told so', async () => {
    const trusted = await serve(DATES, 'trusted');
    expect((await trusted.http.read('a.bin'))?.unchangedMs).toBe(59_000);
    const cached = await serve({ ...DATES, age: '0' }, 'trusted');
    expect(await cached.http.read('a.bin')).not.toHaveProperty('unchangedMs');
    const ignored = await serve({ ...DATES, 'x-amz-request-id': '1' }, 'ignored');
    for (const source of [ignored.http, ignored.s3]) {
      expect(await source.read('a.bin')).not.toHaveProperty('unchangedMs');
      expect(await source.stat('a.bin')).not.toHaveProperty('unchangedMs');
    }
  });

  test('is not known without either date, from one that is none, or from dates in the wrong order', () => {
    const { date, 'last-modified': modified } = DATES;
    expect(placementOf(modified, date)).toEqual({
      placement: { token: modified, settlesInMs: 0 },
      unchangedMs: 59_000,
    });
    // Of the second in which it was put there, and of clocks that disagree, another replacement would have
    // the same date.
    expect(placementOf(modified, modified)).toEqual({ placement: { token: modified, settlesInMs: 1000 } });
    expect(placementOf(date, modified)).not.toHaveProperty('unchangedMs');
    expect(placementOf(modified, undefined)).toEqual({});
    expect(placementOf(null, date)).toEqual({});
    expect(placementOf('yesterday', date)).toEqual({});
  });
});
