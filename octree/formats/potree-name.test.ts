import { describe, expect, test } from 'vitest';
import { Key } from '../geometry/index.ts';
import { fromPotreeName, potreeChild, toPotreeName } from './potree-name.ts';

describe('names of Potree nodes', () => {
  test('a digit is 4 x + 2 y + z, the other way round than an EPT child index', () => {
    expect(potreeChild(Key.root, 4)).toEqual(Key.create(1, 1, 0, 0));
    expect(potreeChild(Key.root, 2)).toEqual(Key.create(1, 0, 1, 0));
    expect(potreeChild(Key.root, 1)).toEqual(Key.create(1, 0, 0, 1));
    expect(toPotreeName(Key.create(2, 3, 1, 0))).toBe('r46');
  });

  test('names and keys are one to one', () => {
    for (const name of ['r', 'r0', 'r7', 'r24076', `r${'7'.repeat(30)}`]) {
      expect(toPotreeName(fromPotreeName(name)!)).toBe(name);
    }
  });

  test('what is no name has no key', () => {
    for (const name of ['', 'R', 'r8', 'r0.', 'x0', `r${'0'.repeat(31)}`])
      expect(fromPotreeName(name)).toBeNull();
  });
});
