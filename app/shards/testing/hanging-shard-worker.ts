/** A real shard that can also be made to hang, or to end late. */
import { open } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { nativeAtNextTurn } from '../../../cache/pulse/index.ts';
import type { ShardRequest } from '../calls/index.ts';
import { BEGUN, GATE } from './hang-cells.ts';

/** Hangs if that is what is asked for; nothing answers such a call. */
function hang(request: ShardRequest): boolean {
  if (request.type !== 'call' || !['loop', 'native', 'open'].includes(request.method)) return false;
  if (request.method === 'open') {
    // Of a pipe, this waits for somebody who writes, and the thread cannot end before.
    open(request.args[0] as string, () => {});
    return true;
  }
  const [cells] = request.args as [Int32Array<SharedArrayBuffer>];
  if (request.method === 'loop') {
    Atomics.store(cells, BEGUN, 1);
    for (;;);
  }
  const block = (resolve: () => void) => {
    Atomics.store(cells, BEGUN, 1);
    Atomics.wait(cells, GATE, 0);
    resolve();
  };
  void nativeAtNextTurn(() => new Promise<void>((resolve) => setImmediate(block, resolve)));
  return true;
}

// The shard begins to listen once it is warm; what came before waits until then.
const port = parentPort!;
const listen = port.on.bind(port);
port.on = ((name: 'message', receive: (request: ShardRequest) => void) =>
  listen(name, (request: ShardRequest) => {
    if (!hang(request)) receive(request);
  })) as typeof port.on;
await import('../shard-worker.ts');
