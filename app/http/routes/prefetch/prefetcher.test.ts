import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { deferred } from '../../../../cache/testing/index.ts';
import { Key, type Region } from '../../../../octree/index.ts';
import { type Clouds, LocalClouds } from '../../../clouds/index.ts';
import { silentLog } from '../../../observability/index.ts';
import { type CloudApp, cloudApp, expectProblem } from '../../testing/index.ts';
import { Prefetcher } from './prefetcher.ts';

/** A reader whose reads are held by the test. */
class HeldReader {
  readonly asked: string[] = [];
  readonly signals: AbortSignal[] = [];
  hold: Promise<void> = Promise.resolve();

  async warm(id: string, _region: unknown, { signal }: { signal: AbortSignal }): Promise<never> {
    this.asked.push(id);
    this.signals.push(signal);
    await Promise.race([
      this.hold,
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    ]);
    throw new Error('what comes of it is nobody’s business');
  }
}

let held: HeldReader;
let prefetcher: Prefetcher;

beforeEach(() => {
  held = new HeldReader();
  prefetcher = new Prefetcher({ reader: held as unknown as Clouds, log: silentLog, maxJobs: 3 });
});

const job = (cloud: string) => ({
  cloud,
  region: { type: 'sphere', center: [0, 0, 0], radius: 1 } as const,
});

describe('Prefetcher', () => {
  it('does one after the other, and goes on when one fails', async () => {
    const gate = deferred<void>();
    held.hold = gate.promise;
    prefetcher.add([job('a'), job('b')]);
    prefetcher.add([job('a'), job('c')]);
    expect(held.asked).toEqual(['a']);
    expect(prefetcher.size).toBe(3);
    gate.resolve();
    await prefetcher.idle();
    expect(held.asked).toEqual(['a', 'b', 'c']);
    prefetcher.add([job('a')]);
    await prefetcher.idle();
    expect(held.asked).toHaveLength(4);
  });

  it('takes no more than its bound', async () => {
    held.hold = deferred<void>().promise;
    prefetcher.add([job('a'), job('b')]);
    expect(() => prefetcher.add([job('c'), job('d')])).toThrowError(
      expect.objectContaining({ code: 'overloaded' }),
    );
    expect(prefetcher.size).toBe(2);
    await prefetcher.close();
  });

  it('gives up everything when it is closed', async () => {
    held.hold = deferred<void>().promise;
    prefetcher.add([job('a'), job('b')]);
    await prefetcher.close();
    expect(held.signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(prefetcher.size).toBe(0);
    prefetcher.add([job('c')]);
    expect(held.asked).toEqual(['a']);
  });
});

describe('a prefetch on its way', () => {
  const far: Region = { type: 'sphere', center: [32, 32, 32], radius: 60 };

  it('takes two nodes at a time, and a click overtakes it; given up, it leaves nothing behind', async () => {
    const { reader, source } = await cloudApp();
    for (const path of ['ept.json', 'ept-hierarchy/0-0-0-0.json', 'ept-data/0-0-0-0.bin'])
      source.put(`b/ept/${path}`, source.peek(`a/ept/${path}`)!);
    const warming = new Prefetcher({ reader: new LocalClouds(reader), log: silentLog });
    const gate = deferred<void>();
    const held: string[] = [];
    const signals: (AbortSignal | undefined)[] = [];
    source.onRead = async (path, signal) => {
      if (!path.startsWith('a/ept/ept-data')) return;
      held.push(path);
      signals.push(signal);
      await gate.promise;
    };
    try {
      warming.add([{ cloud: 'a/ept', region: far }]);
      await vi.waitFor(() => expect(held.length).toBe(2), { timeout: 90_000 });
      // While these two hang, others read what they like.
      const { version } = await reader.cloud('b/ept');
      expect((await reader.node('b/ept', version, Key.root)).count).toBeGreaterThan(0);
      expect(held.length).toBe(2);
      await warming.close();
      expect(signals.every((signal) => signal?.aborted)).toBe(true);
      expect(held.length).toBe(2);
      expect(reader.stats().inFlight).toBe(0);
    } finally {
      gate.resolve();
      await reader.close();
    }
  });

  it('that takes too long is given up, and the next has its turn', async () => {
    held.hold = deferred<void>().promise;
    const short = new Prefetcher({ reader: held as unknown as Clouds, log: silentLog, timeoutMs: 1 });
    short.add([job('a'), job('b')]);
    await short.idle();
    expect(held.asked).toEqual(['a', 'b']);
    expect(held.signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  });

  it('and a click on the same nodes are one read of each', async () => {
    const { reader, source } = await cloudApp();
    const warming = new Prefetcher({ reader: new LocalClouds(reader), log: silentLog });
    source.reads.clear();
    warming.add([{ cloud: 'a/ept', region: far }]);
    await reader.read('a/ept', [far]);
    await warming.idle();
    const nodes = [...source.reads].filter(([path]) => path.includes('ept-data'));
    expect(nodes.length).toBeGreaterThan(1);
    expect(nodes.filter(([, times]) => times !== 1)).toEqual([]);
    await reader.close();
  });
});

describe('POST /v1/prefetch', () => {
  let one: CloudApp;
  let warming: Prefetcher;

  beforeAll(async () => {
    const made = await cloudApp();
    warming = new Prefetcher({ reader: new LocalClouds(made.reader), log: silentLog });
    one = {
      ...(await cloudApp({ reader: made.reader, prefetcher: warming })),
      reader: made.reader,
      source: made.source,
    };
  });
  afterAll(() => one.reader.close());

  const post = async (body: unknown) =>
    one.app.request('/v1/prefetch', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  it('is 202, and the region is warm once it is done', async () => {
    const response = await post({ clouds: ['a/ept'], region: { type: 'click', position: [32, 32, 32] } });
    expect([response.status, await response.json()]).toEqual([202, { accepted: 1 }]);
    await warming.idle();
    const region = { type: 'sphere', center: [32, 32, 32], radius: 15 } as const;
    const { cost } = await one.reader.read('a/ept', [region]);
    expect(cost.nodes).toBeGreaterThan(0);
    expect(cost.memory).toBe(cost.nodes);
  });

  it('without a region warms the root; a cloud that is not there is no error of the caller', async () => {
    expect((await post({ clouds: ['nowhere', 'a/ept'] })).status).toBe(202);
    await warming.idle();
  });

  it('refuses ids that are none', async () => {
    await expectProblem(await post({ clouds: ['../x'] }), 400, 'invalid_request');
    await expectProblem(await post({ clouds: [] }), 400, 'invalid_request');
  });
});
