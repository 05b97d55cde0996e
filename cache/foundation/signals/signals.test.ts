import { getEventListeners } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { abortable, linked, linkedSignal, whenAborted } from './signals.ts';

describe('whenAborted', () => {
  it('tells the reason once, at once where the signal has aborted', () => {
    const controller = new AbortController();
    const leave = vi.fn();
    whenAborted(controller.signal, leave);
    expect(leave).not.toHaveBeenCalled();
    controller.abort('gone');
    expect(leave).toHaveBeenCalledExactlyOnceWith('gone');
    whenAborted(controller.signal, leave);
    expect(leave).toHaveBeenCalledTimes(2);
    whenAborted(null, leave)();
    expect(leave).toHaveBeenCalledTimes(2);
  });

  it('leaves no listener behind when it is ended', () => {
    const controller = new AbortController();
    const leave = vi.fn();
    whenAborted(controller.signal, leave)();
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    controller.abort();
    expect(leave).not.toHaveBeenCalled();
  });
});

describe('abortable', () => {
  it('gives what the work gives, and asks the signal for no more', async () => {
    const { signal } = new AbortController();
    const remove = vi.spyOn(signal, 'removeEventListener');
    await expect(abortable(Promise.resolve(3), signal)).resolves.toBe(3);
    await expect(abortable(Promise.reject(new Error('no')), signal)).rejects.toThrow('no');
    expect(remove).toHaveBeenCalledTimes(2);
    await expect(abortable(Promise.resolve(4), undefined)).resolves.toBe(4);
  });

  it('leaves when the signal aborts, and throws away what comes later', async () => {
    const controller = new AbortController();
    let resolve: (value: string) => void = () => {};
    const promise = new Promise<string>((done) => {
      resolve = done;
    });
    const onAbort = vi.fn();
    const discard = vi.fn();
    const waiting = abortable(promise, controller.signal, { onAbort, discard });
    controller.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    expect(onAbort).toHaveBeenCalledOnce();
    expect(discard).not.toHaveBeenCalled();
    resolve('late');
    await promise;
    expect(discard).toHaveBeenCalledExactlyOnceWith('late');
  });

  it('leaves at once where the signal has aborted already, and a failure goes unheard', async () => {
    const failing = Promise.reject(new Error('unheard'));
    await expect(abortable(failing, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  });
});

describe('a linked signal', () => {
  it('takes any number of listeners, and lets go of its caller when closed', () => {
    const warnings = vi.spyOn(process, 'emitWarning');
    const outer = new AbortController();
    const listening = vi.spyOn(outer.signal, 'removeEventListener');
    const { signal, close } = linkedSignal(outer.signal);
    for (let k = 0; k < 50; k++) signal.addEventListener('abort', () => {});
    expect(warnings).not.toHaveBeenCalled();
    close();
    expect(listening).toHaveBeenCalledTimes(1);
    outer.abort();
    expect(signal.aborted).toBe(false);
  });

  it('loses its time limit alone, if told so', () => {
    vi.useFakeTimers();
    const caller = new AbortController();
    const { signal, untimed } = linkedSignal(caller.signal, { afterMs: 10 });
    untimed();
    vi.advanceTimersByTime(20);
    expect(signal.aborted).toBe(false);
    caller.abort(new Error('gone'));
    expect(signal.reason).toEqual(new Error('gone'));
    vi.useRealTimers();
  });

  it('gives a reason of its own for its caller, if told so', () => {
    const caller = new AbortController();
    const left = new Error('left');
    const { signal } = linkedSignal(caller.signal, { callersReason: () => left });
    caller.abort(new Error('of the caller'));
    expect(signal.reason).toBe(left);
    expect(linkedSignal(caller.signal, { callersReason: () => left }).signal.reason).toBe(left);
  });

  it('has aborted if its caller has, and never by itself after more time than a timer takes', () => {
    vi.useFakeTimers();
    const gone = AbortSignal.abort(new Error('gone'));
    expect(linkedSignal(gone).signal.reason).toBe(gone.reason);
    const { signal } = linkedSignal(undefined, { afterMs: Number.POSITIVE_INFINITY });
    vi.advanceTimersByTime(1e9);
    expect(signal.aborted).toBe(false);
    vi.useRealTimers();
  });
});

describe('linked work', () => {
  it('is aborted with its caller, for the same reason, and leaves no listener behind', async () => {
    const outer = new AbortController();
    const reason = new Error('gone');
    const work = linked(outer.signal, (signal) => abortable(new Promise(() => {}), signal));
    outer.abort(reason);
    await expect(work).rejects.toBe(reason);
    await expect(linked(outer.signal, async () => 1)).rejects.toBe(reason);
    const other = new AbortController();
    await linked(other.signal, async () => 1);
    expect(getEventListeners(other.signal, 'abort')).toEqual([]);
  });

  it('is aborted at its limit, for the reason given', async () => {
    const options = { afterMs: 1, reason: () => new Error('late') };
    await expect(
      linked(undefined, (signal) => abortable(new Promise(() => {}), signal), options),
    ).rejects.toThrow('late');
  });

  it('aborts its parts when it fails and, if told so, when it ends well', async () => {
    const parts: AbortSignal[] = [];
    const work = async (signal: AbortSignal) => {
      parts.push(signal);
    };
    const failing = async (signal: AbortSignal) => {
      await work(signal);
      throw new Error('failed');
    };
    await expect(linked(undefined, failing)).rejects.toThrow('failed');
    await linked(undefined, work);
    await linked(undefined, work, { endsParts: true });
    expect(parts.map(({ aborted }) => aborted)).toEqual([true, false, true]);
  });
});
