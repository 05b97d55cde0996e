import { expect, it } from 'vitest';
import { ScannerPlaces } from '../../scanner/index.ts';
import { CloudFrames } from './cloud-frames.ts';

const box = { center: [0, 0, 0], size: [4, 2, 1.5], yaw: 0 } as const;
/** Points in the box. */
const positions = Float32Array.from({ length: 60 }, (_, i) => ((i * 7) % 10) / 20);
const cloud = { version: 'v', bounds: { min: [-9, -9, -9], max: [9, 9, 9] }, sensor: null };
const cost = { nodes: 1, bytes: 1, memory: 0, disk: 0, origin: 1 };

it.each([['tuned'], [undefined]])(
  'asks the version of the network that the track names: %s',
  async (model) => {
    const asked: unknown[] = [];
    const engine = {
      async fit(_request: unknown, options: { readonly model?: string }) {
        asked.push(options.model);
        return { box, class: 'car', score: 0.5, method: 'model' };
      },
    };
    const read = async () => ({ cloud, cost, release() {}, crop: () => ({ positions, count: 20 }) });
    const frames = new CloudFrames({
      reader: { read } as never,
      engine: engine as never,
      scanners: new ScannerPlaces({ read } as never),
      clouds: ['a'],
      profile: null,
      model,
      deadline: Number.POSITIVE_INFINITY,
    });
    const ask = { starts: [box], class: 'car', reference: null, atPlace: null, wantsShape: false } as const;
    const { replies } = await frames.ask(0, [ask], new AbortController().signal);
    expect(replies).toHaveLength(1);
    expect(asked).toEqual([model]);
  },
);
