/** Frames that are clouds: the reader gives points, the engine fits. */
import { type CloudReader, joinedCost, type Region } from '../../../octree/index.ts';
import type { Box, Vec3 } from '../../boxes/index.ts';
import type { FitEngine } from '../../engine/index.ts';
import type { FitRequest, ProfilePair } from '../../fit/index.ts';
import type { ScannerPlaces } from '../../scanner/index.ts';
import { answerAsk, type FitBox, sphereOf } from './answer-ask.ts';
import type { FitAsk, FitReply, FrameAnswer, FrameCost, FrameFits } from './frame-fits.ts';

export interface CloudFramesOptions {
  readonly reader: Pick<CloudReader, 'read'>;
  readonly engine: Pick<FitEngine, 'fit'>;
  readonly scanners: Pick<ScannerPlaces, 'known' | 'withPlaces'>;
  /** Ids of the frames' clouds. */
  readonly clouds: readonly string[];
  readonly profile: ProfilePair | null;
  /** Version of the network that fits all frames. Default: the engine's own choice. */
  readonly model?: string | undefined;
  /** On the clock of `performance.now()`, milliseconds. */
  readonly deadline: number;
}

/** Fits of one track in the engine's queue at the same time, so that single clicks find room between them. */
const FITS_AT_ONCE = 2;

const NOTHING_READ: FrameCost = { nodes: 0, bytes: 0, memory: 0, disk: 0, origin: 0 };

export class CloudFrames implements FrameFits {
  readonly #options: CloudFramesOptions;
  /** Cost of reading ahead, by frame. */
  readonly #ahead = new Map<number, Promise<FrameCost>>();

  constructor(options: CloudFramesOptions) {
    this.#options = options;
  }

  readAhead(frame: number, around: readonly Box[], signal: AbortSignal): void {
    if (this.#ahead.has(frame)) return;
    const spheres = around.map((box) => regionOf(sphereOf({ starts: [box] })));
    const read = this.#read(frame, spheres, signal);
    // If it fails, the read that needs it fails as well and reports it.
    this.#ahead.set(
      frame,
      read.then(
        (view) => {
          view.release();
          return view.cost;
        },
        () => NOTHING_READ,
      ),
    );
  }

  async ask(frame: number, asks: readonly FitAsk[], signal: AbortSignal): Promise<FrameAnswer> {
    const { scanners } = this.#options;
    const began = performance.now();
    const ahead = (await this.#ahead.get(frame)) ?? NOTHING_READ;
    this.#ahead.delete(frame);
    const spheres = asks.map((ask) => regionOf(sphereOf(ask)));
    const [view, first] = await scanners.withPlaces(
      () => this.#read(frame, spheres, signal),
      (points) => points,
      signal,
    );
    const sensor = scanners.known(view.cloud, asks[0]!.starts[0]!.center[2]) ?? null;
    const read = performance.now();
    const fit = this.#fitBox(signal);
    const replies: FitReply[] = new Array(asks.length);
    let next = 0;
    const work = async () => {
      for (let k = next++; k < asks.length; k = next++) {
        const ask = asks[k]!;
        const origin = ask.starts[0]!.center;
        const crop = { origin, ...view.crop(spheres[k]!, origin) };
        replies[k] = await answerAsk(crop, ask, sensor, fit);
      }
    };
    const done = await Promise.allSettled(Array.from({ length: FITS_AT_ONCE }, work));
    view.release();
    for (const one of done) if (one.status === 'rejected') throw one.reason;
    const { version, bounds } = view.cloud;
    return {
      replies,
      version,
      bounds,
      sensor,
      // What was read ahead is what the read found in memory.
      cost: joinedCost(first === undefined ? ahead : joinedCost(ahead, first.cost), view.cost),
      timings: { readMs: read - began, fitMs: performance.now() - read },
    };
  }

  #read(frame: number, spheres: readonly Region[], signal: AbortSignal) {
    const { reader, clouds } = this.#options;
    return reader.read(clouds[frame]!, spheres, { signal, isReleased: true });
  }

  #fitBox(signal: AbortSignal): FitBox {
    const { engine, profile, model, deadline } = this.#options;
    return async (request: FitRequest) => {
      const answer = await engine.fit({ ...request, profile }, { signal, deadline, model });
      // Only the network's score can be compared.
      return answer.method === 'model' ? { box: answer.box, score: answer.rawScore ?? answer.score } : null;
    };
  }
}

function regionOf({ center, radius }: { readonly center: Vec3; readonly radius: number }): Region {
  return { type: 'sphere', center, radius };
}
