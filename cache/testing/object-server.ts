/**
 * A server of objects for tests: real sockets, ranges and validators as they should be, and any fault at a
 * word.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { listXml } from './s3-listing.ts';

export interface ServedObject {
  bytes: Uint8Array;
  etag: string | null;
  /** Sent as well. */
  headers?: Readonly<Record<string, string>>;
}

export interface SeenRequest {
  readonly method: string;
  /** Path below the root, decoded. */
  readonly path: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  /** Which connection it came on, counted from 1. */
  readonly connection: number;
}

export type Fault = (request: IncomingMessage, response: ServerResponse, serve: () => void) => void;

/**
 * Serves `objects` below `prefix`. The faults in `faults` are used up one by one, by the first requests that
 * come; requests after them are served well.
 */
export class ObjectServer {
  readonly objects = new Map<string, ServedObject>();
  readonly faults: Fault[] = [];
  readonly requests: SeenRequest[] = [];
  /** Names in one page of a listing as S3 gives it. */
  listPageSize = 1000;
  /** Connections opened so far. */
  connections = 0;
  /** Bytes of bodies of objects sent so far. */
  sentBytes = 0;
  readonly #sockets = new Set<Socket>();
  readonly #prefix: string;
  readonly #server: Server;
  readonly #connectionOf = new WeakMap<Socket, number>();
  #etags = 0;

  private constructor(prefix: string) {
    this.#prefix = prefix;
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.on('connection', (socket) => {
      this.connections += 1;
      this.#connectionOf.set(socket, this.connections);
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  /** Listens on a free port of this machine. */
  static async start(prefix = ''): Promise<ObjectServer> {
    const server = new ObjectServer(prefix);
    await new Promise<void>((resolve) => {
      server.#server.listen(0, '127.0.0.1', resolve);
    });
    return server;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The URL that objects lie below. */
  get base(): string {
    return `${this.origin}${this.#prefix}`;
  }

  put(path: string, bytes: Uint8Array | string, etag: string | null = this.#newEtag()): void {
    this.objects.set(path, { bytes: typeof bytes === 'string' ? Buffer.from(bytes) : bytes, etag });
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #newEtag(): string {
    this.#etags += 1;
    return `"v${this.#etags}"`;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', this.origin);
    const path = decodeURIComponent(url.pathname.slice(this.#prefix.length + 1));
    this.requests.push({
      method: request.method ?? '',
      path,
      url: request.url ?? '',
      headers: request.headers,
      connection: this.#connectionOf.get(request.socket) ?? 0,
    });
    const serve = () => {
      if (url.searchParams.has('list-type')) {
        response.writeHead(200, { 'content-type': 'application/xml' });
        response.end(listXml(this.objects.keys(), url.searchParams, this.listPageSize));
      } else this.sentBytes += serveObject(request, response, this.objects.get(path));
    };
    const fault = this.faults.shift();
    if (fault === undefined) serve();
    else fault(request, response, serve);
  }
}

/** Answers, and tells how many bytes the body has. */
function serveObject(
  request: IncomingMessage,
  response: ServerResponse,
  object: ServedObject | undefined,
): number {
  if (object === undefined) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('not here');
    return 0;
  }
  const { bytes, etag } = object;
  const headers = { 'accept-ranges': 'bytes', ...(etag === null ? {} : { etag }), ...object.headers };
  const ifMatch = request.headers['if-match'];
  if (ifMatch !== undefined && ifMatch !== etag) {
    response.writeHead(412, { ...headers, 'content-length': 0 }).end();
    return 0;
  }
  const tail = /^bytes=-(\d+)$/.exec(request.headers.range ?? '');
  const from = Math.max(0, bytes.length - Number(tail?.[1] ?? 0));
  const range = /^bytes=(\d+)-(\d+)$/.exec(
    tail === null ? (request.headers.range ?? '') : `bytes=${from}-${bytes.length}`,
  );
  if (range === null) {
    response.writeHead(200, { ...headers, 'content-length': bytes.length });
    response.end(request.method === 'HEAD' ? undefined : bytes);
    return request.method === 'HEAD' ? 0 : bytes.length;
  }
  const first = Number(range[1]);
  const last = Math.min(Number(range[2]), bytes.length - 1);
  if (first >= bytes.length) {
    response
      .writeHead(416, { ...headers, 'content-range': `bytes */${bytes.length}`, 'content-length': 0 })
      .end();
    return 0;
  }
  response.writeHead(206, {
    ...headers,
    'content-range': `bytes ${first}-${last}/${bytes.length}`,
    'content-length': last - first + 1,
  });
  response.end(bytes.subarray(first, last + 1));
  return last - first + 1;
}
