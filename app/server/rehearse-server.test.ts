/** What a server asks itself before it is ready: real shards, and a storage over HTTP that is counted. */
import { Pool } from 'undici';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ObjectServer } from '../../cache/testing/index.ts';
import { DEFAULT_QUESTION, FitEngine } from '../../inference/index.ts';
import { parseServeConfig } from '../config/index.ts';
import type { Log } from '../observability/index.ts';
import { silentLog } from '../observability/index.ts';
import { openDemoOrigin, REHEARSED_FRAME, REHEARSED_PLACES } from '../shards/index.ts';
import { ShardRehearsal } from '../shards/rehearsal/index.ts';
import { clicker, demoFiles, demoPlaces } from '../testing/index.ts';
import { startServer } from './server.ts';

type AnyAnswer = Awaited<ReturnType<Pool['request']>>;

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

describe('a server with shards', () => {
  it('has answered clicks of its own when it is ready, and nobody is told of them', async () => {
    const origin = await ObjectServer.start('/clouds');
    ends.push(() => origin.stop());
    for (const [name, bytes] of await demoFiles()) origin.put(name, bytes);
    const lines: string[] = [];
    const keep = (message: string) => void lines.push(message);
    const log: Log = { ...silentLog, info: keep, warn: keep, error: keep };
    const config = parseServeConfig({
      ...{ clouds: origin.base, port: '0', shards: '1' },
      // A slow machine need not be ready in five seconds: all clicks are to be seen.
      ...{ timeoutMs: '60000', maxTimeoutMs: '60000', rehearseMs: '60000' },
    });
    const asked = vi.spyOn(Pool.prototype, 'request');
    const server = await startServer(config, log);
    const answers = await Promise.all(asked.mock.results.map(({ value }) => value as Promise<AnyAnswer>));
    asked.mockRestore();
    ends.push(() => server.close());

    expect(origin.requests).toEqual([]);
    expect(lines).toEqual([]);
    const metrics = async () => (await fetch(`${server.url}/metrics`)).text();
    const predictions = /^nearbox_predictions_total\{[^}]*\} [1-9]/m;
    const storage = /^nearbox_storage_read_bytes_total [1-9]/m;
    for (const counter of [predictions, storage]) expect(await metrics()).not.toMatch(counter);
    expect(answers.length).toBe(40);
    expect(answers.every(({ statusCode }) => statusCode === 200)).toBe(true);

    const cost = await clicker(server.url)(demoPlaces(1)[0]!);
    expect(cost.origin).toBe(cost.nodes);
    for (const counter of [predictions, storage]) expect(await metrics()).toMatch(counter);
  });
});

describe('a server with --rehearse-ms 0', () => {
  it('asks nothing of itself', async () => {
    const asked = vi.spyOn(Pool.prototype, 'request');
    const server = await startServer(
      parseServeConfig({ port: '0', shards: '1', rehearseMs: '0' }),
      silentLog,
    );
    ends.push(() => server.close());
    expect(asked).not.toHaveBeenCalled();
    asked.mockRestore();
  });
});

describe('the storage of a rehearsal', () => {
  it('has the built-in frame under as many ids as are asked for, until it is closed', async () => {
    const demo = await openDemoOrigin();
    let isOpen = true;
    ends.push(async () => isOpen && demo.close());
    const engine = new FitEngine({ workers: 0 });
    ends.push(() => engine.close());
    const rehearsal = new ShardRehearsal(parseServeConfig({}), engine);
    ends.push(() => rehearsal.end());
    const ask = (cloud: string) =>
      rehearsal.predict(demo.url, {
        ...DEFAULT_QUESTION,
        cloud,
        region: { type: 'click', position: REHEARSED_PLACES[0]! },
        signal: new AbortController().signal,
        deadline: Number.POSITIVE_INFINITY,
      });
    const [first, again, other] = [
      await ask(`0/${REHEARSED_FRAME}`),
      await ask(`0/${REHEARSED_FRAME}`),
      await ask(`1/${REHEARSED_FRAME}`),
    ];
    expect(first).toMatchObject({ method: 'model', class: 'car' });
    expect([again.box, other.box]).toEqual([first.box, first.box]);
    expect([first, again, other].map(({ cost }) => cost.origin > 0)).toEqual([true, false, true]);
    await rehearsal.end();
    await demo.close();
    isOpen = false;
    await expect(fetch(demo.url)).rejects.toThrow();
  });
});
