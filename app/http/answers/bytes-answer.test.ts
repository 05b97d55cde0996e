/** Bodies that are larger than what is held in memory at a time. */
import http from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { describe, expect, it, vi } from 'vitest';
import { NearboxError } from '../../../cache/index.ts';
import { bytesAnswer, type StoredBytes } from './bytes-answer.ts';

const SIZE = 10 * 1024 * 1024 + 7;
const content = Buffer.alloc(SIZE, 'nearbox');

function fake(read?: StoredBytes['read']): StoredBytes & { readonly asked: number[] } {
  const asked: number[] = [];
  return {
    mediaType: 'application/octet-stream',
    size: SIZE,
    etag: '"tag"',
    asked,
    read: async (range, signal) => {
      asked.push(range.length);
      await read?.(range, signal);
      return new Uint8Array(content.subarray(range.offset, range.offset + range.length));
    },
  };
}

/** What answers counted as in memory, one after the other. */
let counted: number[] = [];

function appOf(stored: StoredBytes): Hono {
  const app = new Hono();
  const room = { resize: (bytes: number) => void counted.push(bytes) };
  app.get('/', (c) => bytesAnswer(c, stored, 'no-cache', { signal: c.req.raw.signal, room }));
  return app;
}

describe('a large body', () => {
  it('comes in pieces of 4 MiB, whole and by range', async () => {
    const stored = fake();
    const app = appOf(stored);
    counted = [];
    const whole = await app.request('/');
    expect(Buffer.from(await whole.arrayBuffer()).equals(content)).toBe(true);
    expect(Math.max(...stored.asked)).toBe(4 * 1024 * 1024);
    const part = await app.request('/', { headers: { range: 'bytes=5-9000004' } });
    // A chunk that is read, and one that is being written.
    expect(counted).toEqual([8 * 1024 * 1024, 8 * 1024 * 1024]);
    expect(part.headers.get('content-length')).toBe('9000000');
    expect(Buffer.from(await part.arrayBuffer()).equals(content.subarray(5, 9_000_005))).toBe(true);
  });

  it('ends its reads when the client leaves', async () => {
    let signal: AbortSignal | undefined;
    const stored = fake(async ({ offset }, given) => {
      if (offset === 0) return new Uint8Array();
      signal = given;
      return new Promise((_, reject) =>
        given!.addEventListener('abort', () => reject(given!.reason as Error)),
      );
    });
    const response = await appOf(stored).request('/');
    const body = response.body!.getReader();
    await body.read();
    await body.cancel();
    expect(signal?.aborted).toBe(true);
  });

  it('that fails on its way breaks off; it is never taken for whole', async () => {
    // The server's adapter says what broke off.
    const complaints = vi.spyOn(console, 'error').mockImplementation(() => {});
    const stored = fake(async ({ offset }) => {
      if (offset > 0) throw new NearboxError('cloud_changed', 'replaced');
      return new Uint8Array();
    });
    const server = createAdaptorServer({ fetch: appOf(stored).fetch }) as http.Server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const complete = await new Promise<boolean>((resolve, reject) => {
      const request = http.get({ port, host: '127.0.0.1', agent: false }, (response) => {
        response.resume();
        response.on('error', () => {});
        response.on('close', () => resolve(response.complete));
      });
      request.on('error', reject);
    });
    expect(complete).toBe(false);
    complaints.mockRestore();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});
