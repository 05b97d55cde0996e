import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lzfCompress } from '../../testing/index.ts';
import { lzfDecompress } from './lzf.ts';

const bytes = fc.uint8Array({ maxLength: 2000, max: 3 });

describe('lzfDecompress', () => {
  it('undoes compression', () => {
    fc.assert(
      fc.property(bytes, (input) => {
        expect([...lzfDecompress(lzfCompress(input), input.length)]).toEqual([...input]);
      }),
    );
  });

  it('copies what it is just writing', () => {
    // One literal, then a copy of 9 from one byte back.
    expect([...lzfDecompress(Uint8Array.of(0, 7, 0xe0, 0, 0), 10)]).toEqual(Array(10).fill(7));
  });

  it('gives the promised bytes or a RangeError for any input', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(500), (input, size) => {
        try {
          expect(lzfDecompress(input, size)).toHaveLength(size);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});
