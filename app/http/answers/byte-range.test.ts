import { describe, expect, it } from 'vitest';
import { parseRange } from './byte-range.ts';
import { isNoneMatch, isRangeAllowed } from './etag.ts';

describe('parseRange', () => {
  it.each([
    ['bytes=0-0', 10, { offset: 0, length: 1 }],
    ['bytes=2-5', 10, { offset: 2, length: 4 }],
    ['bytes=2-', 10, { offset: 2, length: 8 }],
    ['bytes=2-99', 10, { offset: 2, length: 8 }],
    ['bytes=-3', 10, { offset: 7, length: 3 }],
    ['bytes=-99', 10, { offset: 0, length: 10 }],
    ['Bytes=0-1', 10, { offset: 0, length: 2 }],
    ['bytes=10-', 10, 'unsatisfiable'],
    ['bytes=99-100', 10, 'unsatisfiable'],
    ['bytes=-0', 10, 'unsatisfiable'],
    ['bytes=0-', 0, 'unsatisfiable'],
    ['bytes=-5', 0, 'unsatisfiable'],
    ['bytes=99999999999999999999-', 10, 'unsatisfiable'],
    [undefined, 10, null],
    ['', 10, null],
    ['bytes=', 10, null],
    ['bytes=-', 10, null],
    ['bytes=5-2', 10, null],
    ['bytes=0-1,3-4', 10, null],
    ['lines=0-1', 10, null],
    ['bytes=a-b', 10, null],
    ['bytes=+1-2', 10, null],
  ])('%s of %d bytes', (header, size, range) => {
    expect(parseRange(header, size)).toEqual(range);
  });
});

describe('entity tags', () => {
  it.each([
    ['"a"', true],
    ['W/"a"', true],
    ['"b", "a"', true],
    ['*', true],
    ['"b"', false],
    ['a', false],
    [undefined, false],
  ])('If-None-Match %s', (header, matches) => {
    expect(isNoneMatch(header, '"a"')).toBe(matches);
  });

  it.each([
    [undefined, true],
    ['"a"', true],
    ['W/"a"', false],
    ['"b"', false],
    ['Sun, 06 Nov 1994 08:49:37 GMT', false],
  ])('If-Range %s', (header, allows) => {
    expect(isRangeAllowed(header, '"a"')).toBe(allows);
  });
});
