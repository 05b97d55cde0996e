/** Entry of a decode worker thread. */

import { serveJobs } from '../../cache/workers/index.ts';
import { type DecodedNode, decodedBuffers } from '../points/index.ts';
import { zstdReady } from '../zstd/index.ts';
import type { DecodeJob } from './decode-job.ts';
import { decodeTile } from './node-decoders.ts';

await zstdReady();

serveJobs<DecodeJob, DecodedNode>(async (job) => {
  const node = await decodeTile(job);
  return { result: node, transfer: decodedBuffers(node) };
});
