/** Entry of a decode worker thread. */
import type { DecodeJob } from './decode-job.ts';
import { type DecodedNode, decodedBuffers } from './decoded-node.ts';
import { decodeTile } from './node-decoders.ts';
import { serveJobs } from './worker-port.ts';
import { zstdReady } from './zstd.ts';

await zstdReady();

serveJobs<DecodeJob, DecodedNode>(async (job) => {
  const node = await decodeTile(job);
  return { result: node, transfer: decodedBuffers(node) };
});
