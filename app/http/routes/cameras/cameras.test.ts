/** Cameras over HTTP: calibrations and images, to whom the cloud's tiles are open, and nothing besides. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemorySource } from '../../../../cache/testing/index.ts';
import { Authenticator, CloudScope, UrlSigner } from '../../../access/index.ts';
import { type CloudApp, cloudApp, expectProblem } from '../../testing/index.ts';

const utf8 = (value: unknown) =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const PNG = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3, 4]);
const JPEG = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 5, 6]);
const front = {
  name: 'front',
  focal: [700, 710],
  centre: [600, 180],
  pose: { position: [0, 0, 0], rotation: [-0.5, 0.5, -0.5, 0.5] },
  image: 'front.png',
};
const file = (...cameras: object[]) =>
  utf8({ version: 1, cameras, comment: 'unknown fields are left alone' });

const signer = new UrlSigner({
  secrets: ['a-secret-of-at-least-32-characters-1'],
  ttlSeconds: 3600,
  stepSeconds: 60,
});
const authenticator = new Authenticator({
  signer,
  tokens: async (token) => ({
    name: `token:${token}`,
    clouds: new CloudScope([token]),
    writes: new CloudScope([]),
    by: 'key',
  }),
});

let one: CloudApp;
beforeAll(async () => {
  const cameras = new MemorySource([
    [
      'a/0/cameras.json',
      file(front, { ...front, name: 'left', image: 'left.jpg', distortion: [0, 0, 0, 0] }),
    ],
    ['a/0/front.png', PNG],
    ['a/0/left.jpg', JPEG],
    ['drive/cameras.json', file({ ...front, image: 'front/{frame}.png', size: [1242, 375] })],
    ['drive/front/$&.png', PNG],
    ['drive/front/000007.png', PNG],
    ['drive/secret.png', PNG],
    ['big/cameras.json', file({ ...front, image: 'big.png' }, { ...front, name: 'text', image: 'a.txt' })],
    ['big/big.png', new Uint8Array(2000)],
    ['big/a.txt', utf8('this is no image')],
    ['out/cameras.json', file({ ...front, image: '../drive/secret.png' })],
    ['absolute/cameras.json', file({ ...front, image: '/etc/passwd' })],
    ['twice/cameras.json', file(front, front)],
    ['mirror/cameras.json', file({ ...front, rectification: [1, 0, 0, 0, 1, 0, 0, 0, -1] })],
    ['text/cameras.json', utf8('{')],
    ['deep/cameras.json', utf8('['.repeat(40))],
    ['many/cameras.json', file(...Array.from({ length: 33 }, (_, k) => ({ ...front, name: `c${k}` })))],
    ['large/cameras.json', utf8(`"${'x'.repeat(2 ** 20)}"`)],
  ]);
  one = await cloudApp({ cameras, cameraMaxBytes: 1500 });
});
afterAll(() => one.reader.close());

const get = (path: string, headers: Record<string, string> = {}, app = one) =>
  Promise.resolve(app.app.request(path, { headers }));

describe('the cameras of a cloud', () => {
  it('have their calibration, and their images as they are stored', async () => {
    const answer = await get('/v1/cameras/a/0');
    expect(answer.headers.get('cache-control')).toContain('max-age=5');
    const { image: _, ...calibration } = front;
    expect(await answer.json()).toEqual({
      cloud: 'a/0',
      cameras: [calibration, { ...calibration, name: 'left', distortion: [0, 0, 0, 0] }],
    });
    const image = await get('/v1/images/a%2F0/front');
    expect([image.status, image.headers.get('content-type')]).toEqual([200, 'image/png']);
    expect(new Uint8Array(await image.arrayBuffer())).toEqual(PNG);
    expect((await get('/v1/images/a/0/left')).headers.get('content-type')).toBe('image/jpeg');
    const etag = image.headers.get('etag')!;
    expect((await get('/v1/images/a/0/front', { 'if-none-match': etag })).status).toBe(304);
    const part = await get('/v1/images/a/0/front', { range: 'bytes=8-9' });
    expect([part.status, [...new Uint8Array(await part.arrayBuffer())]]).toEqual([206, [1, 2]]);
  });

  it('may be those of a folder above, with the frame in the names of images', async () => {
    expect(await (await get('/v1/cameras/drive/000007')).json()).toMatchObject({
      cameras: [{ size: [1242, 375] }],
    });
    expect((await get('/v1/images/drive/000007/front')).status).toBe(200);
    expect((await get('/v1/images/drive/000007.copc.laz/front')).status).toBe(200);
    // `$&` is the whole match in a replacement, and here the name of a frame.
    expect((await get('/v1/images/drive/$&/front')).status).toBe(200);
    await expectProblem(await get('/v1/images/drive/000008/front'), 404, 'not_found');
  });

  it('are none where there is no file, or no --cameras', async () => {
    expect(await (await get('/v1/cameras/b/0')).json()).toEqual({ cloud: 'b/0', cameras: [] });
    await expectProblem(await get('/v1/images/a/0/rear'), 404, 'not_found');
    const without = await cloudApp();
    await expectProblem(await get('/v1/cameras/a/0', {}, without), 404, 'not_found');
    await expectProblem(await get('/v1/images/a/0/front', {}, without), 404, 'not_found');
    await without.reader.close();
  });

  it.each([
    ['/v1/cameras/out', 'not a path below its folder'],
    ['/v1/cameras/absolute', 'not a path below its folder'],
    ['/v1/cameras/twice', 'two cameras have one name'],
    ['/v1/cameras/mirror', 'must be a rotation'],
    ['/v1/cameras/text', 'is not JSON'],
    ['/v1/cameras/deep', 'nested deeper than 32 levels'],
    ['/v1/cameras/many', 'cameras.json: cameras'],
    ['/v1/cameras/large', 'at most 1048576'],
    ['/v1/images/big/front', 'at most 1500'],
    ['/v1/images/big/text', 'neither JPEG nor PNG nor WebP'],
    ['/v1/images/out/front', 'not a path below its folder'],
  ])('%s: 502, and what is wrong', async (path, what) => {
    const { detail } = await expectProblem(await get(path), 502, 'source_unavailable');
    expect(detail).toContain(what);
  });

  it.each([
    '/v1/cameras/a%2f..%2f0',
    '/v1/cameras/a/%252e%252e/0',
    '/v1/cameras/~v/a',
    '/v1/images/a/0/%2e%2e',
    '/v1/images/a/0/front%5c..',
    '/v1/images/a/0/.hidden',
    '/v1/images/a/0/front%00',
  ])('%s: 400', async (path) => {
    await expectProblem(await get(path), 400, 'invalid_request');
  });
});

describe('with keys', () => {
  let locked: CloudApp;
  beforeAll(async () => {
    const cameras = new MemorySource([
      ['a/0/cameras.json', file(front)],
      ['a/0/front.png', PNG],
    ]);
    locked = await cloudApp({ cameras, authenticator });
  });
  afterAll(() => locked.reader.close());

  it.each(['/v1/cameras/a/0', '/v1/images/a/0/front'])('%s goes by the key of the cloud', async (path) => {
    await expectProblem(await get(path, {}, locked), 401, 'unauthorized');
    await expectProblem(await get(path, { authorization: 'Bearer b' }, locked), 403, 'forbidden');
    const opened = await get(path, { authorization: 'Bearer a' }, locked);
    expect([opened.status, opened.headers.get('cache-control')]).toEqual([
      200,
      expect.stringContaining('private'),
    ]);
    // As for tiles: a signature of the cloud opens it, one of another does not.
    expect((await get(`${path}?${new URLSearchParams(signedFor('a'))}`, {}, locked)).status).toBe(200);
    await expectProblem(
      await get(`${path}?${new URLSearchParams(signedFor('b'))}`, {}, locked),
      403,
      'forbidden',
    );
  });
});

function signedFor(scope: string): Record<string, string> {
  const { expires, signature } = signer.sign(scope, 600);
  return { scope, expires: String(expires), signature };
}
