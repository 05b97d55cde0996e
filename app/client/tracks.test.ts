import { describe, expect, it } from 'vitest';
import { NearboxClient, ProblemError, StreamCutOff, type TrackLine } from './client.ts';
import { jsonLines } from './json-lines.ts';

const ENCODER = new TextEncoder();
const DONE = { done: true };
const LOST = (frame: number) => ({ id: 'a', frame, lost: 'no_points', final: true });
const question = {
  frames: [{ cloud: 'a' }],
  keyframes: [{ frame: 0, box: { center: [0, 0, 0], size: [4, 2, 1.5], yaw: 0 } }],
} as Parameters<NearboxClient['track']>[0];

/** A server that answers with these pieces of a body, one each time it is read; null: it waits. */
function server(pieces: readonly (string | null)[], status = 200) {
  const seen = { isCancelled: false, reads: 0, body: '' };
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const piece = pieces[seen.reads++];
        if (piece === undefined) controller.close();
        else if (piece === null) return new Promise(() => {});
        else controller.enqueue(ENCODER.encode(piece));
        return undefined;
      },
      cancel() {
        seen.isCancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  const client = new NearboxClient({
    base: 'http://nearbox.test',
    fetch: async (_url, init) => {
      seen.body = String(init.body);
      return new Response(stream, { status, headers: { 'content-type': 'application/x-ndjson' } });
    },
  });
  return { client, seen };
}

async function all(lines: AsyncIterable<TrackLine>): Promise<TrackLine[]> {
  const found: TrackLine[] = [];
  for await (const line of lines) found.push(line);
  return found;
}

const text = (...lines: object[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

describe('a track', () => {
  it('is a line at a time, wherever the bytes are cut', async () => {
    const whole = text(LOST(0), { ...LOST(1), detail: 'Straße' }, DONE);
    for (const size of [1, 7, 40, whole.length]) {
      const pieces = whole.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g'))!;
      const { client, seen } = server(pieces);
      expect(await all(client.track(question))).toEqual([LOST(0), { ...LOST(1), detail: 'Straße' }, DONE]);
      expect(JSON.parse(seen.body)).toEqual(question);
    }
  });

  it('is read no faster than its lines are taken', async () => {
    const { client, seen } = server([text(LOST(0)), text(LOST(1)), null]);
    const track = client.track(question);
    expect((await track.next()).value).toEqual(LOST(0));
    expect(seen.reads).toBe(1);
    await track.return(undefined);
  });

  it('that is left cancels the stream', async () => {
    const { client, seen } = server([text(LOST(0)), null]);
    for await (const line of client.track(question)) {
      expect(line).toEqual(LOST(0));
      break;
    }
    expect(seen.isCancelled).toBe(true);
  });

  it('that was cut off says so, after what came', async () => {
    const { client } = server([text(LOST(0)), '{"id":"a","fra']);
    const track = client.track(question);
    expect((await track.next()).value).toEqual(LOST(0));
    await expect(track.next()).rejects.toBeInstanceOf(StreamCutOff);
  });

  it('that is refused throws the problem', async () => {
    const problem = { code: 'invalid_request', detail: 'frames: too few', status: 400 };
    const client = new NearboxClient({
      base: 'http://nearbox.test',
      fetch: async () =>
        new Response(JSON.stringify(problem), {
          status: 400,
          headers: { 'content-type': 'application/problem+json' },
        }),
    });
    const refused = all(client.track(question));
    await expect(refused).rejects.toBeInstanceOf(ProblemError);
    await expect(refused).rejects.toMatchObject({ code: 'invalid_request', status: 400 });
  });
});

it('characters of several bytes come whole', async () => {
  const bytes = ENCODER.encode('"é"\n"ß"\n');
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  const found: unknown[] = [];
  for await (const value of jsonLines(stream)) found.push(value);
  expect(found).toEqual(['é', 'ß']);
});
