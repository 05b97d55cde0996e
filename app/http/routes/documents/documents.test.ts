/** Metrics, the OpenAPI document and the page made of it. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NearboxError } from '../../../../cache/index.ts';
import type { Prediction } from '../../../../inference/index.ts';
import { parseExposition } from '../../../monitoring/testing/index.ts';
import { appRoutes } from '../../create-app.ts';
import { Metrics } from '../../metrics/index.ts';
import type { OpenApiDocument } from '../../openapi/index.ts';
import { type CloudApp, cloudApp, PREDICTION } from '../../testing/index.ts';

const prediction: Prediction = {
  ...PREDICTION,
  timings: { ...PREDICTION.timings, fetchMs: 250, inferMs: 350 },
};

let one: CloudApp;
let isEmpty = false;

beforeAll(async () => {
  const predictor = {
    predict: async () => {
      if (isEmpty) throw new NearboxError('region_empty', 'nothing there');
      return prediction;
    },
  };
  one = await cloudApp({
    predictor,
    stats: () => ({
      caches: { tiles: { hits: 3, misses: 2, evictions: 1, bytes: 1000, maxBytes: 2000 } },
      queues: {
        inference: { queued: 4, running: 1, maxQueue: 256, deaths: 0, predictedWaitMs: 1500 },
      },
    }),
  });
});
afterAll(() => one.reader.close());

describe('/metrics', () => {
  const click = () =>
    one.app.request('/v1/predictions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ cloud: 'a', region: { type: 'click', position: [0, 0, 0] } }),
    });

  it('has requests by route, stages, errors by code, caches and queues', async () => {
    await click();
    isEmpty = true;
    await click();
    isEmpty = false;
    await one.app.request('/tiles/none/ept.json');
    await one.app.request('/no/such/route');
    for (const method of ['PROPFIND', 'PURGE']) await one.app.request('/what/ever', { method });
    const response = await one.app.request('/metrics');
    expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    const text = await response.text();
    for (const line of [
      'nearbox_http_request_duration_seconds_count{method="POST",route="/v1/predictions",status="200"} 1',
      'nearbox_http_request_duration_seconds_count{method="POST",route="/v1/predictions",status="422"} 1',
      'nearbox_http_request_duration_seconds_count{method="GET",route="/tiles/*",status="404"} 1',
      'nearbox_http_request_duration_seconds_count{method="GET",route="none",status="404"} 1',
      // However many paths and methods clients make up.
      'nearbox_http_request_duration_seconds_count{method="other",route="none",status="404"} 2',
      'nearbox_inference_duration_seconds_bucket{le="0.3"} 0',
      'nearbox_inference_duration_seconds_bucket{le="0.4"} 1',
      'nearbox_fetch_duration_seconds_count 1',
      'nearbox_predictions_total{method="model",model_version="1"} 1',
      'nearbox_errors_total{code="region_empty"} 1',
      'nearbox_errors_total{code="cloud_not_found"} 1',
      'nearbox_errors_total{code="not_found"} 3',
      'nearbox_cache_hits_total{tier="tiles"} 3',
      'nearbox_cache_limit_bytes{tier="tiles"} 2000',
      'nearbox_queue_depth{queue="inference"} 4',
      'nearbox_queue_predicted_wait_seconds{queue="inference"} 1.5',
      'nearbox_queue_worker_deaths_total{queue="inference"} 0',
      // Series of what has not happened yet are there already.
      'nearbox_errors_total{code="overloaded"} 0',
      'nearbox_predictions_total{method="geometric",model_version="1"} 0',
      'nearbox_ready 1',
      // The scrape itself.
      'nearbox_http_requests_in_flight 1',
    ])
      expect(text.split('\n')).toContain(line);
    expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
    expect(text).toMatch(
      /^nearbox_build_info\{version="[\d.]+",model="nearbox",model_version="1",node="[\d.]+"\} 1$/m,
    );
    const again = await (await one.app.request('/metrics')).text();
    expect(again).toContain('nearbox_cache_hits_total{tier="tiles"} 3\n');
  });

  it('are all in docs/metrics.md, and no other, with their types and labels', async () => {
    const table = readFileSync(new URL('../../../../docs/metrics.md', import.meta.url), 'utf8');
    const rows = [...table.matchAll(/^\| `(nearbox_\w+)` \| (\w+) \| (.*?) \|/gm)];
    expect(rows.map(([, name]) => name!).sort()).toEqual(new Metrics().names().sort());
    const text = await (await one.app.request('/metrics')).text();
    const series = parseExposition(text);
    const suffixes = { histogram: '_count', counter: '', gauge: '' } as Record<string, string>;
    for (const [, name, type, labels] of rows) {
      expect(text).toContain(`# TYPE ${name} ${type}\n`);
      const shown = series.get(`${name}${suffixes[type!]}`);
      const documented = [...labels!.matchAll(/`(\w+)`/g)].map(([, label]) => label!);
      if (shown !== undefined) expect([...shown].sort(), name).toEqual(documented.sort());
    }
  });
});

describe('/openapi.json', () => {
  const load = async () => (await (await one.app.request('/openapi.json')).json()) as OpenApiDocument;

  it('has every route of the table, and no other', async () => {
    const { paths } = await load();
    const routes = appRoutes(
      { reader: one.reader } as unknown as Parameters<typeof appRoutes>[0],
      new Metrics(),
    );
    const expected = routes.flatMap(({ method, operations }) =>
      operations.map(({ path }) => `${method.toLowerCase()} ${path}`),
    );
    const found = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(found.sort()).toEqual(expected.sort());
    for (const { method, path, operations } of routes)
      expect(operations.length, `${method} ${path}`).toBeGreaterThan(0);
  });

  it('names each operation once, declares its path parameters, and says what it answers', async () => {
    const operations = Object.entries((await load()).paths).flatMap(([path, methods]) =>
      Object.values(methods).map((operation) => ({ path, ...operation })),
    );
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const { path, parameters, responses } of operations) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)).toEqual(
        named,
      );
      expect(Object.keys(responses)).toContain('500');
    }
  });

  it('is told of in docs/http.md, path by path', async () => {
    const text = readFileSync(new URL('../../../../docs/http.md', import.meta.url), 'utf8');
    const shown = text.replaceAll('{file}', '').replaceAll('{D-X-Y-Z}', '{key}');
    for (const path of Object.keys((await load()).paths))
      expect(shown).toContain(path.replace('{file}', '').replace(/\{(name|path)\}/, ''));
  });

  it('has the schemas that requests are checked with', async () => {
    const { paths, components } = await load();
    const { schemas } = components as { schemas: Record<string, Record<string, unknown>> };
    expect(paths['/v1/predictions']!.post!.requestBody).toMatchObject({
      content: { 'application/json': { schema: { $ref: '#/components/schemas/PredictionRequest' } } },
    });
    expect(schemas.PredictionRequest).toMatchObject({ additionalProperties: false });
    expect(schemas.ObjectClass).toMatchObject({ enum: expect.arrayContaining(['motorcyclist']) });
    expect(schemas.Region).toMatchObject({
      oneOf: expect.arrayContaining([{ $ref: '#/components/schemas/ClickRegion' }]),
      discriminator: {
        propertyName: 'type',
        mapping: expect.objectContaining({ click: '#/components/schemas/ClickRegion' }),
      },
    });
    // Coordinates are float64 wherever they stand.
    expect(JSON.stringify(schemas)).not.toMatch(
      /"type":"number"(?!,"format":"double"|[^{}]*"format":"double")/,
    );
    expect(schemas.Position).toMatchObject({ minItems: 3, maxItems: 3, items: { format: 'double' } });
    const at = paths['/v1/predictions']!.get!.parameters.find(({ name }) => name === 'at');
    expect(at).toMatchObject({ in: 'query', required: true, schema: { type: 'string' } });
    const limit = paths['/v1/clouds']!.get!.parameters.find(({ name }) => name === 'limit');
    expect(limit).toMatchObject({ required: false, schema: { maximum: 1000 } });
  });
});

describe('/docs', () => {
  it('shows every path, and needs nothing from elsewhere', async () => {
    const response = await one.app.request('/docs');
    const html = await response.text();
    for (const path of ['/v1/predictions', '/tiles/~{version}/{cloud}/nodes/{key}', '/v1/clouds/{cloud}'])
      expect(html).toContain(path);
    expect(html).not.toMatch(/https?:|<script/);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  });
});
