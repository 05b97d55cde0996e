/**
 * How often a whole first question over HTTP waits for the storage, cloud and server cold: as often as its
 * read alone.
 */
import { describe, expect, test } from 'vitest';
import { MemorySource } from '../../../../cache/testing/index.ts';
import { type FitEngine, Predictor } from '../../../../inference/index.ts';
import type { Vec3 } from '../../../../octree/index.ts';
import { CloudReader, InlineDecoders } from '../../../../octree/index.ts';
import {
  BIN,
  makeEptCloud,
  ORIGIN,
  potree1Cloud,
  SMALL_CLOUDS,
  scatterNodes,
  storeCloud,
  TideSource,
  waitsOf,
} from '../../../../octree/testing/index.ts';
import { cloudApp } from '../../testing/index.ts';

/** The network's part needs no storage. */
const engineOf = (onFit: () => void) =>
  ({
    model: { name: 'synthetic', version: '1' },
    models: [{ name: 'synthetic', version: '1' }],
    admit: () => () => {},
    fit: async () => {
      onFit();
      return {
        box: { center: [0, 0, 0], size: [4, 2, 1.5], yaw: 0 },
        class: 'car',
        score: 0.5,
        ground: 0,
        method: 'model',
        queueMs: 0,
        inferMs: 1,
      };
    },
  }) as unknown as FitEngine;

interface Cloud {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly center: Vec3;
}

async function small(name: string): Promise<Cloud> {
  const { files, middle } = await SMALL_CLOUDS[name]!();
  return { files, center: middle };
}

async function ept(pageStep?: number): Promise<Cloud> {
  const low: Vec3 = [ORIGIN[0] - 8, ORIGIN[1] - 8, ORIGIN[2] - 8];
  const { files } = await makeEptCloud({
    raw: Array.from({ length: 200 }, (_, i) => [(i * 37) % 129, (i * 61) % 129, 64] as const),
    low,
    offset: low,
    edge: 16,
    scale: 0.125,
    nodePoints: 8,
    maxDepth: 2,
    encoding: 'zstandard',
    ...(pageStep !== undefined && { pageStep }),
  });
  return { files, center: ORIGIN };
}

const potree1 = (name: string): Cloud => ({
  files: potree1Cloud(scatterNodes(8, 2, 20), { ...BIN[name]!, step: 5 }),
  center: ORIGIN,
});

const sphere = ({ center }: Cloud) => ({ type: 'sphere', center, radius: 100 });

const lasso = ({ center: [x, y] }: Cloud) => ({
  type: 'polygon',
  ring: [
    [x - 5, y - 5],
    [x + 5, y - 5],
    [x + 5, y + 5],
    [x - 5, y + 5],
  ],
});

/**
 * The waits of a first question about a cloud that has been in an object store for a minute, or where nobody
 * knows for how long.
 */
async function waitsOfQuestion(cloud: Cloud, regionOf: (cloud: Cloud) => object, hasDates = true) {
  const storage = { now: 0 };
  const memory = new MemorySource([], hasDates ? { clock: () => storage.now } : {});
  const id = storeCloud(memory, 'c', cloud);
  storage.now = 60_000;
  const source = new TideSource(memory);
  const reader = new CloudReader({ source, decoders: new InlineDecoders() });
  let isAtWork = false;
  const predictor = new Predictor(
    reader,
    engineOf(() => {
      isAtWork = true;
    }),
  );
  // If the network waited for the revalidation, neither would ever end.
  source.isHeld = (call) => /^HEAD .*(ept\.json|0-0-0-0\.json|cloud\.js|r\.hrc)$/.test(call) && !isAtWork;
  const { app, reader: unused } = await cloudApp({ reader, predictor });
  await reader.ready();
  try {
    const response = app.request('/v1/predictions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ cloud: id, region: regionOf(cloud) }),
    });
    const { value, waits } = await waitsOf(source, Promise.resolve(response));
    expect(value.status, JSON.stringify(await value.clone().json())).toBe(200);
    return waits;
  } finally {
    await Promise.all([reader.close(), unused.close()]);
  }
}

describe('a first question over HTTP', () => {
  test.each<[string, () => Cloud | Promise<Cloud>]>([
    ['EPT', () => ept()],
    ['EPT laszip', () => small('EPT laszip')],
    ['COPC', () => small('COPC format-8')],
    ['Potree 1.7', () => potree1('Potree 1.7')],
    ['Potree 1.7 LAZ', () => small('Potree 1.7 LAZ')],
    ['Potree 1.4', () => potree1('Potree 1.4')],
    ['Potree 2', () => small('Potree 2 BROTLI')],
  ])(
    'about a cloud of %s waits twice: for its metadata and hierarchy, then for all nodes',
    async (_, make) => {
      const waits = await waitsOfQuestion(await make(), sphere);
      expect(waits).toHaveLength(2);
    },
  );

  test('about nodes of which the storage does not say how long they have been there: the look at the version goes beside the network', async () => {
    for (const cloud of [await ept(), potree1('Potree 1.7'), potree1('Potree 1.4')]) {
      const waits = await waitsOfQuestion(cloud, sphere, false);
      expect(waits).toHaveLength(3);
      expect(waits[2]!.every((call) => call.startsWith('HEAD'))).toBe(true);
    }
  });

  test('waits once more for each level of pages below the root', async () => {
    expect(await waitsOfQuestion(await ept(2), sphere)).toHaveLength(3);
  });

  test('with a lasso waits at most once more: what is around its object is read once that is found', async () => {
    expect((await waitsOfQuestion(await ept(), lasso)).length).toBeLessThanOrEqual(3);
  });
});
