import { describe, expect, it, vi } from 'vitest';
import { startWorker } from '../workers/index.ts';
import { LOOKS, PulseWatch } from './pulse-watch.ts';
import { ThreadPulse } from './thread-pulse.ts';

function watched() {
  const memory = ThreadPulse.allocate();
  const pulse = new ThreadPulse(memory);
  const watch = new PulseWatch(new ThreadPulse(memory));
  /** What so many looks in a row say. */
  const look = (times: number) => Array.from({ length: times }, () => watch.look());
  return { pulse, look };
}

const never = (times: number) => Array.from({ length: times }, () => false);

describe('a pulse that is watched', () => {
  it('hangs once it stood still for so many looks in a row, and that is said once', () => {
    const { pulse, look } = watched();
    pulse.beat();
    expect(look(1 + LOOKS)).toEqual([...never(LOOKS), true]);
    expect(look(3 * LOOKS)).toEqual(never(3 * LOOKS));
  });

  it('does not hang while it beats, however seldom', () => {
    const { pulse, look } = watched();
    for (let round = 0; round < 20; round++) {
      pulse.beat();
      expect(look(LOOKS)).toEqual(never(LOOKS));
    }
  });

  it('does not hang before its first beat: its modules are being loaded', () => {
    const { pulse, look } = watched();
    expect(look(10 * LOOKS)).toEqual(never(10 * LOOKS));
    pulse.beat();
    expect(look(1 + LOOKS).at(-1)).toBe(true);
  });

  it('does not hang in native code; the count begins anew after it', () => {
    const { pulse, look } = watched();
    pulse.beat();
    look(LOOKS - 1);
    pulse.enterNative();
    pulse.enterNative();
    expect(look(10 * LOOKS)).toEqual(never(10 * LOOKS));
    pulse.leaveNative();
    expect(look(LOOKS)).toEqual(never(LOOKS));
    pulse.leaveNative();
    expect(look(LOOKS)).toEqual([...never(LOOKS - 1), true]);
  });

  it('is condemned only where it is not in native code, and once', () => {
    const pulse = new ThreadPulse(ThreadPulse.allocate());
    pulse.enterNative();
    expect(pulse.condemn()).toBe(false);
    pulse.leaveNative();
    expect([pulse.condemn(), pulse.condemn()]).toEqual([true, false]);
  });
});

describe('a thread that waits for messages', () => {
  it('beats', async () => {
    const memory = ThreadPulse.allocate();
    const pulse = new ThreadPulse(memory);
    const watch = new PulseWatch(pulse);
    const entry = new URL('./testing/idle-worker.ts', import.meta.url).href;
    const worker = startWorker('idle', { entry, data: null, pulse: memory });
    for (let round = 0; round < 5; round++) {
      const before = pulse.beats;
      await vi.waitFor(() => expect(pulse.beats).not.toBe(before), { timeout: 60_000 });
      for (let k = 0; k < LOOKS; k++) expect(watch.look()).toBe(false);
    }
    await worker.terminate();
  });
});
