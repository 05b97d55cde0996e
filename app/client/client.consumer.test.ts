/**
 * `nearbox/client` as another project has it: built, installed beside its own needs, checked by tsc and run
 * by Node.
 */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import type http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createAdaptorServer } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CloudApp, cloudApp, PREDICTION } from '../http/testing/index.ts';
import { buildClient } from '../package/build/index.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TSC = path.join(ROOT, 'node_modules', '.bin', 'tsc');

const CONSUMER = `
import { type AppType, inPath, NearboxClient, type PredictionAnswer, ProblemError } from 'nearbox/client';
import { hc } from 'hono/client';

const base = process.argv[2]!;
const nearbox = new NearboxClient({ base, headers: { authorization: 'Bearer key' } });
const region = { type: 'click', position: [1, 2, 3] } as const;

const answer: PredictionAnswer = await nearbox.predict({ cloud: 'a/ept', region: { type: 'click', position: [1, 2, 3] } });
const length: number = answer.box.size[0];

const response = await nearbox.rpc.v1.predictions.batch.$post({ json: { cloud: 'a/ept', items: [{ region: { type: 'click', position: [1, 2, 3] } }] } });
if (response.status !== 200) throw new Error((await response.json()).code);
const { results } = await response.json();
const first = results[0]!;
const score: number | string = 'score' in first ? first.score : first.code;

const bare = hc<AppType>(base);
const cloud = await bare.v1.clouds[':cloud'].$get({ param: { cloud: inPath('a/ept') } });
if (!cloud.ok) throw new Error((await cloud.json()).detail);
const { version, bounds } = await cloud.json();
const node = await bare.tiles[':version'][':cloud'].nodes[':key'].$get({ param: { version: \`~\${version}\`, cloud: 'a/ept', key: '0-0-0-0' } });

export function wrong() {
  // @ts-expect-error: there is no such class
  nearbox.predict({ cloud: 'a', region: { type: 'click', position: [1, 2, 3] }, class: 'tank' });
  // @ts-expect-error: a position has three numbers
  nearbox.predict({ cloud: 'a', region: { type: 'click', position: [1, 2] } });
  // @ts-expect-error: there is no such route
  nearbox.rpc.v1.nothing.$get();
  // @ts-expect-error: the query of a cacheable question needs a place
  bare.v1.predictions.$get({ query: { cloud: 'a' } });
  // @ts-expect-error: the answer has no such field
  answer.colour;
}

let code = 'none';
try {
  await nearbox.cloud('none');
} catch (error) {
  if (error instanceof ProblemError) code = error.code;
}
const bytes = (await node.arrayBuffer()).byteLength;
console.log(JSON.stringify({ length, score, code, bytes: bytes > 0, low: bounds.min.length, region: region.type }));
`;

let folder: string;
let one: CloudApp;
let server: http.Server;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-consumer-'));
  const installed = path.join(folder, 'node_modules', 'nearbox');
  await mkdir(installed, { recursive: true });
  await copyFile(path.join(ROOT, 'package.json'), path.join(installed, 'package.json'));
  await buildClient(ROOT, path.join(installed, 'dist'));
  for (const name of ['hono', 'zod', '@types'])
    await symlink(path.join(ROOT, 'node_modules', name), path.join(folder, 'node_modules', name));
  await writeFile(path.join(folder, 'package.json'), '{"type":"module"}');
  await writeFile(path.join(folder, 'consumer.ts'), CONSUMER);
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    module: 'nodenext',
    target: 'es2023',
    lib: ['es2023', 'dom'],
    types: ['node'],
  };
  await writeFile(
    path.join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['consumer.ts'] }),
  );
  one = await cloudApp({ predictor: { predict: async () => PREDICTION } });
  server = createAdaptorServer({ fetch: one.app.fetch }) as http.Server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}, 120_000);

afterAll(async () => {
  server?.closeAllConnections();
  server?.close();
  await one?.reader.close();
  await rm(folder, { recursive: true, force: true });
});

describe('nearbox/client in another project', () => {
  it('compiles under strict options, refuses what the server would, and runs on plain Node', {
    timeout: 120_000,
  }, async () => {
    const compiled = await promisify(execFile)(TSC, ['-p', folder]).catch(
      (error: { stdout: string }) => error,
    );
    expect(compiled.stdout).toBe('');
    const { port } = server.address() as AddressInfo;
    const { stdout } = await promisify(execFile)(process.execPath, [
      path.join(folder, 'consumer.js'),
      `http://127.0.0.1:${port}`,
    ]);
    expect(JSON.parse(stdout)).toEqual({
      length: 4.2,
      score: 0.8,
      code: 'cloud_not_found',
      bytes: true,
      low: 3,
      region: 'click',
    });
  });
});
