/** An application over a reader of clouds in memory, for tests of the routes that read clouds. */
import { execFileSync } from 'node:child_process';
import type { Hono } from 'hono';
import { expect } from 'vitest';
import { MemorySource } from '../../../cache/testing/index.ts';
import type { Prediction } from '../../../inference/index.ts';
import { CloudReader, type CloudReaderOptions, InlineDecoders } from '../../../octree/index.ts';
import { makeEptCloud } from '../../../octree/testing/index.ts';
import { type Clouds, LocalClouds } from '../../clouds/index.ts';
import { Lifecycle } from '../../lifecycle/index.ts';
import { ModelChoice } from '../../models/index.ts';
import { silentLog } from '../../observability/index.ts';
import { type AppOptions, createApp } from '../create-app.ts';
import { Prefetcher } from '../routes/prefetch/index.ts';

/** What a predictor may answer. */
export const PREDICTION: Prediction = {
  box: { center: [10, 4, -0.95], size: [4.2, 1.8, 1.5], yaw: Math.PI / 2 },
  class: 'car',
  score: 0.8,
  method: 'model',
  fallback: undefined,
  points: { region: 100, inside: 50 },
  ground: -1.7,
  cloud: { id: 'a/ept', version: 'v' },
  model: { name: 'nearbox', version: '1' },
  cost: { nodes: 2, bytes: 10, memory: 1, disk: 0, origin: 1 },
  timings: { resolveMs: 1, fetchMs: 2, decodeMs: 3, cropMs: 4, queueMs: 5, inferMs: 6 },
  alternatives: [],
};

export interface CloudApp {
  readonly app: Hono;
  readonly source: MemorySource;
  readonly reader: CloudReader;
}

/** The same cloud under each of `ids`. The reader is to be closed by the test. */
export async function cloudApp(
  {
    reader: given,
    ...options
  }: Partial<Omit<AppOptions, 'reader'>> & { readonly reader?: CloudReader | Clouds } = {},
  readerOptions: Partial<CloudReaderOptions> = {},
  ids: readonly string[] = ['a/ept'],
): Promise<CloudApp> {
  const { files } = await makeEptCloud({
    raw: Array.from({ length: 100 }, (_, i): [number, number, number] => [
      (i * 7919) % 64000,
      (i * 104729) % 64000,
      (i * 31) % 64000,
    ]),
    low: [0, 0, 0],
    edge: 64,
    nodePoints: 10,
    intensity: 'uint16',
  });
  const source = new MemorySource(
    ids.flatMap((id) => [...files].map(([path, bytes]) => [`${id}/${path}`, bytes] as const)),
  );
  const reader = new CloudReader({
    source,
    decoders: new InlineDecoders(),
    versionTtlMs: 0,
    ...readerOptions,
  });
  const asked = given ?? reader;
  const clouds = asked instanceof CloudReader ? new LocalClouds(asked) : asked;
  const lifecycle = new Lifecycle();
  lifecycle.ready();
  const app = createApp({
    predictor: { predict: () => Promise.reject(new Error('no test asks for a box')) },
    tracker: { track: () => Promise.reject(new Error('no test asks for a track')) as never },
    reader: clouds,
    models: new ModelChoice({ models: [{ name: 'nearbox', version: '1' }] }),
    prefetcher: new Prefetcher({ reader: clouds, log: silentLog }),
    lifecycle,
    log: silentLog,
    timeoutMs: 20_000,
    maxTimeoutMs: 20_000,
    maxBodyBytes: 4096,
    ...options,
  });
  return { app, source, reader };
}

/** Checks the form of a problem document, and its status and code. */
export async function expectProblem(response: Response, status: number, code: string) {
  const body = (await response.json()) as Record<string, unknown>;
  expect([response.status, body.code]).toEqual([status, code]);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(body).toMatchObject({ status, requestId: response.headers.get('x-request-id') });
  return body as { detail: string; errors?: { path: string; message: string }[] };
}

export function hasPython(): boolean {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
