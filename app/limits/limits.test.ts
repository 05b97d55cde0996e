import { describe, expect, it } from 'vitest';
import { network } from './client-address.ts';
import { RateLimits } from './rate-limits.ts';

describe('a quota', () => {
  it('is each caller’s own, and says what is left of it', async () => {
    const limits = new RateLimits({ points: 10, windowSeconds: 60, maxCallers: 100 });
    expect(await limits.spend('a', 4)).toMatchObject({ isSpent: false, left: 6 });
    expect(await limits.spend('a', 6)).toMatchObject({ isSpent: false, left: 0 });
    const spent = await limits.spend('a', 1);
    expect(spent).toMatchObject({ isSpent: true, left: 0 });
    expect(spent.resetSeconds).toBeGreaterThan(50);
    expect(spent.resetSeconds).toBeLessThanOrEqual(60);
    expect((await limits.spend('b', 1)).left).toBe(9);
    expect(limits.headers({ isSpent: false, left: 3, resetSeconds: 7 })).toEqual({
      'ratelimit-policy': '"caller";q=10;w=60',
      ratelimit: '"caller";r=3;t=7',
    });
  });

  it('is remembered of so many callers and no more; who was not heard of for the longest time starts anew', async () => {
    const limits = new RateLimits({ points: 10, windowSeconds: 60, maxCallers: 3 });
    for (const caller of ['a', 'b', 'c', 'a', 'd']) await limits.spend(caller, 5);
    expect(limits.size).toBe(3);
    expect((await limits.spend('a', 1)).isSpent).toBe(true);
    expect((await limits.spend('b', 1)).left).toBe(9);
    for (let k = 0; k < 1000; k++) await limits.spend(`caller ${k}`, 1);
    expect(limits.size).toBe(3);
  });

  it.each(['points', 'windowSeconds', 'maxCallers'])('names a wrong `%s`', (name) => {
    const options = { points: 1, windowSeconds: 1, maxCallers: 1 };
    for (const value of [0, -1, 1.5, Number.NaN])
      expect(() => new RateLimits({ ...options, [name]: value })).toThrow(`\`${name}\``);
  });
});

describe('an address', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['2001:0DB8:0:1:2:3:4:5', '2001:db8:0:1'],
    ['2001:db8:1:2::', '2001:db8:1:2'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['x'.repeat(1000), 'x'.repeat(64)],
  ])('%s counts as %s', (address, as) => {
    expect(network(address)).toBe(as);
  });
});
