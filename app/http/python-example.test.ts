/**
 * docs/examples/predict.py against a server: it works, and every request of it is one that the OpenAPI
 * document allows.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createAdaptorServer } from '@hono/node-server';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NearboxError } from '../../cache/index.ts';
import type { Question } from '../../inference/index.ts';
import type { OpenApiDocument } from './openapi/index.ts';
import { type CloudApp, cloudApp, hasPython, PREDICTION } from './testing/index.ts';

const isRequired = process.env.NEARBOX_REQUIRE_COMPONENTS === '1';
const EXAMPLE = fileURLToPath(new URL('../../docs/examples/predict.py', import.meta.url));

interface Seen {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
}

/** What the document says against a request; null if nothing. */
function objection({ paths, components }: OpenApiDocument, { method, url, body }: Seen): string | null {
  const ajv = new Ajv2020({ strict: false, coerceTypes: true, validateFormats: false });
  // References are to the document's own schemas.
  const inDocument = (schema: unknown) => ({ ...(schema as object), components });
  const match = Object.entries(paths).find(
    ([template, methods]) =>
      method in methods && new RegExp(`^${template.replaceAll(/\{\w+\}/g, '.+')}$`).test(url.pathname),
  );
  if (match === undefined) return `no operation for ${method} ${url.pathname}`;
  const { parameters, requestBody } = match[1][method]!;
  for (const [name, value] of url.searchParams) {
    const parameter = parameters.find((one) => one.in === 'query' && one.name === name);
    if (parameter === undefined) return `no parameter ${name} at ${match[0]}`;
    if (!ajv.validate(inDocument(parameter.schema), value)) return `${name}: ${ajv.errorsText()}`;
  }
  if (body === '') return null;
  const schema = (requestBody as { content: Record<string, { schema: object }> }).content['application/json']!
    .schema;
  return ajv.validate(inDocument(schema), JSON.parse(body)) ? null : ajv.errorsText();
}

describe.runIf(hasPython() || isRequired)('docs/examples/predict.py', () => {
  let one: CloudApp;
  let server: http.Server;
  let folder: string;
  const seen: Seen[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-python-'));
    let busy = true;
    const predict = async ({ cloud }: Question) => {
      const { version } = await one.reader.cloud(cloud);
      if (busy) {
        busy = false;
        throw new NearboxError('overloaded', 'full', { retryAfterSeconds: 0 });
      }
      return { ...PREDICTION, cloud: { id: cloud, version } };
    };
    one = await cloudApp({ predictor: { predict } });
    const fetch = async (request: Request) => {
      const body = await request.clone().text();
      seen.push({ method: request.method.toLowerCase(), url: new URL(request.url), body });
      return one.app.fetch(request);
    };
    server = createAdaptorServer({ fetch }) as http.Server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await one.reader.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('asks, asks again when it is told to wait, and saves a crop', async () => {
    const { port } = server.address() as AddressInfo;
    const args = [EXAMPLE, `http://127.0.0.1:${port}/`, 'a/ept', '7.919', '40.729', '0.031', 'key'];
    const { stdout } = await promisify(execFile)('python3', args, { cwd: folder });
    expect(stdout.trim().split('\n')).toEqual([
      'clouds: a/ept',
      'points: 100',
      expect.stringContaining('box: {"center": [10, 4, -0.95], "size": [4.2, 1.8, 1.5], "yaw": 1.57'),
      'class: car score: 0.8',
      'cost: nodes=2, bytes=10, memory=1, disk=0, origin=1 - asked again: not modified',
      'problem: cloud_not_found',
    ]);
    expect((await readFile(path.join(folder, 'crop.ply'))).subarray(0, 3).toString()).toBe('ply');
  });

  it('sends nothing that the OpenAPI document does not allow', async () => {
    const document = (await (await one.app.request('/openapi.json')).json()) as OpenApiDocument;
    expect(seen.length).toBeGreaterThan(6);
    for (const request of seen)
      expect([request.url.href, objection(document, request)]).toEqual([request.url.href, null]);
    const [, last] = [seen[0], seen.at(-1)!];
    expect(objection(document, { ...last, body: '{"cloud":"a","region":{}}' })).not.toBeNull();
    expect(objection(document, { ...last, url: new URL('?what=1', last.url) })).toContain('what');
  });
});
