/**
 * The page's own fit. It needs nothing from the server once the page is loaded: its worker is started with
 * the page, and where a worker cannot be had, the page's main thread does the work.
 */
import type { Box, Vec3 } from '../../../inference/boxes/index.ts';
import type { FitAnswer, FitRequest } from '../../../inference/fit/index.ts';
import { moved } from '../boxes/index.ts';
import type { LocalFit } from '../session/index.ts';
import { fitCrop } from './fit-crop.ts';
import type { FitMessage, LocalFitReply } from './worker.ts';

/** Points up to here around the hint are looked at, metres. */
const FIT_REACH_METRES = 16;

export interface LocalFitOptions {
  /** Starts the worker; throws where there is none. */
  readonly startWorker: () => Worker;
}

export function createLocalFit({ startWorker }: LocalFitOptions): LocalFit {
  const thread = new FitThread(startWorker);
  return async ({ hint, class: chosen, size, others, points }) => {
    const [x, y, z] = hint.type === 'click' ? hint.position : hint.box.center;
    const { origin, xyz } = points.pointsIn({
      min: [x - FIT_REACH_METRES, y - FIT_REACH_METRES, z - FIT_REACH_METRES],
      max: [x + FIT_REACH_METRES, y + FIT_REACH_METRES, z + FIT_REACH_METRES],
    });
    if (xyz.length === 0) return null;
    const back: Vec3 = [-origin[0], -origin[1], -origin[2]];
    const own = (box: Box) => moved(box, back);
    const shifted = (at: Vec3): Vec3 => [at[0] - origin[0], at[1] - origin[1], at[2] - origin[2]];
    const answer = await thread.fit({
      crop: { origin, positions: xyz, count: xyz.length / 3 },
      hint:
        hint.type === 'click'
          ? { type: 'click', position: shifted(hint.position), also: [] }
          : { type: 'box', box: own(hint.box) },
      class: chosen,
      size,
      sensor: points.sensor && shifted(points.sensor),
      others: others.map(own),
    });
    return answer && { ...answer, box: moved(answer.box, origin) };
  };
}

type WaitingFit = { readonly request: FitRequest; readonly resolve: (answer: FitAnswer | null) => void };

/** The worker, or the main thread in its place once the worker has failed. */
class FitThread {
  readonly #waiting = new Map<number, WaitingFit>();
  #worker: Worker | null = null;
  #count = 0;

  constructor(startWorker: () => Worker) {
    try {
      const worker = startWorker();
      worker.addEventListener('message', ({ data }: MessageEvent<LocalFitReply>) => {
        this.#waiting.get(data.id)?.resolve(data.answer);
        this.#waiting.delete(data.id);
      });
      // It could not be loaded, or it broke: what it was to do is done here.
      worker.addEventListener('error', () => this.#doWithout());
      worker.addEventListener('messageerror', () => this.#doWithout());
      this.#worker = worker;
    } catch {
      this.#worker = null;
    }
  }

  fit(request: FitRequest): Promise<FitAnswer | null> {
    const worker = this.#worker;
    if (worker === null) return Promise.resolve(fitCrop(request));
    const id = ++this.#count;
    return new Promise((resolve) => {
      this.#waiting.set(id, { request, resolve });
      worker.postMessage({ id, request } satisfies FitMessage);
    });
  }

  #doWithout(): void {
    this.#worker?.terminate();
    this.#worker = null;
    for (const { request, resolve } of this.#waiting.values()) resolve(fitCrop(request));
    this.#waiting.clear();
  }
}
