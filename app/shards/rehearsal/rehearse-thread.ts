/**
 * Clicks on the built-in frame before the thread of a replaced shard is ready, so that nobody waits for code
 * to be loaded and compiled.
 */
import { DEFAULT_QUESTION } from '../../../inference/index.ts';
import { DEMO_CLOUDS } from '../../services/index.ts';
import { REHEARSED_FRAME, REHEARSED_PLACES } from './clicks.ts';
import type { ShardRehearsal } from './shard-rehearsal.ts';

/**
 * The first round reads and decodes, the others find the tiles in memory. V8 compiles what is called often.
 */
const ROUNDS = 5;

/**
 * Resolves when the engine and the code around it are warm, or after `limitMs`; at once if that is 0.
 * Whatever goes wrong, the shard is ready without.
 */
export async function rehearseThread(rehearsal: ShardRehearsal, limitMs: number): Promise<void> {
  if (limitMs === 0) return;
  const signal = AbortSignal.timeout(limitMs);
  for (let round = 0; round < ROUNDS; round++)
    for (const position of REHEARSED_PLACES)
      await rehearsal
        .predict(DEMO_CLOUDS, {
          ...DEFAULT_QUESTION,
          cloud: REHEARSED_FRAME,
          region: { type: 'click', position },
          signal,
          deadline: performance.now() + limitMs,
        })
        // A place without points, or a package without the frame.
        .catch(() => {});
  await rehearsal.end().catch(() => {});
}
