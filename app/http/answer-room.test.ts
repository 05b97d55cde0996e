/** Large answers over real sockets, which nobody reads: what they take together is bounded. */
import { once } from 'node:events';
import type http from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Clouds } from '../clouds/index.ts';
import { createHttpServer } from './http-server.ts';
import { type CloudApp, cloudApp } from './testing/index.ts';

const MEBIBYTE = 2 ** 20;
/** More than the buffers of a connection take. */
const NODE_BYTES = 24 * MEBIBYTE;
const TARGET = '/tiles/~v1/a/nodes/0-0-0-0';

let one: CloudApp;
let server: http.Server;
let read: number;
const sockets = new Set<Socket>();

/** Serves one node; there is room for two of it. */
async function serve(): Promise<number> {
  read = 0;
  const node = new Uint8Array(NODE_BYTES);
  const reader = {
    storedNode: async () => {
      read += 1;
      return { bytes: node };
    },
  } as unknown as Clouds;
  const limits = { timeoutMs: 60_000, maxTimeoutMs: 60_000 };
  one = await cloudApp({ reader, httpBytes: 2 * NODE_BYTES, ...limits });
  server = createHttpServer(one.app, limits).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await one.reader.close();
});

/** Asks for the node, and reads no more than the head of the answer. */
async function askAndStop(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  sockets.add(socket);
  socket.on('error', () => {});
  socket.write(`GET ${TARGET} HTTP/1.1\r\nhost: x\r\n\r\n`);
  const [head] = await once(socket, 'data');
  socket.pause();
  expect(String(head)).toMatch(/^HTTP\/1\.1 200 /);
  return socket;
}

const ask = (port: number, timeoutMs = 60_000) =>
  fetch(`http://127.0.0.1:${port}${TARGET}`, { headers: { 'timeout-ms': String(timeoutMs) } });

describe('large answers', () => {
  it('wait for room that others hold, and are refused at their deadline', async () => {
    const port = await serve();
    const [first] = [await askAndStop(port), await askAndStop(port)];
    expect(read).toBe(2);
    const late = await ask(port, 300);
    expect(late.status).toBe(503);
    expect(await late.json()).toMatchObject({ code: 'overloaded' });
    expect(late.headers.get('retry-after')).toBe('1');
    // Nothing was read for it.
    expect(read).toBe(2);
    const waiting = ask(port);
    first.destroy();
    const answer = await waiting;
    expect(answer.status).toBe(200);
    expect((await answer.arrayBuffer()).byteLength).toBe(NODE_BYTES);
  });

  it('give their room back when they are written, and where there is nothing to write', async () => {
    const port = await serve();
    for (let round = 0; round < 3; round++) {
      const answer = await ask(port);
      const etag = answer.headers.get('etag')!;
      expect((await answer.arrayBuffer()).byteLength).toBe(NODE_BYTES);
      const known = await fetch(`http://127.0.0.1:${port}${TARGET}`, { headers: { 'if-none-match': etag } });
      expect(known.status).toBe(304);
      const head = await fetch(`http://127.0.0.1:${port}${TARGET}`, { method: 'HEAD' });
      expect(head.status).toBe(200);
    }
  });
});
