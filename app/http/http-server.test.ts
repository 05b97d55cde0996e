/**
 * Clients that are slow, leave, or send too much, over real sockets: each costs a bounded time and little
 * memory.
 */
import { once } from 'node:events';
import type http from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Log } from '../observability/index.ts';
import { createHttpServer } from './http-server.ts';
import { Metrics } from './metrics/index.ts';
import { type CloudApp, cloudApp, PREDICTION } from './testing/index.ts';

const TIMEOUT_MS = 400;
const MEBIBYTE = 2 ** 20;

let one: CloudApp;
let server: http.Server;
let port: number;
const metrics = new Metrics();
const logged: { level: string; fields: unknown }[] = [];

beforeAll(async () => {
  const at = (level: string) => (_message: string, fields: unknown) => void logged.push({ level, fields });
  const log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } as Log;
  const predictor = { predict: async () => PREDICTION };
  const limits = { timeoutMs: TIMEOUT_MS, maxTimeoutMs: 5000, maxBodyBytes: MEBIBYTE };
  one = await cloudApp({ predictor, metrics, log, ...limits });
  server = createHttpServer(one.app, limits).listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
beforeEach(() => {
  logged.length = 0;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await one.reader.close();
});

async function open(text: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.on('error', () => {});
  socket.write(text);
  return socket;
}

/** Everything that comes until the server closes. */
async function answerOf(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  await once(socket, 'close');
  return text;
}

const head = (length: number, path = '/v1/predictions') =>
  `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;
const errors = async () =>
  (await metrics.text())
    .split('\n')
    .filter((line) => line.startsWith('nearbox_errors_total{code="internal"}'));

describe('a client', () => {
  it('whose body does not come gets 504 at the deadline, and its connection is closed', async () => {
    const text = await answerOf(await open(`${head(1000)}{"cloud":`));
    expect(text).toMatch(/^HTTP\/1\.1 504 /);
    expect(text).toContain('"code":"deadline_exceeded"');
    expect(text.toLowerCase()).toContain('connection: close');
  });

  it('whose head does not come gets 504, and so does a connection without one', async () => {
    expect(await answerOf(await open('GET /healthz HTTP/1.1\r\nhost:'))).toMatch(/^HTTP\/1\.1 504 /);
    expect(await answerOf(await open(''))).toMatch(/^HTTP\/1\.1 504 /);
  });

  it('that leaves in the middle of its body is no error of the server', async () => {
    for (const length of [1000, 900_000]) {
      const socket = await open(`${head(length)}${' '.repeat(length / 2)}`);
      await vi.waitFor(async () =>
        expect(await metrics.text()).toMatch(/^nearbox_http_requests_in_flight [1-9]/m),
      );
      socket.destroy();
      await vi.waitFor(async () =>
        expect(await metrics.text()).toMatch(/^nearbox_http_requests_in_flight 0/m),
      );
    }
    expect(await errors()).toEqual(['nearbox_errors_total{code="internal"} 0']);
    expect(logged.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
    expect(logged).toHaveLength(2);
    for (const { fields } of logged) expect(fields).toMatchObject({ status: 499 });
  });

  it('that sends a long URL gets 414, and one with a long head 431', async () => {
    for (const length of [9000, 60_000]) {
      const text = await answerOf(
        await open(`GET /${'a'.repeat(length)} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`),
      );
      expect([length, text.slice(0, 13)]).toEqual([length, 'HTTP/1.1 414 ']);
      expect(text).toContain('"code":"uri_too_long"');
    }
    const text = await answerOf(
      await open(`GET / HTTP/1.1\r\nhost: x\r\nx-a: ${'a'.repeat(60_000)}\r\n\r\n`),
    );
    expect(text).toMatch(/^HTTP\/1\.1 431 /);
    expect(text).toContain('"code":"headers_too_large"');
  });

  it('that does not read its answer is cut off', async () => {
    // Answers queue up behind each other on one connection until its buffers are full.
    const request = `GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n`;
    const socket = await open(request.repeat(300));
    socket.pause();
    const [connection] = (await new Promise((resolve) => {
      const look = () =>
        server.getConnections((_, count) => (count === 0 ? resolve([0]) : setTimeout(look, 50)));
      look();
    })) as number[];
    expect(connection).toBe(0);
    socket.destroy();
  });

  it.each([
    '/tiles/a/ept/../ept/ept.json',
    '/tiles/a//../a/ept/ept.json',
    '/tiles/a/%2e%2E/a/ept/ept.json',
    '/tiles/a/%252e%252e/a/ept/ept.json',
    '/tiles/a/..%2fa/ept/ept.json',
    '/tiles/a\\..\\a/ept/ept.json',
  ])('that asks for %s gets 400, on the text as it came', async (target) => {
    const text = await answerOf(await open(`GET ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`));
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).toContain('"code":"invalid_request"');
  });
});

describe('many clients with stalled bodies', () => {
  it('take little memory, and let others through', async () => {
    const before = process.memoryUsage().rss;
    const body = ' '.repeat(MEBIBYTE - 1);
    const stalled = await Promise.all(
      Array.from({ length: 150 }, () =>
        open(`${head(MEBIBYTE).replace('\r\n\r\n', '\r\ntimeout-ms: 5000\r\n\r\n')}${body}`),
      ),
    );
    const answered = fetch(`http://127.0.0.1:${port}/v1/predictions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ cloud: 'a', region: { type: 'click', position: [0, 0, 0] } }),
    });
    expect((await answered).status).toBe(200);
    const statuses = stalled.map(async (socket) => (await answerOf(socket)).slice(9, 12));
    // Those that found no room for their body: 503; those that did and sent no more: 504.
    for (const status of await Promise.all(statuses)) expect(['503', '504']).toContain(status);
    expect((process.memoryUsage().rss - before) / MEBIBYTE).toBeLessThan(600);
  });
});
