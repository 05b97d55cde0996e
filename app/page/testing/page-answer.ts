/**
 * A prediction as the server answers it: a car of the built-in test street, unless the test says otherwise.
 */
import { CAR } from '../../testing/index.ts';
import type { PageAnswer } from '../api/index.ts';

export function pageAnswer(change: Partial<PageAnswer> = {}): PageAnswer {
  return {
    id: 'p1',
    box: { center: CAR.center, size: CAR.size, yaw: CAR.yaw },
    quaternion: [0, 0, Math.sin(CAR.yaw / 2), Math.cos(CAR.yaw / 2)],
    class: 'car',
    score: 0.93,
    method: 'model',
    points: { region: 5120, inside: 412 },
    ground: -1.7,
    cloud: { id: '000', version: 'v1' },
    model: { name: 'fit', version: '4' },
    cost: { nodes: 9, bytes: 180_233, memory: 7, disk: 0, origin: 2 },
    timings: { totalMs: 24, resolveMs: 1, fetchMs: 4, decodeMs: 6, cropMs: 2, queueMs: 0, inferMs: 11 },
    alternatives: [],
    ...change,
  };
}
