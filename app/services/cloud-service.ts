/** What a server serves: clouds and predictions, by shards or by this thread. */
import type { Predictor, Tracker } from '../../inference/index.ts';
import { type Clouds, LocalClouds } from '../clouds/index.ts';
import type { LoopOptions, ServiceStats } from '../http/index.ts';
import { readerStats } from './reader-stats.ts';
import type { Services } from './services.ts';

/** Answers clicks on the built-in demo before a server is ready, see `rehearseServer`. */
interface Rehearsal {
  readonly predictor: Pick<Predictor, 'predict'>;
  /** Frees what it took. Never rejects. */
  end(): Promise<void>;
}

export interface CloudService {
  readonly clouds: Clouds;
  readonly predictor: Pick<Predictor, 'predict'>;
  readonly tracker: Pick<Tracker, 'track'>;
  /** What marks requests that come from instances, this one or others. */
  readonly loops: LoopOptions;
  /** The version of a label profile; null if there is none of the name. */
  profileVersion(name: string): string | null;
  stats(): Promise<ServiceStats>;
  /**
   * Clicks on the demo in a storage of its own, at `origin`: a folder or a URL. Missing where there are no
   * shards.
   */
  rehearsal?(origin: string): Rehearsal;
  /** Resolves when the first question can be answered. */
  warmUp(): Promise<void>;
  /**
   * Waits for running work, at most `boundMs`, then frees threads and memory.
   * @returns false if something hangs that cannot be ended.
   */
  close(boundMs: number): Promise<boolean>;
}

/** A service on this thread, with worker threads for decoding and for the network. */
export function localService(services: Services): CloudService {
  const { reader, engine, predictor, tracker, loops } = services;
  return {
    clouds: new LocalClouds(reader),
    predictor,
    tracker,
    loops,
    profileVersion: (name) => predictor.profileVersion(name),
    stats: async () => readerStats(reader.stats(), engine.stats()),
    warmUp: () => services.warmUp(),
    async close() {
      await services.close();
      return true;
    },
  };
}
