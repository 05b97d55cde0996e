import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pageAnswer } from '../testing/index.ts';
import { ApiClient } from './client.ts';
import type { PageLabels } from './types.ts';

describe('calls of the server', () => {
  let reachable: boolean[];
  const clientOf = (call: typeof fetch) =>
    new ApiClient({
      askForKey: async () => null,
      onReachable: (isReachable) => reachable.push(isReachable),
      fetch: call,
    });

  beforeEach(() => {
    vi.useFakeTimers();
    reachable = [];
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** A server that takes the call and never answers. */
  const silent: typeof fetch = (_, init) =>
    new Promise((_resolve, reject) => {
      init!.signal!.addEventListener('abort', () => reject(init!.signal!.reason as Error));
    });

  it('that nobody answers are an outage after a while', async () => {
    const asked = expect(clientOf(silent).cloud('a')).rejects.toMatchObject({
      code: 'unreachable',
      status: 0,
    });
    await vi.advanceTimersByTimeAsync(15_000);
    await asked;
    expect(reachable).toEqual([false]);
  });

  it('tell the versions of clouds, whichever answer has one', async () => {
    const told: string[][] = [];
    const client = new ApiClient({
      askForKey: async () => null,
      onVersion: (...of) => told.push(of),
      fetch: async (url) =>
        Response.json(
          url === '/v1/predictions'
            ? pageAnswer({ cloud: { id: 's/3', version: 'v3' } })
            : { version: String(url).startsWith('/points/') ? 'v1' : 'v2', timestamp: 3 },
        ),
    });
    await client.cloud('s/1');
    expect(await client.framePlace('s/2')).toEqual({ timestamp: 3, pose: null });
    await client.predict({ cloud: 's/3', region: { type: 'click', position: [1, 2, 3] } });
    expect(told).toEqual([
      ['s/1', 'v1'],
      ['s/2', 'v2'],
      ['s/3', 'v3'],
    ]);
  });

  it('that the caller gives up reject with the caller’s reason, and are no outage', async () => {
    const controller = new AbortController();
    const asked = expect(clientOf(silent).cloud('a', controller.signal)).rejects.toBe('enough');
    controller.abort('enough');
    await asked;
    expect(reachable).toEqual([]);
  });

  it('whose answers are cut off may be made again', async () => {
    const cut = new ReadableStream({
      pull(controller) {
        controller.error(new TypeError('network error'));
      },
    });
    const client = clientOf(async () => new Response(cut, { headers: { etag: '"1"' } }));
    const problem = { code: 'cut_off', status: 0 };
    await expect(client.node('a', 'v', '0-0-0-0')).rejects.toMatchObject(problem);
  });

  it('name their cloud in a header, and prefetch each cloud by itself', async () => {
    const named: (string | null)[] = [];
    const client = clientOf(async (_, init) => {
      named.push(new Headers(init!.headers).get('nearbox-cloud'));
      return new Response('{}');
    });
    await client.prefetch(['a/1', 'a/ü 2']);
    expect(named).toEqual(['a/1', 'a/%C3%BC%202']);
  });

  it('are read to their end, those as well whose answers say nothing', async () => {
    const answers: Response[] = [];
    const client = clientOf(async () => {
      answers.push(new Response('{}', { headers: { etag: '"1"' } }));
      return answers.at(-1)!;
    });
    await client.prefetch(['a/1']);
    await client.feedback([]);
    await client.alive();
    await client.putLabels('a/1', {} as PageLabels, null);
    expect(answers.map(({ bodyUsed }) => bodyUsed)).toEqual([true, true, true, true]);
  });

  it('have all the time they need once the answer has begun', async () => {
    let end: () => void = () => undefined;
    const slow = new ReadableStream({
      start(controller) {
        end = () => {
          controller.enqueue(new TextEncoder().encode('{"version":"v"}'));
          controller.close();
        };
      },
    });
    const asked = clientOf(async () => new Response(slow)).cloud('a');
    await vi.advanceTimersByTimeAsync(100_000);
    end();
    expect(await asked).toEqual({ version: 'v' });
  });
});
