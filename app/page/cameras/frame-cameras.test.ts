import { describe, expect, it } from 'vitest';
import type { Camera } from '../../../inference/cameras/index.ts';
import { type Held, held } from '../testing/index.ts';
import { FrameCameras } from './frame-cameras.ts';

const camera = (name: string): Camera => ({
  name,
  focal: [700, 700],
  centre: [600, 180],
  pose: { position: [0, 0, 0], rotation: [0, 0, 0, 1] },
});
const tick = () => new Promise((resolve) => setImmediate(resolve));

/** Three cameras a frame; images come when the test says so. */
function setUp() {
  const asked: string[] = [];
  const images = new Map<string, Held<Blob>>();
  const released: string[] = [];
  const errors: unknown[] = [];
  const cameras = new FrameCameras<string>({
    api: {
      cameras: async (frame) => (frame === 'bare' ? [] : ['left', 'front', 'right'].map(camera)),
      image: (frame, name, signal) => {
        const key = `${frame} ${name}`;
        asked.push(key);
        const image = held<Blob>();
        signal?.addEventListener('abort', () => image.reject(signal.reason as Error));
        images.set(key, image);
        return image.promise;
      },
    },
    decode: (bytes) => bytes.text(),
    release: (picture) => released.push(picture),
    onChange: () => undefined,
    onError: (error) => errors.push(error),
  });
  const come = async (key: string) => {
    images.get(key)!.resolve(new Blob([key]));
    for (let k = 0; k < 4; k++) await tick();
  };
  return { cameras, asked, images, released, errors, come };
}

describe('cameras of the open frame', () => {
  it('are known first, and their images come two at a time', async () => {
    const { cameras, asked, come } = setUp();
    cameras.look('f0');
    expect(cameras.shown).toBeUndefined();
    await tick();
    expect(cameras.shown!.map((one) => [one.camera.name, one.picture])).toEqual([
      ['left', null],
      ['front', null],
      ['right', null],
    ]);
    expect(asked).toEqual(['f0 left', 'f0 front']);
    await come('f0 front');
    expect(asked).toEqual(['f0 left', 'f0 front', 'f0 right']);
    expect(cameras.shown!.map(({ picture }) => picture)).toEqual([null, 'f0 front', null]);
  });

  it('are given up when the frame is left, and go on when it is looked at again', async () => {
    const { cameras, asked, errors, come } = setUp();
    cameras.look('f0');
    await tick();
    await come('f0 left');
    cameras.look('f1');
    await tick();
    expect(cameras.shown!.every(({ picture }) => picture === null)).toBe(true);
    cameras.look('f0');
    await tick();
    expect(cameras.shown!.map(({ picture }) => picture)).toEqual(['f0 left', null, null]);
    expect(asked.slice(-2)).toEqual(['f0 front', 'f0 right']);
    expect(errors).toEqual([]);
  });

  it('are kept for four frames, and freed then', async () => {
    const { cameras, released, come } = setUp();
    for (const frame of ['f0', 'f1', 'f2', 'f3', 'f4']) {
      cameras.look(frame);
      await tick();
      await come(`${frame} left`);
    }
    expect(released).toEqual(['f0 left']);
  });

  it('say what went wrong, and are none where there are none', async () => {
    const { cameras, images, errors } = setUp();
    cameras.look('f0');
    await tick();
    images.get('f0 left')!.reject(new Error('the image is too large'));
    for (let k = 0; k < 4; k++) await tick();
    expect(errors).toEqual([new Error('the image is too large')]);
    cameras.look('bare');
    await tick();
    expect(cameras.shown).toEqual([]);
  });
});
