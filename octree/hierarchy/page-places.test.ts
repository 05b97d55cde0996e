import { expect, test } from 'vitest';
import { Key } from '../geometry/index.ts';
import { PagePlaces } from './page-places.ts';

test('pages that lie beside each other are taken, in any order and again', () => {
  const places = new PagePlaces('a/b');
  places.claim(Key.parse('0-0-0-0')!, { offset: 100, length: 50 });
  places.claim(Key.parse('2-0-0-0')!, { offset: 150, length: 50 });
  places.claim(Key.parse('4-0-0-0')!, { offset: 0, length: 100 });
  places.claim(Key.parse('2-0-0-0')!, { offset: 150, length: 50 });
});

test.each([
  ['the same bytes', 100, 50],
  ['its beginning', 80, 21],
  ['its end', 149, 10],
  ['its middle', 120, 5],
  ['all of it and more', 0, 500],
])('a page that lies in %s of another one is refused by name', (_, offset, length) => {
  const places = new PagePlaces('a/b');
  places.claim(Key.parse('0-0-0-0')!, { offset: 0, length: 10 });
  places.claim(Key.parse('1-0-0-0')!, { offset: 100, length: 50 });
  expect(() => places.claim(Key.parse('2-0-0-0')!, { offset, length })).toThrow(
    /^a\/b: the hierarchy page of node 2-0-0-0 .* overlaps with that of node [01]-0-0-0/,
  );
});
