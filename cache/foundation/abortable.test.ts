import { describe, expect, it, vi } from 'vitest';
import { abortable } from './abortable.ts';

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
