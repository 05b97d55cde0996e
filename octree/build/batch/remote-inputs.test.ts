/** Inputs over HTTP and from standard input. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PROGRAM } from '../../../cache/testing/index.ts';
import { buildClouds } from '../index.ts';
import { asMultiset, kittiBytes, readCloud, scenePoints, useScratch } from '../testing/index.ts';

const scratch = useScratch();
const POINTS = scenePoints(400, 3);
const BYTES = Buffer.from(kittiBytes(POINTS));

describe('http', () => {
  let server: Server;
  let base = '';
  let broken = 0;
  const asked: string[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      if (request.url === '/drive/signed.bin?sig=a/b.c' && request.method === 'HEAD') {
        response.writeHead(403).end();
        return;
      }
      if (request.url!.startsWith('/none')) {
        response.writeHead(404).end();
        return;
      }
      response.writeHead(200, { 'content-length': BYTES.length, etag: '"one"' });
      if (request.method === 'HEAD') response.end();
      else if (broken > 0) {
        broken--;
        response.write(BYTES.subarray(0, 100));
        response.socket!.destroySoon();
      } else response.end(BYTES);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    asked.length = 0;
  });
  afterAll(() => {
    server.close();
  });

  it('an object becomes the cloud of its name, and is asked for again when it breaks off', async () => {
    broken = 1;
    const { clouds } = await buildClouds([`${base}/drive/a%20b.bin?sig=1`], scratch.path('out'));
    expect(clouds).toMatchObject([{ id: 'a b', points: 400 }]);
    const { points } = await readCloud(scratch.path('out', 'a b'));
    expect(asMultiset(points, 0.001)).toEqual(asMultiset(POINTS, 0.001));
    expect(asked.filter((line) => line.startsWith('GET'))).toHaveLength(2);
  });

  it('is passed over by its ETag, without being read', async () => {
    const again = await buildClouds([`${base}/drive/a%20b.bin?sig=1`], scratch.path('out'), {
      skipExisting: true,
    });
    expect(again.skipped).toHaveLength(1);
    expect(asked.filter((line) => line.startsWith('GET'))).toEqual([]);
  });

  it('signed for reading alone is read; its signature is in no message and no metadata', async () => {
    const input = `${base}/drive/signed.bin?sig=a/b.c`;
    const { clouds } = await buildClouds([input], scratch.path('signed'), { skipExisting: true });
    expect(clouds).toMatchObject([{ id: 'signed', points: 400 }]);
    const sources = await readFile(scratch.path('signed', 'signed', 'ept-sources', 'manifest.json'), 'utf8');
    expect(JSON.parse(sources)).toMatchObject([{ path: 'signed.bin', points: 400 }]);
    const again = await buildClouds([input], scratch.path('signed'), { skipExisting: true });
    expect(again.skipped).toHaveLength(1);
    await expect(buildClouds([`${base}/none.bin?sig=secret`], scratch.path('no'))).rejects.toThrow(
      /none\.bin: no such object$/,
    );
  });

  it('that is not there does not stop the others', async () => {
    const { clouds, failed } = await buildClouds([`${base}/c.bin`, `${base}/none.bin`], scratch.path('two'));
    expect(clouds.map(({ id }) => id)).toEqual(['c']);
    expect(failed).toMatchObject([
      { id: 'none', error: { message: expect.stringMatching(/no such object/) } },
    ]);
  });
});

it.skipIf(spawnSync('openssl', ['version']).status !== 0)(
  'https: an object is built by the command, from a server whose certificate it trusts, and from no other',
  async () => {
    const [key, cert] = [scratch.path('key.pem'), scratch.path('cert.pem')];
    const request = `req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -addext subjectAltName=DNS:localhost`;
    const made = spawnSync('openssl', [...request.split(' '), '-keyout', key, '-out', cert]);
    expect(made.status).toBe(0);
    const certificate = { key: await readFile(key), cert: await readFile(cert) };
    const server = createSecureServer(certificate, (_, response) => {
      response.writeHead(200, { 'content-length': BYTES.length, etag: '"one"' }).end(BYTES);
    });
    server.listen(0);
    await once(server, 'listening');
    const input = `https://localhost:${(server.address() as AddressInfo).port}/drive/000007.bin?sig=1`;
    const build = async (out: string, env: NodeJS.ProcessEnv) => {
      const args = [PROGRAM, 'build', input, '--out', scratch.path(out)];
      const child = spawn(process.execPath, args, { stdio: 'ignore', env: { ...process.env, ...env } });
      return (await once(child, 'exit'))[0] as number;
    };
    try {
      expect(await build('trusted', { NODE_EXTRA_CA_CERTS: cert })).toBe(0);
      const { points } = await readCloud(scratch.path('trusted', '000007'));
      expect(asMultiset(points, 0.001)).toEqual(asMultiset(POINTS, 0.001));
      expect(await build('unknown', {})).toBe(1);
    } finally {
      server.close();
    }
  },
  60_000,
);

it('standard input becomes the cloud `stdin`', async () => {
  const args = [PROGRAM, 'build', '-', '--format', 'kitti', '--out', scratch.path('piped')];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin!.end(BYTES);
  expect(await once(child, 'exit')).toEqual([0, null]);
  const { points } = await readCloud(scratch.path('piped', 'stdin'));
  expect(asMultiset(points, 0.001)).toEqual(asMultiset(POINTS, 0.001));
});
