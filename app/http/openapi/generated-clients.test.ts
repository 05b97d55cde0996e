/**
 * Clients that others' generators make of /openapi.json, against a real server: they predict, get a typed
 * error, read bytes, and lose no digit of a coordinate. The generators are installed by
 * `.ci/install-components`.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createAdaptorServer } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { NearboxError } from '../../../cache/index.ts';
import { type CloudApp, cloudApp, PREDICTION } from '../testing/index.ts';

// Generators and compilers, on machines that do other things as well.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 60_000 });

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const COMPONENTS = path.join(ROOT, '.cache/components');
const FIXTURES = fileURLToPath(new URL('fixtures/', import.meta.url));
const TSC = path.join(ROOT, 'node_modules/.bin/tsc');
const GO = ['/usr/local/go/bin/go', '/usr/bin/go'].find((file) => existsSync(file)) ?? 'go';

/** Path of an installed component, null if it is not here. Throws if it is missing and required. */
function component(name: string): string | null {
  const file = path.join(COMPONENTS, name);
  if (existsSync(file)) return file;
  if (process.env.NEARBOX_REQUIRE_COMPONENTS === '1')
    throw new Error(`${name} is missing; run .ci/install-components`);
  return null;
}

const redocly = component('openapi/node_modules/.bin/redocly');
const openapiTypescript = component('openapi/node_modules/.bin/openapi-typescript');
const pythonClient = component('python/bin/openapi-python-client');
const oapiCodegen = component('bin/oapi-codegen');

/** Where the question points at: it is the answer's centre too. */
const EXPECTED = ['cloud_not_found 404', 'a/ept', 'ply'];

let folder: string;
let document: string;
let one: CloudApp;
let server: http.Server;
let base: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-generated-'));
  one = await cloudApp({
    predictor: {
      async predict({ cloud, region }) {
        if (cloud === 'none') throw new NearboxError('cloud_not_found', 'there is no cloud none');
        const center = region.type === 'click' ? region.position : ([0, 0, 0] as const);
        return { ...PREDICTION, box: { ...PREDICTION.box, center } };
      },
    },
  });
  server = createAdaptorServer({ fetch: one.app.fetch }) as http.Server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  document = path.join(folder, 'openapi.json');
  await writeFile(document, await (await fetch(`${base}/openapi.json`)).text());
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await one.reader.close();
  await rm(folder, { recursive: true, force: true });
});

const lines = (text: string) => text.trim().split('\n');

describe('/openapi.json', () => {
  it.skipIf(redocly === null)('has no error by Redocly’s linter', async () => {
    const { stdout, stderr } = await run(redocly!, ['lint', document], {
      cwd: folder,
      env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
    });
    expect(`${stdout}${stderr}`).toContain('Your API description is valid');
  });

  it.skipIf(openapiTypescript === null)('serves a client by openapi-typescript', async () => {
    const own = path.join(folder, 'typescript');
    await mkdir(own);
    await run(openapiTypescript!, [document, '--output', path.join(own, 'schema.d.ts')]);
    await copyFile(path.join(FIXTURES, 'consumer.ts.txt'), path.join(own, 'consumer.ts'));
    await writeFile(path.join(own, 'package.json'), '{"type":"module"}');
    const types = path.join(ROOT, 'node_modules/@types');
    const compilerOptions = {
      strict: true,
      target: 'es2022',
      module: 'nodenext',
      types: ['node'],
      typeRoots: [types],
      outDir: 'out',
      rewriteRelativeImportExtensions: true,
    };
    await writeFile(
      path.join(own, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, files: ['consumer.ts'] }),
    );
    await run(TSC, ['-p', own]);
    const { stdout } = await run(process.execPath, [path.join(own, 'out/consumer.js'), base]);
    expect(lines(stdout)).toEqual(['515387.123 4918360.377 12.25', ...EXPECTED]);
  });

  it.skipIf(pythonClient === null)('serves a client by openapi-python-client', async () => {
    const own = path.join(folder, 'python');
    await mkdir(own);
    const output = path.join(own, 'client');
    await run(pythonClient!, ['generate', '--path', document, '--output-path', output, '--meta', 'none']);
    await copyFile(path.join(FIXTURES, 'consumer.py'), path.join(own, 'consumer.py'));
    const python = path.join(COMPONENTS, 'python/bin/python3');
    const { stdout } = await run(python, [path.join(own, 'consumer.py'), base], { cwd: own });
    expect(lines(stdout)).toEqual(['515387.123 4918360.377 12.25', ...EXPECTED]);
  });

  it.skipIf(oapiCodegen === null)('serves a client by oapi-codegen', async () => {
    const own = path.join(folder, 'go');
    await mkdir(own);
    for (const name of ['go.mod', 'go.sum'])
      await copyFile(path.join(COMPONENTS, 'go-client', name), path.join(own, name));
    const output = path.join(own, 'client.go');
    await run(oapiCodegen!, ['-generate', 'types,client', '-package', 'main', '-o', output, document]);
    await writeFile(
      path.join(own, 'main.go'),
      await readFile(path.join(FIXTURES, 'consumer.go.txt'), 'utf8'),
    );
    const env = { ...process.env, GOPROXY: 'off', GOFLAGS: '-mod=mod' };
    const { stdout } = await run(GO, ['run', '.', base], { cwd: own, env });
    expect(lines(stdout)).toEqual(['[515387.123,4918360.377,12.25]', ...EXPECTED]);
  });
});
