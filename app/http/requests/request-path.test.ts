import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalPath, pathSegments, segmentsBehind } from './request-path.ts';

describe('the path of a request', () => {
  it.each([
    ['/tiles/a/ept.json', ['tiles', 'a', 'ept.json']],
    ['/tiles/a%2Fb/ept.json?x=/../', ['tiles', 'a', 'b', 'ept.json']],
    ['//tiles///a//b%2f%2fc/', ['tiles', 'a', 'b', 'c']],
    ['http://host:1/tiles/a', ['tiles', 'a']],
    ['/tiles/%C3%A4%20b', ['tiles', 'ä b']],
    ['/', []],
    ['', []],
  ])('of %s has the segments %j', (target, segments) => {
    expect(pathSegments(target)).toEqual(segments);
  });

  it.each([
    '/tiles/a/../b',
    '/tiles/open//../closed/ept.json',
    '/tiles/./b',
    '/tiles/%2e%2e/b',
    '/tiles/.%2E/b',
    '/tiles/%252e%252e/b',
    '/tiles/%252e%252e%252fb',
    '/tiles/a%2f..%2fb',
    '/tiles/a%2f%2e%2e%2fb',
    '/tiles/..%5cb',
    '/tiles/a\\b',
    '/tiles/a%00',
    '/tiles/a%0d%0ab',
    '/tiles/%ff',
    '/tiles/%',
    '/tiles/a#/../b',
    'http://host/../a',
  ])('%s is refused', (target) => {
    expect(() => pathSegments(target)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });

  it('is bounded in length', () => {
    expect(() => pathSegments(`/${'a'.repeat(9000)}`)).toThrow(
      expect.objectContaining({ code: 'uri_too_long' }),
    );
    expect(() => pathSegments(`/a?${'a'.repeat(9000)}`)).toThrow(
      expect.objectContaining({ code: 'uri_too_long' }),
    );
  });

  it('never has a dot segment, however it is written, and its canonical form reads the same', () => {
    const part = fc.constantFrom(
      'a',
      '.',
      '..',
      '%2e',
      '%2E',
      '%252e',
      '%2f',
      '%252f',
      '/',
      '//',
      '%5c',
      'b~',
      '?',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const target = `/${parts.join('')}`;
        let segments: string[];
        try {
          segments = pathSegments(target);
        } catch {
          return;
        }
        expect(segments.some((segment) => ['', '.', '..'].includes(segment) || segment.includes('/'))).toBe(
          false,
        );
        const canonical = canonicalPath(target);
        expect(pathSegments(canonical)).toEqual(segments);
        if (segments.length > 0) expect(segmentsBehind(canonical, '/')).toEqual(segments);
        // What a parser of URLs makes of it is the same path.
        expect(new URL(`http://host${canonical}`).pathname).toBe(canonical);
      }),
    );
  });
});
