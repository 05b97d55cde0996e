/**
 * What a day's clicks on a sequence take from the origin: through the real server with its cache, through the
 * same server with the cache off, and if every click fetched its whole cloud. Bytes are counted at the
 * origin.
 *
 *   npx tsx bench/caching/day-of-clicks.ts [--frames FOLDER] [--annotators 2] [--again 0.25] [--review 0.2] \
 *     [--json]
 *
 * FOLDER holds labelled frames (`index.json`); the built-in demo if left out. Every object with 20 points or
 * more is clicked in every frame that shows it, object by object through the sequence, by annotators who
 * share the objects; a part of the clicks is repeated close by, and a part of the boxes clicked once more in
 * a review.
 */

import { parseArgs } from 'node:util';
import { parseServeConfig } from '../../app/config/index.ts';
import { silentLog } from '../../app/observability/index.ts';
import { startServer } from '../../app/server/index.ts';
import { mulberry32 } from '../../cache/foundation/index.ts';
import { type LabelledSequence, labelledSequence, machineLine } from '../kit/index.ts';

export interface DayOptions {
  readonly annotators: number;
  /** Share of clicks that are followed by one close by. */
  readonly again: number;
  /** Share of the boxes that are clicked once more in the review. */
  readonly review: number;
}

interface DayClick {
  readonly cloud: string;
  readonly cloudBytes: number;
  readonly position: readonly [number, number, number];
}

export interface Day {
  readonly clouds: number;
  readonly clicks: number;
  /** Bytes from the origin per click. */
  readonly cached: number;
  readonly uncached: number;
  readonly wholeCloud: number;
  /** Requests to the origin per click, with the cache. */
  readonly requests: number;
}

/** The clicks of each annotator, in order; then those of the review. */
function dayOf({ clouds }: LabelledSequence, { annotators, again, review }: DayOptions): DayClick[][] {
  const random = mulberry32(1);
  const visits = new Map<string, DayClick[]>();
  for (const { id, bytes, objects } of clouds)
    for (const object of objects) {
      const click = { cloud: id, cloudBytes: bytes, position: object.position };
      visits.set(object.id, [...(visits.get(object.id) ?? []), click]);
    }
  const desks: DayClick[][] = Array.from({ length: annotators }, () => []);
  [...visits.values()].forEach((clicks, i) => {
    const desk = desks[i % annotators]!;
    for (const click of clicks) {
      desk.push(click);
      const [x, y, z] = click.position;
      if (random() < again) desk.push({ ...click, position: [x + 0.3, y, z] });
    }
  });
  return [...desks, [...visits.values()].flat().filter(() => random() < review)];
}

/** Does the day's clicks at a server over `sequence`, and counts what the origin sends meanwhile. */
async function clickAll(
  { origin }: LabelledSequence,
  desks: readonly (readonly DayClick[])[],
  options: Record<string, string>,
): Promise<{ bytes: number; requests: number }> {
  // One shard: on a busy machine a cloud moves on to a second one, which reads it again; what is measured
  // here is the cache.
  const waits = {
    shards: '1',
    port: '0',
    timeoutMs: '60000',
    maxTimeoutMs: '60000',
    storageTimeoutMs: '60000',
  };
  const server = await startServer(
    parseServeConfig({ clouds: origin.base, ...waits, ...options }),
    silentLog,
  );
  const before = { bytes: origin.sentBytes, requests: origin.requests.length };
  const ask = async ({ cloud, position }: DayClick) => {
    const response = await fetch(`${server.url}/v1/predictions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ cloud, region: { type: 'click', position } }),
    });
    const text = await response.text();
    // 422: where the object has no point within a click's reach of its centre there is no box, but it was
    // looked for.
    if (response.status !== 200 && response.status !== 422) throw new Error(`${response.status} ${text}`);
  };
  const work = async (clicks: readonly DayClick[]) => {
    for (const click of clicks) await ask(click);
  };
  try {
    const review = desks.at(-1)!;
    await Promise.all(desks.slice(0, -1).map(work));
    await work(review);
  } finally {
    await server.close();
  }
  return { bytes: origin.sentBytes - before.bytes, requests: origin.requests.length - before.requests };
}

export async function dayOfClicks(sequence: LabelledSequence, options: DayOptions): Promise<Day> {
  const desks = dayOf(sequence, options);
  const all = desks.flat();
  const cached = await clickAll(sequence, desks, {});
  const uncached = await clickAll(sequence, desks, { memoryBytes: '0' });
  return {
    clouds: sequence.clouds.length,
    clicks: all.length,
    cached: cached.bytes / all.length,
    uncached: uncached.bytes / all.length,
    wholeCloud: all.reduce((sum, { cloudBytes }) => sum + cloudBytes, 0) / all.length,
    requests: cached.requests / all.length,
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      frames: { type: 'string' },
      annotators: { type: 'string', default: '2' },
      again: { type: 'string', default: '0.25' },
      review: { type: 'string', default: '0.2' },
      json: { type: 'boolean', default: false },
    },
  });
  const options = {
    annotators: Number(values.annotators),
    again: Number(values.again),
    review: Number(values.review),
  };
  const sequence = await labelledSequence(values.frames);
  try {
    const day = await dayOfClicks(sequence, options);
    if (values.json) {
      console.log(JSON.stringify({ machine: machineLine(), options, ...day }));
      return;
    }
    const kib = (bytes: number) => `${(bytes / 1024).toFixed(1)} KiB`;
    console.log(machineLine());
    console.log(
      `${day.clicks} clicks on ${day.clouds} clouds, ${(day.clicks / day.clouds).toFixed(0)} a cloud`,
    );
    console.log(
      `with the cache      ${kib(day.cached)} from the origin per click, ${day.requests.toFixed(1)} requests`,
    );
    console.log(
      `with the cache off  ${kib(day.uncached)}: ${(day.uncached / day.cached).toFixed(1)} times as much`,
    );
    console.log(
      `by whole clouds     ${kib(day.wholeCloud)}: ${(day.wholeCloud / day.cached).toFixed(1)} times as much`,
    );
  } finally {
    await sequence.close();
  }
}

if (import.meta.url === `file://${process.argv[1]}`) await main();
