/**
 * Clicks on the built-in frame before a shard's thread is ready, so that nobody waits for code to be loaded
 * and compiled.
 */
import { FolderSource } from '../../../cache/index.ts';
import { DEFAULT_QUESTION, type FitEngine, Predictor } from '../../../inference/index.ts';
import { CloudReader, InlineDecoders } from '../../../octree/index.ts';
import { DEMO_CLOUDS } from '../../services/index.ts';
import { REHEARSAL_MS, REHEARSED_FRAME, REHEARSED_PLACES } from './clicks.ts';

/**
 * The first round reads and decodes, the others find the tiles in memory. V8 compiles what is called often.
 */
const ROUNDS = 5;

/**
 * Resolves when the engine and the code around it are warm. Whatever goes wrong, the shard is ready without.
 */
export async function rehearseThread(engine: FitEngine): Promise<void> {
  const source = new FolderSource({ root: DEMO_CLOUDS });
  const reader = new CloudReader({ source, decoders: new InlineDecoders(), tileMemoryBytes: 16 * 2 ** 20 });
  const predictor = new Predictor(reader, engine);
  const signal = AbortSignal.timeout(REHEARSAL_MS);
  for (let round = 0; round < ROUNDS; round++)
    for (const position of REHEARSED_PLACES)
      await predictor
        .predict({
          ...DEFAULT_QUESTION,
          cloud: REHEARSED_FRAME,
          region: { type: 'click', position },
          signal,
          deadline: performance.now() + REHEARSAL_MS,
        })
        // A place without points, or a package without the frame.
        .catch(() => {});
  await reader.close();
}
