import { describe, expect, it } from 'vitest';
import { deferred, HandClock, settled } from '../testing/index.ts';
import { type Race, race } from './race.ts';

/** A race of attempts that the test settles by hand. */
function setUp(signal?: AbortSignal) {
  const clock = new HandClock();
  const begun: { readonly call: ReturnType<typeof deferred<string>>; readonly signal: AbortSignal }[] = [];
  const errors: unknown[] = [];
  const ends: string[] = [];
  let steered!: Race<string>;
  const value = race<string>(
    clock,
    signal,
    (own) => {
      steered = own;
    },
    () => ends.push('end'),
  );
  const attempt = () =>
    steered.attempt(
      (own) => {
        const call = deferred<string>();
        begun.push({ call, signal: own });
        return call.promise;
      },
      (found) => steered.resolve(found),
      (error) => errors.push(error),
    );
  return { clock, begun, ends, errors, attempt, value, steered };
}

describe('race', () => {
  it('has the first value; the attempts that still run are aborted, and later ones are not heard', async () => {
    const { begun, ends, attempt, value, steered, errors } = setUp();
    attempt();
    attempt();
    expect(steered.running).toBe(2);
    begun[1]!.call.resolve('second');
    expect(await value).toBe('second');
    expect(begun[0]!.signal.reason).toEqual(new Error('another attempt was faster'));
    begun[0]!.call.reject(new Error('late'));
    await settled();
    expect(errors).toEqual([]);
    expect(steered.running).toBe(0);
    expect(ends).toEqual(['end']);
  });

  it('does not abort a single attempt that has settled', async () => {
    const { begun, attempt, value } = setUp();
    attempt();
    begun[0]!.call.resolve('only');
    expect(await value).toBe('only');
    expect(begun[0]!.signal.aborted).toBe(false);
  });

  it('goes on after a failed attempt until it is rejected', async () => {
    const { begun, errors, attempt, value, steered } = setUp();
    attempt();
    attempt();
    const down = new Error('down');
    begun[0]!.call.reject(down);
    await settled();
    expect(errors).toEqual([down]);
    steered.reject(down);
    await expect(value).rejects.toBe(down);
    expect(begun[1]!.signal.reason).toBe(down);
  });

  it('has one timer at a time, and none once it has ended', async () => {
    const { clock, attempt, begun, value, steered } = setUp();
    let fired = '';
    steered.after(10, () => (fired += 'a'));
    steered.after(20, () => (fired += 'b'));
    clock.advance(20);
    expect(fired).toBe('b');
    steered.after(20, () => (fired += 'c'));
    attempt();
    begun[0]!.call.resolve('x');
    await value;
    expect(clock.pending).toBe(0);
    clock.advance(100);
    expect(fired).toBe('b');
  });

  it('rejects as soon as the caller leaves, and starts nothing for one who has left', async () => {
    const controller = new AbortController();
    const { begun, attempt, value } = setUp(controller.signal);
    attempt();
    const gone = new Error('gone');
    controller.abort(gone);
    await expect(value).rejects.toBe(gone);
    expect(begun[0]!.signal.reason).toBe(gone);
    let hasBegun = false;
    const late = race(new HandClock(), controller.signal, () => {
      hasBegun = true;
    });
    await expect(late).rejects.toBe(gone);
    expect(hasBegun).toBe(false);
  });
});
