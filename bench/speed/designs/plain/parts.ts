import { parseServeConfig } from '../../../../app/config/index.ts';
import { openCloudStorage } from '../../../../app/services/index.ts';
import type { ByteSource } from '../../../../cache/byte-source/index.ts';
import { DEFAULT_QUESTION, FitEngine, type Prediction, Predictor } from '../../../../inference/index.ts';
import { CloudReader, InlineDecoders } from '../../../../octree/index.ts';

/** A click, as the load generator sends it. */
export interface PlainClick {
  readonly cloud: string;
  readonly position: readonly [x: number, y: number, z: number];
}

/**
 * What both designs are made of: the storage's connections, the decoders and the network. Nothing is kept in
 * them.
 */
export interface PlainParts {
  readonly source: ByteSource;
  readonly decoders: InlineDecoders;
  readonly engine: FitEngine;
}

/** How long an answer may take, milliseconds: as long as the generator waits. */
const DEADLINE_MS = 20_000;

/** Everything warm. */
export async function plainParts(origin: string): Promise<PlainParts> {
  const storage = await openCloudStorage(parseServeConfig({ clouds: `${origin}/` }));
  const engine = new FitEngine({ workers: 0, queueLimit: 4096 });
  await engine.warmUp();
  const decoders = new InlineDecoders();
  await decoders.ready();
  return { source: storage.source, decoders, engine };
}

/** A reader that keeps up to `tileMemoryBytes` of nodes. */
export function plainReader({ source, decoders }: PlainParts, tileMemoryBytes: number): CloudReader {
  return new CloudReader({ source, decoders, tileMemoryBytes, maxNodes: 100_000 });
}

/** @throws NearboxError as `Predictor.predict` does */
export function answerClick(
  { engine }: PlainParts,
  reader: CloudReader,
  { cloud, position }: PlainClick,
): Promise<Prediction> {
  return new Predictor(reader, engine).predict({
    ...DEFAULT_QUESTION,
    cloud,
    region: { type: 'click', position },
    signal: AbortSignal.timeout(DEADLINE_MS),
    deadline: performance.now() + DEADLINE_MS,
  });
}
