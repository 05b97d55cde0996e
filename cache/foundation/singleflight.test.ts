import { describe, expect, test, vi } from 'vitest';
import { deferred, settled } from '../testing/index.ts';
import { Singleflight } from './singleflight.ts';

describe('Singleflight', () => {
  test('loads once for all who ask meanwhile, and again for who comes later', async () => {
    const flights = new Singleflight<string>();
    const held = deferred<string>();
    const load = vi.fn(() => held.promise);
    const callers = [flights.run('a', load), flights.run('a', load), flights.run('b', load)];
    await settled();
    callers.push(flights.run('a', load));
    held.resolve('value');
    expect(await Promise.all(callers)).toEqual(['value', 'value', 'value', 'value']);
    expect(load).toHaveBeenCalledTimes(2);
    expect(flights.size).toBe(0);
    await flights.run('a', load);
    expect(load).toHaveBeenCalledTimes(3);
  });

  test('shares a failure with those who wait, and keeps it for nobody else', async () => {
    const flights = new Singleflight<string>();
    const held = deferred<string>();
    const both = [flights.run('a', () => held.promise), flights.run('a', () => 'never called')];
    held.reject(new Error('broken'));
    for (const caller of both) await expect(caller).rejects.toThrow('broken');
    expect(await flights.run('a', () => 'well again')).toBe('well again');
  });

  test('a load that throws at once fails like any other', async () => {
    const flights = new Singleflight<string>();
    const failing = flights.run('a', () => {
      throw new Error('at once');
    });
    await expect(failing).rejects.toThrow('at once');
    expect(flights.size).toBe(0);
  });

  test('a caller that leaves harms nobody; the last one takes the load along', async () => {
    const flights = new Singleflight<string>();
    const held = deferred<string>();
    const first = new AbortController();
    const second = new AbortController();
    let flightSignal: AbortSignal | undefined;
    const load = (signal: AbortSignal) => {
      flightSignal = signal;
      return held.promise;
    };
    const a = flights.run('a', load, first.signal);
    const b = flights.run('a', load, second.signal);
    await settled();
    first.abort(new Error('first left'));
    await expect(a).rejects.toThrow('first left');
    expect(flightSignal?.aborted).toBe(false);
    second.abort(new Error('second left'));
    await expect(b).rejects.toThrow('second left');
    expect(flightSignal?.aborted).toBe(true);
    expect(flightSignal?.reason).toMatchObject({ message: 'second left' });
    // A newcomer gets a flight of its own, not the one that is going down.
    const c = flights.run('a', () => 'fresh');
    held.reject(new Error('aborted'));
    expect(await c).toBe('fresh');
  });

  test('the leader may leave while the others stay', async () => {
    const flights = new Singleflight<string>();
    const held = deferred<string>();
    const leader = new AbortController();
    const a = flights.run('a', () => held.promise, leader.signal);
    const b = flights.run('a', () => 'never called');
    await settled();
    leader.abort(new Error('left'));
    await expect(a).rejects.toThrow('left');
    held.resolve('value');
    expect(await b).toBe('value');
  });

  test('one who comes aborted does not start anything', async () => {
    const flights = new Singleflight<string>();
    const load = vi.fn(() => 'value');
    const reason = new Error('gone before');
    await expect(flights.run('a', load, AbortSignal.abort(reason))).rejects.toBe(reason);
    await settled();
    expect(load).not.toHaveBeenCalled();
  });

  test('a load whose callers left before it began is not begun', async () => {
    const flights = new Singleflight<string>();
    const load = vi.fn(() => 'value');
    const controller = new AbortController();
    const only = flights.run('a', load, controller.signal);
    controller.abort(new Error('left'));
    await expect(only).rejects.toThrow('left');
    await settled();
    expect(load).not.toHaveBeenCalled();
  });
});
