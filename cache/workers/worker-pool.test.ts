import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { LOOKS } from '../pulse/index.ts';
import type { TestJob } from './testing/index.ts';
import { WorkerPool, type WorkerPoolOptions } from './worker-pool.ts';

const pools: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close();
});

function poolOf(options: Partial<WorkerPoolOptions> = {}): WorkerPool<TestJob, unknown> {
  const entry = new URL('./testing/pool-worker.ts', import.meta.url);
  const pool = new WorkerPool<TestJob, unknown>({ name: 'test', entry, restartDelayMs: 0, ...options });
  pools.push(pool);
  return pool;
}

/** A job that holds its worker until `open()`. */
function gate(value: unknown = 'opened') {
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const open = () => {
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
  };
  return { job: { do: 'wait', gate: flag, value } satisfies TestJob, open };
}

const echo = (value: unknown): TestJob => ({ do: 'echo', value });

describe('WorkerPool', () => {
  test('answers jobs in order, transfers both ways, hands its data to the workers', async () => {
    const pool = poolOf({ workerData: { hello: [1, 2] } });
    expect(await Promise.all([1, 2, 3].map((value) => pool.run(echo(value))))).toEqual([1, 2, 3]);
    expect(await pool.run({ do: 'data' })).toEqual({ hello: [1, 2] });
    const values = Float32Array.of(1, 2, 3);
    const doubled = pool.run({ do: 'double', values }, { transfer: [values.buffer] });
    expect(await doubled).toEqual(Float32Array.of(2, 4, 6));
    expect(values.byteLength).toBe(0);
    expect(pool.stats()).toMatchObject({
      workers: 1,
      ready: 1,
      queued: 0,
      running: 0,
      finished: 5,
      deaths: 0,
    });
    expect(pool.stats().serviceMs).toBeGreaterThan(0);
  });

  test('works side by side with as many workers as it has', async () => {
    const pool = poolOf({ workers: 2 });
    await pool.ready();
    expect(pool.stats().ready).toBe(2);
    const [a, b] = [gate('a'), gate('b')];
    const first = pool.run(a.job);
    const second = pool.run(b.job);
    expect(pool.stats()).toMatchObject({ running: 2, queued: 0 });
    b.open();
    expect(await second).toBe('b');
    expect(pool.stats().running).toBe(1);
    a.open();
    expect(await first).toBe('a');
  });

  test('keeps the code of a foreseen error; any other is internal', async () => {
    const pool = poolOf();
    await expect(pool.run({ do: 'fail', code: 'corrupt_tile' })).rejects.toMatchObject({
      code: 'corrupt_tile',
      message: 'foreseen',
    });
    await expect(pool.run({ do: 'fail', code: null })).rejects.toMatchObject({
      code: 'internal',
      message: 'not foreseen',
    });
    await expect(pool.run({ do: 'throw number' })).rejects.toMatchObject({
      code: 'internal',
      message: 'thrown: 1234567',
    });
    expect(await pool.run(echo('alive'))).toBe('alive');
  });

  test('refuses one job more than may wait', async () => {
    const pool = poolOf({ maxQueue: 2 });
    await pool.ready();
    const held = gate();
    const running = pool.run(held.job);
    const waiting = [pool.run(echo(1)), pool.run(echo(2))];
    await expect(pool.run(echo(3))).rejects.toMatchObject({ code: 'overloaded', retryAfterSeconds: 1 });
    held.open();
    expect(await Promise.all([running, ...waiting])).toEqual(['opened', 1, 2]);
  });

  test('a waiting job can be called off; a running one runs on, and its result is dropped', async () => {
    const pool = poolOf();
    await pool.ready();
    const held = gate();
    const controller = new AbortController();
    const reason = new Error('client left');
    const running = pool.run(held.job, { signal: controller.signal });
    const waiting = pool.run({ do: 'exit' }, { signal: controller.signal });
    const staying = pool.run(echo('stays'));
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(pool.stats()).toMatchObject({ running: 1, queued: 1 });
    held.open();
    expect(await staying).toBe('stays');
    expect(pool.stats()).toMatchObject({ deaths: 0, finished: 2 });
    await expect(pool.run(echo(1), { signal: controller.signal })).rejects.toBe(reason);
  });

  test('a deadline is kept while the worker is still busy with another job', async () => {
    const pool = poolOf();
    await pool.ready();
    const held = gate();
    const running = pool.run(held.job);
    const late = pool.run({ do: 'exit' }, { deadline: performance.now() + 5 });
    await expect(late).rejects.toMatchObject({ code: 'deadline_exceeded' });
    expect(pool.stats()).toMatchObject({ running: 1, queued: 0 });
    held.open();
    expect(await running).toBe('opened');
    const runningLate = gate();
    await expect(pool.run(runningLate.job, { deadline: performance.now() + 5 })).rejects.toMatchObject({
      code: 'deadline_exceeded',
    });
    runningLate.open();
    expect(await pool.run(echo('next'), { deadline: performance.now() + 1e12 })).toBe('next');
  });

  test.each(['exit', 'uncaught'] as const)(
    'a worker that dies (%s) fails its job and is replaced',
    async (how) => {
      const pool = poolOf();
      const dying = pool.run({ do: how });
      const next = pool.run(echo('next'));
      await expect(dying).rejects.toMatchObject({
        code: 'internal',
        message: expect.stringContaining('the test worker died'),
      });
      expect(await next).toBe('next');
      expect(pool.stats()).toMatchObject({ deaths: 1, ready: 1 });
    },
  );

  test('a worker that loops for ever is ended: its job is refused, and the next one is answered', async () => {
    const pool = poolOf();
    const begun = new Int32Array(new SharedArrayBuffer(4));
    const looping = pool.run({ do: 'loop', begun });
    const next = pool.run(echo('next'));
    const refused = expect(looping).rejects.toMatchObject({ code: 'overloaded', retryAfterSeconds: 1 });
    await vi.waitFor(() => expect(Atomics.load(begun, 0)).toBe(1), { timeout: 90_000 });
    for (let k = 0; k < LOOKS; k++) pool.look();
    expect(pool.stats().deaths).toBe(0);
    pool.look();
    await refused;
    expect(await next).toBe('next');
    expect(pool.stats()).toMatchObject({ deaths: 1, ready: 1 });
  });

  test('a worker that waits for jobs is not ended', async () => {
    const pool = poolOf();
    await pool.ready();
    for (let k = 0; k < 10 * LOOKS; k++) pool.look();
    expect(await pool.run(echo('still there'))).toBe('still there');
    expect(pool.stats().deaths).toBe(0);
  });

  test('workers that die at their start end in an error, and a pool that recovers serves again', async () => {
    const dieAtStart = new Int32Array(new SharedArrayBuffer(4));
    dieAtStart[0] = 4;
    const pool = poolOf({ workerData: { dieAtStart }, maxDeathsInARow: 3 });
    const failed = { code: 'internal', message: expect.stringContaining('keep dying') };
    await expect(Promise.all([pool.ready(), pool.run(echo(1))])).rejects.toMatchObject(failed);
    await expect(pool.run(echo(2))).rejects.toMatchObject(failed);
    let last: unknown = null;
    while (last !== 'recovered') {
      last = await pool.run(echo('recovered')).catch(() => new Promise((resolve) => setImmediate(resolve)));
    }
    expect(pool.stats().deaths).toBe(4);
  });

  test('a module that cannot be loaded is such an error', async () => {
    const pool = poolOf({
      entry: new URL('./testing/no-such-worker.ts', import.meta.url),
      maxDeathsInARow: 2,
    });
    await expect(pool.ready()).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('no-such-worker'),
    });
  });

  test('a job that cannot be sent fails alone', async () => {
    const pool = poolOf();
    await expect(pool.run(echo(() => 'a function'))).rejects.toThrow(/could not be cloned/);
    expect(await pool.run(echo(1))).toBe(1);
  });

  test('close() lets what runs come to its end, and refuses the rest', async () => {
    const pool = poolOf();
    await pool.ready();
    const held = gate();
    const running = pool.run(held.job);
    const waiting = pool.run(echo('waits'));
    const closing = pool.close();
    await expect(waiting).rejects.toMatchObject({ code: 'overloaded' });
    await expect(pool.run(echo('late'))).rejects.toMatchObject({ code: 'overloaded' });
    await expect(pool.ready()).rejects.toMatchObject({ code: 'overloaded' });
    expect(pool.stats().running).toBe(1);
    held.open();
    expect(await running).toBe('opened');
    await closing;
    expect(pool.stats().ready).toBe(0);
  });

  test('close() waits for a worker in the middle of its start', async () => {
    const pool = poolOf();
    const ready = pool.ready();
    const closing = pool.close();
    await expect(ready).rejects.toMatchObject({ code: 'overloaded' });
    await closing;
    expect(pool.stats().ready).toBe(0);
  });

  test('idle workers do not keep the process alive', async () => {
    const { fork } = await import('node:child_process');
    const script = new URL('./testing/pool-process.mjs', import.meta.url);
    const child = fork(script, { execArgv: [] });
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
  });

  test.each([
    { workers: 0 },
    { workers: 1.5 },
    { maxQueue: 0 },
    { maxDeathsInARow: 0 },
    { restartDelayMs: -1 },
  ])('refuses the options %j', (options) => {
    expect(() => poolOf(options)).toThrow(`\`${Object.keys(options)[0]}\``);
  });
});
