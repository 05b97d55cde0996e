/** Entry of a decode worker thread. */
import { NearboxError } from '../cache/errors.ts';
import type { DecodeJob } from './decode-job.ts';
import { decodeNode } from './decode-node.ts';
import { type DecodedNode, decodedBuffers } from './decoded-node.ts';
import { serveJobs } from './worker-port.ts';
import { zstdReady } from './zstd.ts';

await zstdReady();

serveJobs<DecodeJob, DecodedNode>(async (job) => {
  const node = await decodeNode(job).catch((error: unknown) => {
    // Whatever the decoder stumbled over, it was the bytes. The reader adds which node of which cloud.
    throw new NearboxError('corrupt_tile', error instanceof Error ? error.message : 'the decoder gave up', {
      cause: error,
    });
  });
  return { result: node, transfer: decodedBuffers(node) };
});
