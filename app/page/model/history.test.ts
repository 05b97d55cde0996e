import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { History } from './history.ts';

describe('History', () => {
  it('walks back and forth through every commit', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1, maxLength: 40 }), (values) => {
        const history = new History(0);
        for (const [i, value] of values.entries()) history.commit(value, `set ${i}`);
        const back = values.map(() => {
          history.undo();
          return history.value;
        });
        expect(back).toEqual([0, ...values.slice(0, -1)].reverse());
        expect(history.canUndo).toBe(false);
        const forth = values.map(() => {
          history.redo();
          return history.value;
        });
        expect(forth).toEqual(values);
        expect(history.canRedo).toBe(false);
      }),
    );
  });

  it('makes one step of a gesture', () => {
    const history = new History(0);
    for (const value of [1, 2, 3]) history.commit(value, 'move', { merge: 'drag 1' });
    history.commit(4, 'move', { merge: 'drag 2' });
    expect(history.undo()).toBe('move');
    expect(history.value).toBe(3);
    history.undo();
    expect(history.value).toBe(0);
  });

  it('begins a new step after an undo and after seal', () => {
    const history = new History(0);
    history.commit(1, 'a', { merge: 'x' });
    history.seal();
    history.commit(2, 'a', { merge: 'x' });
    history.undo();
    expect(history.value).toBe(1);
    history.commit(5, 'a', { merge: 'x' });
    expect(history.canRedo).toBe(false);
    history.undo();
    expect(history.value).toBe(1);
  });

  it('says nothing when there is nothing to undo, and forgets beyond its limit', () => {
    const history = new History(0, 3);
    expect(history.undo()).toBeUndefined();
    expect(history.redo()).toBeUndefined();
    for (let i = 1; i <= 10; i++) history.commit(i, 'step');
    while (history.undo() !== undefined);
    expect(history.value).toBe(7);
  });
});
