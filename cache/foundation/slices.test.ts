import { describe, expect, test } from 'vitest';
import { atOnce, inSlices, type Sliced } from './slices.ts';

function* counting(steps: number, onStep: (step: number) => void): Sliced<number> {
  for (let step = 1; step <= steps; step++) {
    onStep(step);
    yield;
  }
  return steps;
}

describe('work in slices', () => {
  test('comes to the same result at once and in slices', async () => {
    expect(atOnce(counting(10, () => {}))).toBe(10);
    expect(
      await inSlices(
        counting(10, () => {}),
        { sliceMs: 0 },
      ),
    ).toBe(10);
  });

  test('lets other work of the thread run between two slices', async () => {
    const order: string[] = [];
    const slices = inSlices(
      counting(3, (step) => order.push(`step ${step}`)),
      { sliceMs: 0 },
    );
    const others = (async () => {
      for (let turn = 1; turn <= 3; turn++) {
        await new Promise((resolve) => setImmediate(resolve));
        order.push(`turn ${turn}`);
      }
    })();
    await Promise.all([slices, others]);
    expect(order.indexOf('turn 1')).toBeLessThan(order.indexOf('step 3'));
  });

  test('takes turns with other sliced work: one slice in a turn of the event loop', async () => {
    let slicesInThisTurn = 0;
    let most = 0;
    const count = () => {
      slicesInThisTurn += 1;
      most = Math.max(most, slicesInThisTurn);
    };
    const all = Promise.all([1, 2, 3, 4].map(() => inSlices(counting(5, count), { sliceMs: 0 })));
    let isOver = false;
    const watch = (async () => {
      while (!isOver) {
        await new Promise((resolve) => setImmediate(resolve));
        slicesInThisTurn = 0;
      }
    })();
    await all;
    isOver = true;
    await watch;
    expect(most).toBeLessThanOrEqual(2);
  });

  test('ends with the reason of the signal, and frees what the work holds', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    let isFreed = false;
    function* endless(): Sliced<never> {
      try {
        for (let step = 0; ; step++) {
          if (step === 2) controller.abort(reason);
          yield;
        }
      } finally {
        isFreed = true;
      }
    }
    await expect(inSlices(endless(), { signal: controller.signal, sliceMs: 0 })).rejects.toBe(reason);
    expect(isFreed).toBe(true);
  });

  test('does not begin under a signal that has aborted', async () => {
    let steps = 0;
    const signal = AbortSignal.abort(new Error('gone'));
    await expect(
      inSlices(
        counting(1, () => steps++),
        { signal },
      ),
    ).rejects.toThrow('gone');
    expect(steps).toBe(0);
  });

  test('passes on what the work throws', async () => {
    // biome-ignore lint/correctness/useYield: it fails before its first step.
    function* failing(): Sliced<void> {
      throw new Error('broken');
    }
    await expect(inSlices(failing())).rejects.toThrow('broken');
    expect(() => atOnce(failing())).toThrow('broken');
  });
});
