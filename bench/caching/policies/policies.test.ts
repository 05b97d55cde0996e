import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrequencySketch } from './frequency-sketch.ts';
import { Lru } from './lru.ts';
import type { Policy, PolicyMaker } from './policy.ts';
import { S3Fifo } from './s3-fifo.ts';
import { Sieve } from './sieve.ts';
import { WTinyLfu } from './w-tiny-lfu.ts';

const POLICIES: [string, PolicyMaker][] = [
  ['LRU', (maxBytes) => new Lru(maxBytes)],
  ['SIEVE', (maxBytes) => new Sieve(maxBytes)],
  ['S3-FIFO', (maxBytes) => new S3Fifo(maxBytes)],
  ['W-TinyLFU', (maxBytes) => new WTinyLfu(maxBytes, 5)],
];

/** Which of the keys, of size 1 each, were hits. */
const hits = (policy: Policy, keys: string) =>
  [...keys].map((key) => (policy.request(key, 1) ? key : '.')).join('');

describe.each(POLICIES)('%s', (_name, make) => {
  it('never holds more than its bound, and counts what it holds', () => {
    const requests = fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 1, max: 12 })), {
      maxLength: 400,
    });
    fc.assert(
      fc.property(requests, fc.integer({ min: 1, max: 60 }), (asked, maxBytes) => {
        const policy = make(maxBytes);
        const sizes = new Map<number, number>();
        for (const [key, size] of asked) {
          if (!sizes.has(key)) sizes.set(key, size);
          policy.request(`${key}`, sizes.get(key)!);
          expect(policy.bytes).toBeLessThanOrEqual(maxBytes);
          expect(policy.bytes).toBeGreaterThanOrEqual(0);
        }
        // What is in is what hits now, at most: asking may push others out.
        const held = [...sizes].filter(([key, size]) => policy.request(`${key}`, size));
        expect(held.reduce((sum, [, size]) => sum + size, 0)).toBeLessThanOrEqual(2 * maxBytes);
      }),
    );
  });

  it('hits all that fits, from the second time on', () => {
    const policy = make(1000);
    for (let i = 0; i < 50; i += 1) policy.request(`${i}`, 10);
    for (let i = 0; i < 50; i += 1) expect(policy.request(`${i}`, 10)).toBe(true);
  });
});

describe('orders', () => {
  it('LRU takes the least recently used', () => {
    expect(hits(new Lru(3), 'abcaba' + 'dab' + 'c')).toBe('...aba' + '.ab' + '.');
  });

  it('SIEVE takes the first without a bit, from where its hand is', () => {
    // a and b have bits when d comes, so c goes; then the hand is past c, and d goes before a.
    expect(hits(new Sieve(3), 'abcab' + 'd' + 'ab' + 'c' + 'd')).toBe('...ab' + '.' + 'ab' + '.' + '.');
  });

  it('S3-FIFO keeps what was hit from a scan', () => {
    const policy = new S3Fifo(10);
    hits(policy, 'aabb');
    hits(policy, 'cdefghijklmnopqrstuvw');
    expect(hits(policy, 'ab')).toBe('ab');
  });

  it('W-TinyLFU keeps what is asked for often from a scan', () => {
    const policy = new WTinyLfu(100, 1);
    for (let i = 0; i < 5; i += 1) for (let key = 0; key < 50; key += 1) policy.request(`hot ${key}`, 1);
    for (let i = 0; i < 400; i += 1) policy.request(`scan ${i}`, 1);
    const kept = Array.from({ length: 50 }, (_, key) => policy.request(`hot ${key}`, 1)).filter(
      Boolean,
    ).length;
    expect(kept).toBeGreaterThanOrEqual(45);
  });

  it('the sketch counts, and forgets by halves', () => {
    const sketch = new FrequencySketch(64);
    for (let i = 0; i < 8; i += 1) sketch.add('a');
    expect(sketch.estimate('a')).toBe(8);
    expect(sketch.estimate('never')).toBeLessThanOrEqual(1);
    for (let i = 0; i < 640; i += 1) sketch.add(`${i}`);
    expect(sketch.estimate('a')).toBeLessThan(8);
  });
});
