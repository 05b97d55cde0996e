import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Key, MAX_KEY_DEPTH } from './key.ts';

const keys = fc.nat(MAX_KEY_DEPTH).chain((depth) => {
  const place = fc.nat(2 ** depth - 1);
  return fc.record({ depth: fc.constant(depth), x: place, y: place, z: place });
});

describe('Key', () => {
  test('reads what it writes', () => {
    fc.assert(
      fc.property(keys, (key) => {
        expect(Key.parse(Key.format(key))).toEqual(key);
      }),
    );
  });

  test.each([
    '',
    '0-0-0',
    '0-0-0-0-0',
    '1-2-0-0',
    '0-1-0-0',
    '-1-0-0-0',
    '01-0-0-0',
    '1-0-0-00',
    ' 0-0-0-0',
    '0-0-0-0\n',
    '31-0-0-0',
    '1-0-0-1e0',
    '2-4294967296-0-0',
  ])('does not take %j for a key', (text) => expect(Key.parse(text)).toBeNull());

  test('children know their parent; x is the lowest bit of their number', () => {
    const key = Key.create(3, 5, 2, 7);
    expect(Key.children(key).map(Key.format)).toEqual([
      '4-10-4-14',
      '4-11-4-14',
      '4-10-5-14',
      '4-11-5-14',
      '4-10-4-15',
      '4-11-4-15',
      '4-10-5-15',
      '4-11-5-15',
    ]);
    for (const child of Key.children(key)) expect(Key.parent(child)).toEqual(key);
    expect(Key.parent(Key.root)).toBeNull();
  });

  test('is within its ancestors and itself, and within nothing else', () => {
    fc.assert(
      fc.property(keys, keys, (key, other) => {
        expect(Key.isWithin(key, Key.root)).toBe(true);
        expect(Key.isWithin(key, key)).toBe(true);
        let up: Key | null = key;
        let found = false;
        while (up !== null) {
          found ||= Key.format(up) === Key.format(other);
          up = Key.parent(up);
        }
        expect(Key.isWithin(key, other)).toBe(found);
      }),
    );
  });

  test('the cubes of the children fill that of their parent', () => {
    const root = { min: [637226.75, -5, 0.1], max: [637354.75, 123, 128.1] } as const;
    const cube = Key.cube(Key.create(2, 1, 3, 0), root);
    expect(cube.min).toEqual([637258.75, 91, 0.1]);
    expect(cube.max).toEqual([637290.75, 123, 32.1]);
  });

  test('does not create what is outside of the grid', () => {
    expect(() => Key.create(1, 2, 0, 0)).toThrow(RangeError);
    expect(() => Key.create(1.5, 0, 0, 0)).toThrow(RangeError);
  });
});
