import { describe, expect, it } from 'vitest';
import { UrlSigner } from './signed-urls.ts';

const SECRET = 'a-secret-of-at-least-32-characters-1';
const OTHER = 'a-secret-of-at-least-32-characters-2';

let now = 1_000_000;
const signer = (secrets = [SECRET]) =>
  new UrlSigner({ secrets, ttlSeconds: 3600, stepSeconds: 300, now: () => now });
const refused = expect.objectContaining({ code: 'forbidden' });

describe('a signed query', () => {
  it('opens its scope until it expires, and not a second longer', () => {
    now = 1_000_000;
    const query = signer().sign('seq/1', 60);
    expect(signer().check(query).clouds.covers('seq/1/frame')).toBe(true);
    expect(signer().check(query).clouds.covers('seq/10')).toBe(false);
    now = query.expiresAt - 1;
    signer().check(query);
    now = query.expiresAt;
    expect(() => signer().check(query)).toThrow('has expired');
  });

  it('is the same for everybody who asks within a step, and good for as long as was asked', () => {
    const expiries = [1_000_000, 1_000_010, 1_000_099].map((at) => {
      now = at;
      const { expires, signature, expiresAt } = signer().sign('a', 100);
      expect(expiresAt - at).toBeGreaterThanOrEqual(100);
      expect(expiresAt - at).toBeLessThanOrEqual(400);
      return `${expires} ${signature}`;
    });
    expect(new Set(expiries).size).toBe(1);
  });

  it('lives no longer than the server allows, plus a step', () => {
    now = 1_000_000;
    expect(signer().sign('a', 1e9).expiresAt - now).toBeLessThanOrEqual(3900);
  });

  it('is good for one path or a thousand: it names none', () => {
    now = 1_000_000;
    expect(signer().sign('a', 60).signature).toMatch(/^[\w-]{43}$/);
  });

  it('outlives a change of secrets: the new one signs, the old one is believed until it is taken away', () => {
    now = 1_000_000;
    const before = signer([SECRET]).sign('a', 600);
    const rotated = signer([OTHER, SECRET]);
    expect(rotated.check(before).by).toBe('signature');
    const after = rotated.sign('a', 600);
    expect(after.signature).not.toBe(before.signature);
    expect(() => signer([OTHER]).check(before)).toThrow(refused);
    expect(signer([OTHER]).check(after).by).toBe('signature');
  });

  const good = () => {
    now = 1_000_000;
    return signer().sign('a', 600);
  };
  it.each([
    ['another scope', { scope: 'b' }],
    ['a wider scope', { scope: '*' }],
    ['a scope that only begins alike', { scope: 'ab' }],
    ['a later expiry', { expires: '1003600' }],
    ['an expiry with a sign', { expires: '+1000800' }],
    ['an expiry in another form', { expires: '1.0008e6' }],
    ['an expiry that is none', { expires: 'Infinity' }],
    ['no expiry', { expires: '' }],
    ['no signature', { signature: '' }],
    ['a signature of other letters', { signature: '!'.repeat(43) }],
    ['half a signature', { signature: 'AAAAAAAAAAAAAAAAAAAAA' }],
    ['a signature with more behind it', { signature: `${'A'.repeat(43)}=` }],
    ['a signature of characters of several bytes', { signature: 'ä'.repeat(43) }],
  ])('is refused with %s', (_name, change) => {
    const query = { ...good(), ...change };
    expect(() => signer().check(query)).toThrow(refused);
  });

  it('is refused with one bit of the signature turned, wherever', () => {
    const query = good();
    for (let k = 0; k < query.signature.length; k++) {
      const turned = query.signature[k] === 'A' ? 'B' : 'A';
      const signature = query.signature.slice(0, k) + turned + query.signature.slice(k + 1);
      expect(() => signer().check({ ...query, signature })).toThrow(refused);
    }
  });

  it('says what belongs to the scope and what to the expiry: no character moves from one to the other', () => {
    const { signature } = signer().sign('a', 600);
    expect(() => signer().check({ scope: 'a\n1', expires: '000800', signature })).toThrow(refused);
  });
});
