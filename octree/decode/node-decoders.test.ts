/**
 * The same points and the same errors, whether nodes are decoded in worker threads or in the thread that
 * asks.
 */
import { describe, expect, test } from 'vitest';
import { MemorySource } from '../../cache/testing/index.ts';
import { CloudReader } from '../reader/index.ts';
import type { Region } from '../regions/index.ts';
import { SMALL_CLOUDS, storeCloud } from '../testing/index.ts';
import { InlineDecoders, type NodeDecoders, PooledDecoders } from './node-decoders.ts';

async function pointsWith(decoders: NodeDecoders, name: string) {
  const { files, middle } = await SMALL_CLOUDS[name]!();
  const source = new MemorySource();
  const id = storeCloud(source, 'c', { files });
  const reader = new CloudReader({ source, decoders });
  await reader.ready();
  const region: Region = { type: 'sphere', center: middle, radius: 1000 };
  const { xyz, intensity } = (await reader.read(id, [region])).points(region);
  expect(reader.stats().decoders.finished).toBeGreaterThan(0);
  await reader.close();
  return { xyz, intensity };
}

describe('a reader that decodes in its own thread', () => {
  test.each(Object.keys(SMALL_CLOUDS))(
    'gives the points that one with worker threads gives: %s',
    async (name) => {
      const inline = await pointsWith(new InlineDecoders(), name);
      expect(inline.xyz.length).toBeGreaterThan(0);
      expect(inline).toEqual(await pointsWith(new PooledDecoders({ workers: 1, maxQueue: 64 }), name));
    },
  );
});

describe.each([
  ['in the same thread', () => new InlineDecoders()],
  ['in worker threads', () => new PooledDecoders({ workers: 1, maxQueue: 4 })],
])('decoders %s', (_, open) => {
  const broken = {
    encoding: { kind: 'laz' },
    count: 1,
    within: { min: [0, 0, 0], max: [1, 1, 1] },
  } as const;

  test('say that bytes which are no node are a corrupt tile, and leave the bytes as they are', async () => {
    const decoders = open();
    const bytes = new Uint8Array(100).fill(7);
    await expect(decoders.run({ ...broken, bytes })).rejects.toMatchObject({ code: 'corrupt_tile' });
    expect(bytes).toEqual(new Uint8Array(100).fill(7));
    await decoders.close();
  });

  test('reject with the reason of a signal that has aborted', async () => {
    const decoders = open();
    const job = { ...broken, bytes: new Uint8Array(100) };
    const reason = new Error('left');
    await expect(decoders.run(job, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await decoders.close();
  });

  test('refuse work as overloaded once they are closed', async () => {
    const decoders = open();
    await decoders.ready();
    await decoders.close();
    const job = { ...broken, bytes: new Uint8Array(100) };
    await expect(decoders.run(job)).rejects.toMatchObject({ code: 'overloaded' });
  });
});
