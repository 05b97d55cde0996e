/**
 * A storage on loopback that waits as an object store does: log-normal time to the first byte, then bytes at
 * a fixed rate a connection.
 *
 *   tsx bench/speed/designs/origin.ts FOLDER PORT [--median-ms 40] [--sigma 0.35] [--megabytes-a-second 50]
 *
 * How long a path waits depends on the path and on how often it was asked for, so that every contender meets
 * the same storage. Ids `tN/FRAME` are the frame `FRAME` in FOLDER: any number of clouds that no cache has
 * seen. `GET /__reset` starts the counts anew, `GET /__total` has requests and bytes since then.
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'median-ms': { type: 'string', default: '40' },
    sigma: { type: 'string', default: '0.35' },
    'megabytes-a-second': { type: 'string', default: '50' },
  },
});
const [folder = '.', port = '0'] = positionals;
const [medianMs, sigma] = [Number(values['median-ms']), Number(values.sigma)];
const bytesPerMs = Number(values['megabytes-a-second']) * 1000;
/** Transfers that take less are not waited for, milliseconds: timers are not that fine. */
const SHORT_MS = 0.7;

interface OriginFile {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly lastModified: string;
}

const files = new Map<string, OriginFile | null>();
let asked = new Map<string, number>();
let total = { requests: 0, bytes: 0 };

function load(name: string): OriginFile | null {
  const known = files.get(name);
  if (known !== undefined) return known;
  const full = path.join(folder, name.replace(/^\/t\d+\//, '/'));
  const stat = statSync(full, { throwIfNoEntry: false });
  const file = stat?.isFile()
    ? {
        bytes: readFileSync(full),
        etag: `"${createHash('md5').update(`${name} ${stat.size}`).digest('hex')}"`,
        lastModified: stat.mtime.toUTCString(),
      }
    : null;
  files.set(name, file);
  return file;
}

/** Box and Muller's normal variate, of a hash of the path and of how often it was asked for. */
function waitMs(name: string): number {
  const times = (asked.get(name) ?? 0) + 1;
  asked.set(name, times);
  const hash = createHash('sha1').update(`${name} ${times}`).digest();
  const u = (hash.readUInt32LE(0) + 1) / 2 ** 32;
  const v = hash.readUInt32LE(4) / 2 ** 32;
  return medianMs * Math.exp(sigma * Math.sqrt(-2 * Math.log(Math.min(1, u))) * Math.cos(2 * Math.PI * v));
}

function answer(name: string, request: http.IncomingMessage, response: http.ServerResponse): void {
  const file = load(name);
  const marks = { 'x-amz-request-id': '1' };
  const end = (status: number, headers: http.OutgoingHttpHeaders = {}) =>
    response.writeHead(status, { ...marks, 'content-length': 0, ...headers }).end();
  if (file === null) return void end(404);
  const { bytes, etag, lastModified } = file;
  if (request.headers['if-match'] !== undefined && request.headers['if-match'] !== etag) return void end(412);
  if (request.headers['if-none-match'] === etag) return void end(304, { etag });
  const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '');
  const suffix = range !== null && range[1] === '';
  const from = range === null ? 0 : suffix ? Math.max(0, bytes.length - Number(range[2])) : Number(range[1]);
  const last = range !== null && !suffix && range[2] !== '' ? Number(range[2]) : bytes.length - 1;
  if (range !== null && from >= bytes.length)
    return void end(416, { 'content-range': `bytes */${bytes.length}` });
  const body = bytes.subarray(from, last + 1);
  const headers = {
    ...marks,
    etag,
    'last-modified': lastModified,
    'accept-ranges': 'bytes',
    'content-length': body.length,
    ...(range !== null && { 'content-range': `bytes ${from}-${from + body.length - 1}/${bytes.length}` }),
  };
  if (request.method === 'HEAD') return void response.writeHead(200, headers).end();
  total.bytes += body.length;
  const send = () => response.writeHead(range === null ? 200 : 206, headers).end(body);
  const transferMs = body.length / bytesPerMs;
  if (transferMs < SHORT_MS) send();
  else setTimeout(send, transferMs);
}

const server = http.createServer((request, response) => {
  const name = decodeURIComponent(new URL(request.url ?? '/', 'http://origin').pathname);
  if (name === '/__total') return void response.end(JSON.stringify(total));
  if (name === '/__reset') {
    asked = new Map();
    total = { requests: 0, bytes: 0 };
    return void response.end();
  }
  total.requests += 1;
  setTimeout(() => answer(name, request, response), waitMs(name));
});
server.keepAliveTimeout = 60_000;
server.listen(Number(port), '127.0.0.1', () => process.stdout.write(`listening on ${port}\n`));
