/** Traces of a real server, as a collector gets them over HTTP. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseServeConfig } from '../config/index.ts';
import { createLog, silentLog } from '../observability/index.ts';
import { type RunningServer, startServer } from '../server/index.ts';

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
  readonly status: { readonly code?: number };
}

/** Takes what is sent to /v1/traces, and answers as it is told to. */
class Collector {
  readonly spans: OtlpSpan[] = [];
  readonly resources: unknown[] = [];
  readonly requests: IncomingMessage[] = [];
  mode: 'takes' | 'refuses' | 'hangs' = 'takes';
  readonly #server: Server = createServer((request, response) => {
    this.requests.push(request);
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      if (this.mode === 'hangs') return;
      if (this.mode === 'takes')
        for (const { resource, scopeSpans } of JSON.parse(body).resourceSpans) {
          this.resources.push(resource);
          for (const { spans } of scopeSpans) this.spans.push(...spans);
        }
      response.writeHead(this.mode === 'takes' ? 200 : 400, { 'content-type': 'application/json' }).end('{}');
    });
  });

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  named(name: string): OtlpSpan[] {
    return this.spans.filter((span) => span.name === name);
  }
}

const attributesOf = ({ attributes }: OtlpSpan) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

const STAGES = ['resolve', 'fetch', 'decode', 'crop', 'queue', 'infer'];
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';

let collector: Collector;
let server: RunningServer | undefined;

beforeEach(async () => {
  collector = new Collector();
  await collector.start();
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await collector.stop();
});

async function serve(options: Record<string, string> = {}, log = silentLog): Promise<RunningServer> {
  server = await startServer(
    parseServeConfig({ port: '0', rehearseMs: '0', traceEndpoint: collector.url, ...options }),
    log,
  );
  return server;
}

function click(to: RunningServer, headers: Record<string, string> = {}, position = [-7.2, 5.4, -1.1]) {
  return fetch(`${to.url}/v1/predictions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ cloud: '000000', region: { type: 'click', position } }),
  });
}

describe('traces', () => {
  it('of a prediction: the caller’s trace, one span a stage, one a call of the storage', async () => {
    const to = await serve();
    const answer = await click(to, { traceparent: `00-${TRACE}-${CALLER}-01`, 'x-request-id': 'mine' });
    expect(answer.status).toBe(200);
    expect((await fetch(`${to.url}/healthz`)).status).toBe(200);
    expect((await click(to, {}, [0, 0, 500])).status).toBe(422);
    expect((await fetch(`${to.url}/no/such?signature=secret`)).status).toBe(404);
    // Stopping sends what is left.
    await to.close();

    const [request, empty] = collector.named('POST /v1/predictions');
    expect(request).toMatchObject({ traceId: TRACE, parentSpanId: CALLER, kind: 2 });
    expect(attributesOf(request!)).toMatchObject({
      'http.request.method': 'POST',
      'http.route': '/v1/predictions',
      'http.response.status_code': 200,
      'url.path': '/v1/predictions',
      'nearbox.request.id': 'mine',
    });
    const below = collector.spans.filter(({ parentSpanId }) => parentSpanId === request!.spanId);
    expect(below.filter(({ name }) => STAGES.includes(name)).map(({ name }) => name)).toEqual(STAGES);
    const reads = below.filter(({ name }) => name === 'storage read');
    const { cost } = (await answer.json()) as { cost: { origin: number; bytes: number } };
    expect(reads.length).toBeGreaterThanOrEqual(cost.origin);
    const bytes = reads.reduce((sum, read) => sum + Number(attributesOf(read)['nearbox.storage.bytes']), 0);
    expect(bytes).toBeGreaterThanOrEqual(cost.bytes);
    expect(reads[0]!.kind).toBe(3);
    for (const { traceId } of below) expect(traceId).toBe(TRACE);

    // The stages follow each other within the request, give or take the clocks' milliseconds.
    const stages = STAGES.map((name) => below.find((span) => span.name === name)!);
    const millis = (nanos: string) => Number(BigInt(nanos) / 1_000_000n);
    for (const [i, { startTimeUnixNano }] of stages.entries()) {
      const before = i === 0 ? request!.startTimeUnixNano : stages[i - 1]!.endTimeUnixNano;
      expect(millis(startTimeUnixNano)).toBeGreaterThanOrEqual(millis(before) - 2);
    }

    expect(empty!.traceId).not.toBe(TRACE);
    expect(attributesOf(empty!)).toMatchObject({
      'error.type': 'region_empty',
      'http.response.status_code': 422,
    });
    expect(empty!.status.code ?? 0).not.toBe(2);
    const [unrouted] = collector.named('GET');
    expect(attributesOf(unrouted!)).toMatchObject({ 'url.path': '/no/such', 'error.type': 'not_found' });
    expect(JSON.stringify(collector.spans)).not.toContain('secret');
    expect(collector.spans.some(({ name }) => name.includes('healthz'))).toBe(false);
    expect(JSON.stringify(collector.resources[0])).toContain(
      '"service.name","value":{"stringValue":"nearbox"}',
    );
    expect(collector.requests[0]!.url).toBe('/v1/traces');
  });

  it('a caller who does not sample is not traced; nor is any, at a ratio of 0', async () => {
    const to = await serve({ traceRatio: '0' });
    expect((await click(to)).status).toBe(200);
    expect((await click(to, { traceparent: `00-${TRACE}-${CALLER}-00` })).status).toBe(200);
    expect((await click(to, { traceparent: `00-${TRACE}-${CALLER}-01` })).status).toBe(200);
    await to.close();
    expect(new Set(collector.spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]));
    expect(collector.named('POST /v1/predictions').length).toBe(1);
  });

  it.each(['refuses', 'hangs'] as const)(
    'a collector that %s harms no request and not the end',
    async (mode) => {
      collector.mode = mode;
      const lines: string[] = [];
      const to = await serve(
        {},
        createLog((line) => lines.push(line)),
      );
      for (let i = 0; i < 3; i++) expect((await click(to)).status).toBe(200);
      await to.close();
      expect(collector.requests.length).toBeGreaterThan(0);
      const complaints = lines.filter((line) => line.includes('traces are lost'));
      expect(complaints.length).toBeLessThanOrEqual(1);
      if (mode === 'refuses') expect(complaints.length).toBe(1);
    },
  );
});

describe('what is loaded', () => {
  /**
   * How many modules of OpenTelemetry's SDK a server has loaded when it is ready. (prom-client loads the
   * API.)
   */
  function modulesLoaded(options: Record<string, string>): number {
    const [app, given] = [
      new URL('..', import.meta.url).href,
      { port: '0', rehearseMs: '0', ...options },
    ].map((value) => JSON.stringify(value));
    const script = `
      import { createRequire } from 'node:module';
      const [{ startServer }, { parseServeConfig }, { silentLog }] = await Promise.all(
        ['server/server', 'config/config', 'observability/log'].map((name) => import(${app} + name + '.ts')));
      const server = await startServer(parseServeConfig(${given}), silentLog);
      await server.close();
      const files = Object.keys(createRequire(${app}).cache);
      console.log(files.filter((file) => /@opentelemetry.(sdk|exporter|otlp|resources)/.test(file)).length);`;
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', script],
      {
        encoding: 'utf8',
        cwd: new URL('../..', import.meta.url),
      },
    );
    expect(stdout.trim(), stderr).toMatch(/^\d+$/);
    return Number(stdout);
  }

  it('nothing of OpenTelemetry’s SDK without an endpoint', () => {
    expect(modulesLoaded({})).toBe(0);
    expect(modulesLoaded({ traceEndpoint: 'http://127.0.0.1:9' })).toBeGreaterThan(10);
  });
});
