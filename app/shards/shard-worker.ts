/** Entry of a shard's thread: everything between a question and its answer for the clouds that it is asked about. */
import { parentPort } from 'node:worker_threads';
import { poolData, toSentError } from '../../cache/workers/index.ts';
import { openServices } from '../services/index.ts';
import type { ShardReply, ShardStart } from './messages.ts';
import { serveCalls } from './serve-calls.ts';
import { ShardGauges } from './shard-gauges.ts';
import { shardLog } from './shard-log.ts';
import { shardMethods } from './shard-methods.ts';
import { ShardObserver } from './shard-observer.ts';

const port = parentPort;
if (port === null) throw new Error('a shard runs in a worker thread');
const send = (reply: ShardReply) => port.postMessage(reply);

try {
  const { config, gauges: memory } = poolData<ShardStart>();
  const observer = new ShardObserver();
  const gauges = new ShardGauges(memory);
  const services = await openServices(config, shardLog(send), {
    isInline: true,
    onStorageCall: (call) => observer.storageCall(call),
    onWait: (waitMs) => {
      gauges.waitMs = waitMs;
    },
  });
  await services.warmUp();
  const receive = serveCalls(
    port,
    {
      ...shardMethods(services),
      stats: async () => ({ value: { reader: services.reader.stats(), fits: services.engine.stats() } }),
      close: async () => {
        await services.close();
        return { value: null };
      },
    },
    observer,
  );
  port.on('message', receive);
  send({ type: 'ready' });
} catch (error) {
  send({
    type: 'fatal',
    error: toSentError(error),
    isConfigError: error instanceof Error && error.name === 'ConfigError',
  });
}
