/** Asks the fit worker, in coordinates about the hint. */
import type { Box, Vec3 } from '../../../inference/boxes/index.ts';
import type { Bounds } from '../../../octree/geometry/index.ts';
import { moved } from '../boxes/edit.ts';
import type { PointList } from '../cloud/point-list.ts';
import type { LocalFit } from '../session/asking.ts';
import type { FitMessage, FitReply } from './worker.ts';

/** Points up to here around the hint are looked at, metres. */
const REACH = 16;

export interface LocalFitOptions {
  readonly workerUrl: string;
  readonly pointsIn: (bounds: Bounds) => PointList;
  readonly sensor: () => Vec3 | null;
}

export function createLocalFit({ workerUrl, pointsIn, sensor }: LocalFitOptions): LocalFit {
  const waiting = new Map<number, (reply: FitReply) => void>();
  let worker: Worker | null = null;
  let count = 0;
  const start = (): Worker => {
    const started = new Worker(workerUrl, { type: 'module' });
    started.addEventListener('message', ({ data }: MessageEvent<FitReply>) => {
      waiting.get(data.id)?.(data);
      waiting.delete(data.id);
    });
    return started;
  };
  return async ({ hint, class: chosen, size, others }) => {
    const [x, y, z] = hint.type === 'click' ? hint.position : hint.box.center;
    const { origin, xyz } = pointsIn({
      min: [x - REACH, y - REACH, z - REACH],
      max: [x + REACH, y + REACH, z + REACH],
    });
    if (xyz.length === 0) return null;
    const back: Vec3 = [-origin[0], -origin[1], -origin[2]];
    const own = (box: Box) => moved(box, back);
    const shifted = (at: Vec3): Vec3 => [at[0] - origin[0], at[1] - origin[1], at[2] - origin[2]];
    const from = sensor();
    const id = ++count;
    worker ??= start();
    const message: FitMessage = {
      id,
      request: {
        crop: { origin, positions: xyz, count: xyz.length / 3 },
        hint:
          hint.type === 'click'
            ? { type: 'click', position: shifted(hint.position), also: [] }
            : { type: 'box', box: own(hint.box) },
        class: chosen,
        size,
        sensor: from && shifted(from),
        others: others.map(own),
      },
    };
    const reply = await new Promise<FitReply>((resolve) => {
      waiting.set(id, resolve);
      worker!.postMessage(message, [xyz.buffer as ArrayBuffer]);
    });
    return reply.answer && { ...reply.answer, box: moved(reply.answer.box, origin) };
  };
}
