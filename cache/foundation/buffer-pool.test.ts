import { describe, expect, it } from 'vitest';
import { BufferPool } from './buffer-pool.ts';

const KIB = 1024;

describe('a pool of buffers', () => {
  it('hands a buffer out again once it was given back', () => {
    const pool = new BufferPool(1024 * KIB);
    const first = pool.take(100 * KIB);
    expect(pool.take(100 * KIB)).not.toBe(first);
    pool.give(first);
    expect(pool.stats().freeBytes).toBe(first.byteLength);
    // Of about the same size.
    expect(pool.take(101 * KIB)).toBe(first);
    expect(pool.stats()).toEqual({ taken: 3, reused: 1, freeBytes: 0 });
  });

  it('gives at least what was asked for, and at most an eighth more', () => {
    const pool = new BufferPool(0);
    for (let bytes = 64 * KIB; bytes < 4000 * KIB; bytes = Math.ceil(bytes * 1.037)) {
      const { byteLength } = pool.take(bytes);
      expect(byteLength).toBeGreaterThanOrEqual(bytes);
      expect(byteLength).toBeLessThanOrEqual(bytes * 1.125 + 1);
    }
  });

  it('makes small buffers anew and to the byte', () => {
    const pool = new BufferPool(1024 * KIB);
    const small = pool.take(1000);
    expect(small.byteLength).toBe(1000);
    pool.give(small);
    expect(pool.stats()).toEqual({ taken: 0, reused: 0, freeBytes: 0 });
  });

  it('ignores a buffer that is given back twice, comes from elsewhere, or was moved to another thread', () => {
    const pool = new BufferPool(1024 * KIB);
    const buffer = pool.take(100 * KIB);
    pool.give(buffer);
    pool.give(buffer);
    pool.give(new ArrayBuffer(buffer.byteLength));
    expect(pool.take(100 * KIB)).toBe(buffer);
    expect(pool.take(100 * KIB)).not.toBe(buffer);
    const moved = pool.take(200 * KIB);
    structuredClone(moved, { transfer: [moved] });
    pool.give(moved);
    expect(pool.stats().freeBytes).toBe(0);
  });

  it('keeps no more than its bound', () => {
    const pool = new BufferPool(150 * KIB);
    const [one, other] = [pool.take(100 * KIB), pool.take(100 * KIB)];
    pool.give(one);
    pool.give(other);
    expect(pool.stats().freeBytes).toBe(one.byteLength);
  });
});
