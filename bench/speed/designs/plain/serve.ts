/**
 * The two designs before nearbox with nearbox's own octree and inference code: they differ in what they keep.
 *
 *   tsx bench/speed/designs/plain/serve.ts (stateless|websocket) PORT ORIGIN
 *
 * One process for each of two cores, on one port.
 */
import cluster from 'node:cluster';
import { once } from 'node:events';
import { type PlainParts, plainParts } from './parts.ts';
import { statelessServer } from './stateless.ts';
import { websocketServer } from './websocket.ts';

const PROCESSES = 2;
const SERVERS = { stateless: statelessServer, websocket: websocketServer } as const;

const [design, port, origin] = process.argv.slice(2);
if ((design !== 'stateless' && design !== 'websocket') || port === undefined || origin === undefined)
  throw new Error('usage: serve.ts (stateless|websocket) PORT ORIGIN');

if (cluster.isPrimary) {
  const workers = Array.from({ length: PROCESSES }, () => cluster.fork());
  process.once('SIGTERM', () => {
    for (const worker of workers) worker.process.kill('SIGKILL');
    process.exit();
  });
  await Promise.all(workers.map((worker) => once(worker, 'listening')));
  process.stdout.write('listening\n');
} else {
  const parts: PlainParts = await plainParts(origin);
  SERVERS[design](parts).listen(Number(port), '127.0.0.1');
}
