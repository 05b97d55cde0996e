/**
 * Clicks on the built-in frame before a shard is ready, so that nobody waits for code to be loaded and
 * compiled.
 */
import { FolderSource } from '../../cache/index.ts';
import { DEFAULT_QUESTION, type FitEngine, Predictor } from '../../inference/index.ts';
import { CloudReader, InlineDecoders } from '../../octree/index.ts';
import { DEMO_CLOUDS } from '../services/index.ts';

const FRAME = '000000';
/** On and beside a car of that frame: crops of several sizes. */
const PLACES = [
  [-7.2, 5.4, -1.1],
  [-9, 6, -1.2],
  [4, -4, -1.5],
  [12, 8, -1],
] as const;
/**
 * The first round reads and decodes, the others find the tiles in memory. V8 compiles what is called often.
 */
const ROUNDS = 5;
/** A click that takes longer than this is given up, and the rest with it, milliseconds. */
const TIMEOUT_MS = 5000;

/**
 * Resolves when the engine and the code around it are warm. Whatever goes wrong, the shard is ready without.
 */
export async function rehearse(engine: FitEngine): Promise<void> {
  const source = new FolderSource({ root: DEMO_CLOUDS });
  const reader = new CloudReader({ source, decoders: new InlineDecoders(), tileMemoryBytes: 16 * 2 ** 20 });
  const predictor = new Predictor(reader, engine);
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  for (let round = 0; round < ROUNDS; round++)
    for (const position of PLACES)
      await predictor
        .predict({
          ...DEFAULT_QUESTION,
          cloud: FRAME,
          region: { type: 'click', position },
          signal,
          deadline: performance.now() + TIMEOUT_MS,
        })
        // A place without points, or a package without the frame.
        .catch(() => {});
  await reader.close();
}
