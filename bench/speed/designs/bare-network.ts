/**
 * What the passes of the network alone take for the same clicks: `session.run` on recorded inputs, and
 * nothing around it.
 */
import path from 'node:path';
import * as ort from 'onnxruntime-node';
import { parseServeConfig } from '../../../app/config/index.ts';
import { silentLog } from '../../../app/observability/index.ts';
import { openServices } from '../../../app/services/index.ts';
import { DEFAULT_QUESTION } from '../../../inference/index.ts';
import type { BenchFrame } from './frames.ts';

type Feeds = Parameters<ort.InferenceSession['run']>[0];

/** The class of all sessions; its type in the package is that of a factory alone. */
const SESSIONS = ort.InferenceSession as unknown as {
  readonly prototype: { run: (feeds: Feeds) => ReturnType<ort.InferenceSession['run']> };
};

/** A pass of a network as a click asked for it. */
export interface RecordedPass {
  readonly session: ort.InferenceSession;
  readonly feeds: Feeds;
}

interface AskedClick {
  readonly cloud: string;
  readonly at: BenchFrame['clicks'][number];
}

/** The passes of each click, and what closes their sessions. */
export async function recordPasses(
  root: string,
  clicks: readonly AskedClick[],
): Promise<{ readonly passes: readonly (readonly RecordedPass[])[]; close(): Promise<void> }> {
  const config = parseServeConfig({ clouds: path.resolve(root), shards: '0' });
  const services = await openServices(config, silentLog, { isInline: true });
  await services.warmUp();
  const recorded: RecordedPass[][] = [];
  const { run } = SESSIONS.prototype;
  SESSIONS.prototype.run = function (this: ort.InferenceSession, feeds: Feeds) {
    recorded.at(-1)?.push({ session: this, feeds: copied(feeds) });
    return run.call(this, feeds);
  } as typeof run;
  for (const { cloud, at } of clicks) {
    recorded.push([]);
    await services.predictor.predict({
      ...DEFAULT_QUESTION,
      cloud,
      region: { type: 'click', position: at },
      signal: new AbortController().signal,
      deadline: Number.POSITIVE_INFINITY,
    });
  }
  SESSIONS.prototype.run = run;
  return {
    passes: recorded,
    close: () => services.close(),
  };
}

/**
 * @returns for each click, the milliseconds of its runs of the network: of `rounds` rounds, the clicks in
 * turn.
 */
export async function bareNetworkMs(
  root: string,
  clicks: readonly AskedClick[],
  rounds: number,
): Promise<number[]> {
  const { passes, close } = await recordPasses(root, clicks);
  const ms: number[] = [];
  for (let round = 0; round < rounds; round++)
    for (const runs of passes) {
      const began = performance.now();
      for (const { session, feeds } of runs) await session.run(feeds);
      ms.push(performance.now() - began);
    }
  await close();
  return ms;
}

/** The buffers that a fit feeds are used again for its next pass. */
function copied(feeds: Feeds): Feeds {
  return Object.fromEntries(
    Object.entries(feeds as Record<string, ort.Tensor>).map(([name, { data, dims }]) => [
      name,
      new ort.Tensor('float32', (data as Float32Array).slice(), dims),
    ]),
  );
}
