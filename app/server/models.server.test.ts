/** Two versions of the network side by side, in a whole server. */
import { mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readModelIdentity, SHIPPED_MODEL } from '../../inference/index.ts';
import { parseServeConfig } from '../config/index.ts';
import { copyModel } from '../models/testing/index.ts';
import { silentLog } from '../observability/index.ts';
import { CAR, streetCloud } from '../testing/index.ts';
import { type RunningServer, startServer } from './server.ts';

interface Body {
  readonly box: unknown;
  readonly method: string;
  readonly model?: { readonly version: string };
  readonly errors?: readonly unknown[];
}

const shipped = readModelIdentity(SHIPPED_MODEL).version;
const [x, y, z] = CAR.center;
const position = [x - 1.6, y - 1.3, z];

let cloud: Awaited<ReturnType<typeof streetCloud>>;
let models = '';

beforeAll(async () => {
  cloud = await streetCloud();
  models = await mkdtemp(path.join(tmpdir(), 'nearbox-versions-'));
  await copyModel(path.join(models, 'tuned'), 'tuned');
});
afterAll(async () => {
  await cloud.remove();
  await rm(models, { recursive: true, force: true });
});

async function serving(options: Readonly<Record<string, string>>, work: (server: RunningServer) => unknown) {
  const config = { clouds: cloud.root, port: '0', rehearseMs: '0', models, shards: '1', ...options };
  const server = await startServer(parseServeConfig(config), silentLog);
  try {
    await work(server);
  } finally {
    await server.close();
  }
}

const JSON_TYPE = { 'content-type': 'application/json' };

async function ask(server: RunningServer, over: object = {}, headers: Record<string, string> = {}) {
  const response = await fetch(`${server.url}/v1/predictions`, {
    method: 'POST',
    headers: { ...JSON_TYPE, ...headers },
    body: JSON.stringify({ cloud: 'street', region: { type: 'click', position }, ...over }),
  });
  const body = (await response.json()) as Body;
  return { status: response.status, version: String(body.model?.version), box: body.box, body };
}

describe.each(['0', '1'])('two versions, %s shards', (shards) => {
  it('answers with the version that is named, and says so', () =>
    serving({ shards }, async (server) => {
      const [plain, own, tuned] = [
        await ask(server),
        await ask(server, { model: shipped }),
        await ask(server, { model: 'tuned' }),
      ];
      expect([plain.version, own.version, tuned.version]).toEqual([shipped, shipped, 'tuned']);
      expect(tuned.body.method).toBe('model');
      expect(own.box).toEqual(plain.box);
      expect(tuned.box).not.toEqual(plain.box);
      expect((await ask(server, { model: 'tuned' })).box).toEqual(tuned.box);
      const none = await ask(server, { model: 'none' });
      expect(none).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
      expect(none.body.errors).toEqual([
        { path: 'model', message: `nearbox has no version none; its versions: ${shipped}, tuned` },
      ]);
    }));
});

describe('a default and a canary', () => {
  it('puts another version in the place of the shipped one, and counts by version', () =>
    serving({ defaultModel: 'tuned' }, async (server) => {
      expect((await ask(server)).version).toBe('tuned');
      expect((await ask(server, { model: shipped })).version).toBe(shipped);
      const metrics = await (await fetch(`${server.url}/metrics`)).text();
      expect(metrics).toContain('nearbox_predictions_total{method="model",model_version="tuned"} 1');
      expect(metrics).toContain(`nearbox_predictions_total{method="model",model_version="${shipped}"} 1`);
    }));

  it('gives each key its side, and its side an ETag of its own', async () => {
    const keys = Array.from({ length: 12 }, (_, i) => ({
      name: `annotator-${i}`,
      token: `0123456789abcdef0123456789abcd${String(i).padStart(2, '0')}`,
      clouds: ['*'],
    }));
    const options = {
      keys: 'tokens',
      tokens: JSON.stringify(keys),
      canaryModel: 'tuned',
      canaryShare: '0.5',
    };
    await serving(options, async (server) => {
      const url = `${server.url}/v1/predictions?cloud=street&at=${position.join(',')}`;
      const sides = new Map<string, { readonly etag: string; readonly authorization: string }>();
      for (const { token } of keys) {
        const authorization = `Bearer ${token}`;
        const { version } = await ask(server, {}, { authorization });
        const response = await fetch(url, { headers: { authorization } });
        expect(((await response.json()) as Body).model?.version).toBe(version);
        const etag = response.headers.get('etag')!;
        expect(etag).toBe(sides.get(version)?.etag ?? etag);
        sides.set(version, { etag, authorization });
      }
      expect([...sides.keys()].sort()).toEqual([shipped, 'tuned'].sort());
      const [one, two] = [sides.get(shipped)!, sides.get('tuned')!];
      expect(one.etag).not.toBe(two.etag);
      const statusOf = async (etag: string, authorization: string) =>
        (await fetch(url, { headers: { authorization, 'if-none-match': etag } })).status;
      expect(await statusOf(one.etag, one.authorization)).toBe(304);
      expect(await statusOf(two.etag, two.authorization)).toBe(304);
      expect(await statusOf(one.etag, two.authorization)).toBe(200);
    });
  });

  it('has one answer a URL without keys', () =>
    serving({ canaryModel: 'tuned', canaryShare: '1' }, async (server) => {
      expect((await ask(server)).version).toBe('tuned');
      const url = `${server.url}/v1/predictions?cloud=street&at=${position.join(',')}`;
      const first = await fetch(url);
      const etag = first.headers.get('etag')!;
      expect(((await first.json()) as Body).model?.version).toBe('tuned');
      expect((await fetch(url, { headers: { 'if-none-match': etag } })).status).toBe(304);
      // A version that has gone has no tag any more.
      const gone = await fetch(`${url}&model=gone`, { headers: { 'if-none-match': '*' } });
      expect(gone.status).toBe(400);
    }));
});

it('does not start with weights that are not those of model.json, and names the file', async () => {
  await copyModel(path.join(models, 'broken'), 'broken');
  const weights = path.join(models, 'broken', 'refine.onnx');
  await truncate(weights, 1000);
  await expect(serving({}, () => {})).rejects.toThrow(weights);
  await rm(path.join(models, 'broken'), { recursive: true });
});
