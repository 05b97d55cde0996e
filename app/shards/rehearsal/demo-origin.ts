/** The built-in frame as a storage over HTTP, on this machine alone, for as long as a rehearsal takes. */
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { DEMO_CLOUDS } from '../../services/index.ts';
import { REHEARSED_FRAME } from './clicks.ts';

export interface DemoOrigin {
  /** Below it, the frame is a cloud under as many ids as are wanted: `0/000000`, `1/000000`, ... */
  readonly url: string;
  close(): Promise<void>;
}

/** @throws if the package has no demo, or nothing can listen on 127.0.0.1 */
export async function openDemoOrigin(): Promise<DemoOrigin> {
  const folder = path.join(DEMO_CLOUDS, REHEARSED_FRAME);
  const files = new Map<string, Buffer>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) {
      const file = path.join(entry.parentPath, entry.name);
      files.set(path.relative(folder, file).split(path.sep).join('/'), await readFile(file));
    }
  const server = createServer((request, response) => {
    // `/NUMBER/000000/FILE`
    const [, , , ...rest] = (request.url ?? '').split('/');
    const bytes = files.get(rest.join('/'));
    if (bytes === undefined) response.writeHead(404).end();
    else
      response
        .writeHead(200, { 'content-length': bytes.length, etag: `"${bytes.length}"` })
        .end(request.method === 'HEAD' ? undefined : bytes);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
