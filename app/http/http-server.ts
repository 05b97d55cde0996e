/**
 * The HTTP server in front of the application: how long a head may take, how long it may be, and what is no
 * HTTP at all.
 */
import { createServer, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { NearboxError } from '../../cache/index.ts';
import { ERROR_STATUS, problemBody, problemResponse } from './answers/index.ts';
import { MAX_TARGET_BYTES } from './requests/index.ts';
import { requestIdOf } from './route/index.ts';

export interface HttpServerOptions {
  /** Longest time of a request's head, and of a new connection without one, milliseconds. */
  readonly timeoutMs: number;
  /** Longest deadline of a request, milliseconds. */
  readonly maxTimeoutMs: number;
}

/**
 * Idle connections live a little longer than the proxies in front keep theirs, so that they, not we, close
 * first.
 */
const KEEP_ALIVE_MS = 65_000;
const MAX_HEAD_BYTES = 32 * 1024;
const LOOK_EVERY_MS = 250;

/** Not listening yet. */
export function createHttpServer(app: Hono, { timeoutMs, maxTimeoutMs }: HttpServerOptions): Server {
  const listener = getRequestListener(app.fetch, {
    // A target that no URL can be made of.
    errorHandler: (error) => problemResponse(malformed(error), requestIdOf(undefined)),
  });
  const server = createServer(
    {
      maxHeaderSize: MAX_HEAD_BYTES,
      headersTimeout: timeoutMs,
      // The deadline of the request itself comes first.
      requestTimeout: timeoutMs + maxTimeoutMs,
      connectionsCheckingInterval: LOOK_EVERY_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
    },
    (incoming, outgoing) => void listener(incoming, outgoing),
  );
  server.on('clientError', refuseMalformed);
  return server;
}

interface ClientError extends Error {
  readonly code?: string;
  /** What of the request came last. */
  readonly rawPacket?: Buffer;
}

/** What is not HTTP never reaches the application; it is answered here in the same form. */
function refuseMalformed(error: ClientError, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const id = requestIdOf(undefined);
  const problem = problemOf(error);
  const status = ERROR_STATUS[problem.code];
  const body = JSON.stringify(problemBody(problem, id));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/problem+json',
    'Cache-Control: no-store',
    `X-Request-Id: ${id}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

function problemOf(error: ClientError): NearboxError {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new NearboxError('deadline_exceeded', 'the request did not arrive in time');
  if (error.code !== 'HPE_HEADER_OVERFLOW') return malformed(error);
  const line = error.rawPacket?.indexOf('\r\n') ?? 0;
  return line === -1 || line > MAX_TARGET_BYTES
    ? new NearboxError('uri_too_long', `the URL has more than ${MAX_TARGET_BYTES} bytes`)
    : new NearboxError('headers_too_large', `the head of the request has more than ${MAX_HEAD_BYTES} bytes`);
}

function malformed(error: unknown): NearboxError {
  return new NearboxError('invalid_request', `this is not HTTP: ${(error as Error).message}`);
}
