import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CLOUD_ID_PATTERN,
  CLOUD_SEGMENT_PATTERN,
  checkCloudId,
  isCloudId,
  MAX_CLOUD_ID_LENGTH,
} from './cloud-id.ts';

describe('cloud ids', () => {
  test.each([
    'a',
    'sequence-01/000042',
    'with space/ünïcode',
    '.hidden',
    'a..b',
    'x~y',
    '100%',
    'a.copc.laz',
  ])('%j is one', (id) => {
    expect(() => checkCloudId(id)).not.toThrow();
  });

  test('one that leaves no room for the names of its files is none', () => {
    expect(isCloudId('a'.repeat(MAX_CLOUD_ID_LENGTH))).toBe(true);
    expect(() => checkCloudId('a'.repeat(MAX_CLOUD_ID_LENGTH + 1))).toThrow(/at most 896 characters/);
  });

  test.each([
    '',
    '/',
    '/etc',
    '../x',
    'a/../b',
    'a/..',
    '.',
    './a',
    'a//b',
    'a/',
    '~v/a',
    'a/~b',
    '~',
    'http://host/x',
    'https:host',
    'C:\\x',
    'c:/x',
    'file:x',
    'a\\b',
    'a\0b',
    'a\nb',
    '%2e%2e/x',
    'a%2Fb',
    'a%00',
    'x'.repeat(3000),
  ])('%j is none', (id) => {
    expect(() => checkCloudId(id)).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        fields: [expect.objectContaining({ path: 'cloud' })],
      }),
    );
  });

  test('neither is what is not text', () => {
    expect(() => checkCloudId(7 as unknown as string)).toThrow(
      expect.objectContaining({ code: 'invalid_request' }),
    );
  });

  test('the patterns for documents say the same', () => {
    const [whole, segment] = [new RegExp(CLOUD_ID_PATTERN, 'u'), new RegExp(CLOUD_SEGMENT_PATTERN, 'u')];
    const parts = fc.constantFrom(
      'a',
      'B7',
      '.',
      '..',
      '~',
      '/',
      '\\',
      ':',
      '%',
      '2e',
      '+',
      '-',
      '\n',
      '\u007f',
      'ü',
      ' ',
    );
    fc.assert(
      fc.property(
        fc.array(parts, { minLength: 1, maxLength: 8 }).map((all) => all.join('')),
        (id) => {
          expect([id, whole.test(id)]).toEqual([id, isCloudId(id)]);
          expect([id, segment.test(id)]).toEqual([id, isCloudId(id) && !id.includes('/')]);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
