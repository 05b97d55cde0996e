/** Shards that hang, with real threads. The test looks at them itself: no clock decides. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { LOOKS } from '../../cache/pulse/index.ts';
import { DEFAULT_QUESTION } from '../../inference/index.ts';
import { parseServeConfig } from '../config/index.ts';
import { findModels } from '../models/index.ts';
import { silentLog } from '../observability/index.ts';
import { CAR, streetCloud } from '../testing/index.ts';
import { Shard } from './shard.ts';
import { BEGUN, GATE, HANGING_SHARD } from './testing/index.ts';

let cloud: Awaited<ReturnType<typeof streetCloud>>;
let shard: Shard;
let isOpen = false;
let errors: string[];

beforeAll(async () => {
  cloud = await streetCloud();
  return () => cloud.remove();
});
afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  if (isOpen) await shard.close(10_000);
});

/** A real shard of the street, warm, that can be made to hang. */
async function openShard(): Promise<void> {
  errors = [];
  const config = parseServeConfig({ clouds: cloud.root, shards: 1 });
  shard = new Shard({
    index: 0,
    config,
    modelFolders: findModels(config).folders,
    log: { ...silentLog, error: (message) => errors.push(message) },
    onStorageCall: () => {},
    entry: HANGING_SHARD,
  });
  isOpen = true;
  await shard.ready();
}

const click = () => {
  const region = { type: 'click', position: CAR.center };
  const question = { ...DEFAULT_QUESTION, cloud: 'street', region };
  return shard.call('predict', [question], { deadline: performance.now() + 600_000 });
};

const look = (times: number) => {
  for (let k = 0; k < times; k++) shard.look();
};

const cells = () => new Int32Array(new SharedArrayBuffer(8));
const begun = (of: Int32Array) =>
  vi.waitFor(() => expect(Atomics.load(of, BEGUN)).toBe(1), { timeout: 60_000 });

describe('a shard that loops for ever', () => {
  it('is replaced: what waited for it is refused at once, and the next click is answered', async () => {
    await openShard();
    expect((await click()).error).toBeNull();
    const hang = cells();
    const looping = shard.call('loop', [hang]);
    const refused = expect(looping).rejects.toMatchObject({ code: 'overloaded', retryAfterSeconds: 1 });
    await begun(hang);
    const waiting = expect(click()).rejects.toMatchObject({ code: 'overloaded', retryAfterSeconds: 1 });
    look(1 + LOOKS);
    expect(shard.fates).toEqual({ deaths: 1, hung: 1, replaced: 0 });
    await refused;
    await waiting;
    expect(errors).toEqual(['a shard hung']);
    // Any other shard is the better place until the new thread is warm.
    expect(shard.load.waitMs).toBe(Number.POSITIVE_INFINITY);
    await vi.waitFor(() => expect(shard.fates.replaced).toBe(1), { timeout: 60_000 });
    const { value } = await click();
    expect(value).toMatchObject({ method: 'model', class: 'car' });
    expect(shard.fates).toEqual({ deaths: 1, hung: 1, replaced: 1 });
    expect(shard.load.waitMs).toBeLessThan(Number.POSITIVE_INFINITY);
  });
});

describe('a shard in native code', () => {
  it('is left alone, however long that takes', async () => {
    await openShard();
    const long = cells();
    // Nothing answers this call but the end of the thread.
    const running = shard.call('native', [long]);
    running.catch(() => {});
    await begun(long);
    look(100 * LOOKS);
    Atomics.store(long, GATE, 1);
    Atomics.notify(long, GATE);
    expect((await click()).error).toBeNull();
    expect(shard.fates).toEqual({ deaths: 0, hung: 0, replaced: 0 });
  });

  it('is not torn down when the server ends', async () => {
    await openShard();
    const long = cells();
    shard.call('native', [long]).catch(() => {});
    await begun(long);
    expect(await shard.close(1)).toBe(false);
    Atomics.store(long, GATE, 1);
    Atomics.notify(long, GATE);
  });
});

describe('a shard whose thread ends late', () => {
  it('may take for that what is left of the bound', async () => {
    await openShard();
    const folder = mkdtempSync(path.join(tmpdir(), 'nearbox-shard-'));
    const pipe = path.join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    shard.call('open', [pipe]).catch(() => {});
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const terminate = vi.spyOn(Worker.prototype, 'terminate');
    const hasEnded = shard.close(60_000);
    await vi.waitFor(() => expect(terminate).toHaveBeenCalled(), { timeout: 60_000 });
    await vi.advanceTimersByTimeAsync(5000);
    // To read and write, which never blocks: where the pool of threads had not begun to open the pipe when
    // the thread was ended, nobody reads it any more.
    closeSync(openSync(pipe, 'r+'));
    expect(await hasEnded).toBe(true);
    isOpen = false;
    rmSync(folder, { recursive: true });
  });
});
