/**
 * Entry of a shard's thread: everything between a question and its answer for the clouds that it is asked
 * about.
 */
import { parentPort } from 'node:worker_threads';
import { startBeating } from '../../cache/pulse/index.ts';
import { poolData, toSentError } from '../../cache/workers/index.ts';
import { decoderHeapBytes } from '../../octree/index.ts';
import { memoryParts, openServices, tileBytesBeside } from '../services/index.ts';
import type { ShardReply, ShardStart } from './calls/index.ts';
import { ShardObserver, serveCalls, WorkMemory } from './calls/index.ts';
import { homeShard } from './placement.ts';
import { rehearseThread, ShardRehearsal } from './rehearsal/index.ts';
import { ShardGauges } from './shard-gauges.ts';
import { shardLog } from './shard-log.ts';
import { rehearsalMethods, shardMethods } from './shard-methods.ts';

const port = parentPort;
if (port === null) throw new Error('a shard runs in a worker thread');
const send = (reply: ShardReply) => port.postMessage(reply);
// Before it is ready: a start that takes long is no hang.
startBeating();

try {
  const { config, modelFolders, index, gauges: shared, isReplacement } = poolData<ShardStart>();
  const observer = new ShardObserver();
  const gauges = new ShardGauges(shared);
  const parts = memoryParts(config.memoryBytes);
  const memory = new WorkMemory(parts.workBytes, (usedBytes) =>
    services.reader.resizeTiles(tileBytesBeside(parts, usedBytes, decoderHeapBytes())),
  );
  const services = await openServices(config, shardLog(send), {
    isInline: true,
    modelFolders,
    isHome: (cloud) => homeShard(cloud, config.shards) === index,
    admitRead: (bytes, signal, cloud) => memory.take(bytes, signal, cloud),
    onStorageCall: (call) => observer.storageCall(call),
    onWait: (waitMs) => {
      gauges.waitMs = waitMs;
    },
  });
  services.reader.resizeTiles(parts.tileBytes);
  await services.warmUp();
  const rehearsal = new ShardRehearsal(config, services.engine);
  if (isReplacement) await rehearseThread(rehearsal, config.rehearseMs);
  const receive = serveCalls(
    port,
    {
      ...shardMethods(services),
      ...rehearsalMethods(rehearsal),
      stats: async () => ({ value: { reader: services.reader.stats(), fits: services.engine.stats() } }),
      close: async () => {
        await services.close();
        return { value: null };
      },
    },
    observer,
    memory,
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
