/** The number of threads that a batch is worth. */
import { stat } from 'node:fs/promises';
import { type BatchInput, isRemote, STANDARD_INPUT } from './list-inputs.ts';

/** Small inputs per thread, at least: starting a thread for fewer takes longer than it saves. */
const INPUTS_PER_THREAD = 4;
/** The same for few large inputs: building so much takes longer than starting a thread. */
const BYTES_PER_THREAD = 16 * 1024 * 1024;

/**
 * At most `jobs`, at most one for each input, and no thread that has too little to do: either a few inputs or
 * many bytes of local files. Inputs whose size is not known (remote ones, missing ones) count by number.
 */
export async function usefulThreads(inputs: readonly BatchInput[], jobs: number): Promise<number> {
  const byNumber = Math.ceil(inputs.length / INPUTS_PER_THREAD);
  if (byNumber >= jobs) return jobs;
  const sizes = await Promise.all(inputs.map(({ input }) => localBytes(input)));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  return Math.min(jobs, inputs.length, Math.max(byNumber, Math.ceil(bytes / BYTES_PER_THREAD)));
}

async function localBytes(input: string): Promise<number> {
  if (isRemote(input) || input === STANDARD_INPUT) return 0;
  const found = await stat(input).catch(() => null);
  return found?.isFile() ? found.size : 0;
}
