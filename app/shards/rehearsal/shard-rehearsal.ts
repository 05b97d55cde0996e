/** A shard's side of the rehearsal of the whole server: answers from a storage of its own. */
import { type FitEngine, type Prediction, Predictor, type Question } from '../../../inference/index.ts';
import { CloudReader, InlineDecoders } from '../../../octree/index.ts';
import type { ServeConfig } from '../../config/index.ts';
import { openCloudStorage } from '../../services/index.ts';
import type { Storage } from '../../storage/index.ts';

const TILE_BYTES = 16 * 2 ** 20;

interface OpenRehearsal {
  readonly storage: Storage;
  readonly reader: CloudReader;
  readonly predictor: Predictor;
}

export class ShardRehearsal {
  readonly #config: ServeConfig;
  readonly #engine: FitEngine;
  #open: Promise<OpenRehearsal> | null = null;

  constructor(config: ServeConfig, engine: FitEngine) {
    this.#config = config;
    this.#engine = engine;
  }

  /**
   * @param origin where the built-in demo is: a folder or a URL. The first one stays until the end.
   * @throws what Predictor.predict throws
   */
  async predict(origin: string, question: Question): Promise<Prediction> {
    this.#open ??= this.#opened(origin);
    const { predictor } = await this.#open;
    return predictor.predict(question);
  }

  /** Frees what the rehearsal took. */
  async end(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    if (open === null) return;
    const { reader, storage } = await open;
    await reader.close();
    await storage.close();
  }

  async #opened(origin: string): Promise<OpenRehearsal> {
    const storage = await openCloudStorage({ ...this.#config, clouds: origin });
    const { source } = storage;
    const reader = new CloudReader({ source, decoders: new InlineDecoders(), tileMemoryBytes: TILE_BYTES });
    return { storage, reader, predictor: new Predictor(reader, this.#engine) };
  }
}
