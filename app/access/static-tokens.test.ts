import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CloudScope } from './cloud-scope.ts';
import { staticTokens, tokenListSchema } from './static-tokens.ts';

const { signal } = new AbortController();
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('a list of tokens', () => {
  const check = staticTokens(
    tokenListSchema.parse([
      { name: 'one', token: 'first-token-of-16', clouds: ['a'] },
      { name: 'two', sha256: sha256('second-token-of-16'), clouds: ['*'] },
    ]),
  );

  it('knows a token by itself and by its hash, and what each opens', async () => {
    const one = await check('first-token-of-16', signal);
    expect([one.name, one.by, one.clouds.covers('a/x'), one.clouds.covers('b')]).toEqual([
      'token:one',
      'key',
      true,
      false,
    ]);
    expect((await check('second-token-of-16', signal)).clouds.isAll).toBe(true);
  });

  it('knows no other: not a part of one, not its hash', async () => {
    for (const token of ['first-token-of-1', 'first-token-of-16x', '', sha256('second-token-of-16')])
      await expect(check(token, signal)).rejects.toMatchObject({ code: 'unauthorized' });
  });

  it('looks at every entry, wherever the one that fits is', async () => {
    const looked: number[] = [];
    const list = tokenListSchema.parse(
      [0, 1, 2].map((k) => ({ name: `n${k}`, token: `token-number-${k}-long`, clouds: ['*'] })),
    );
    const watched = list.map((entry, k) => ({
      ...entry,
      get hash() {
        looked.push(k);
        return entry.hash;
      },
    }));
    await staticTokens(watched)('token-number-0-long', signal);
    expect(looked).toEqual([0, 1, 2]);
  });

  it.each([
    ['no entry', []],
    ['two of one name', [0, 1].map(() => ({ name: 'x', token: 'a-token-that-is-long', clouds: [] }))],
    ['a short token', [{ name: 'x', token: 'short', clouds: [] }]],
    ['a token and a hash', [{ name: 'x', token: 'a-token-that-is-long', sha256: sha256('x'), clouds: [] }]],
    ['neither', [{ name: 'x', clouds: [] }]],
    ['a prefix that climbs', [{ name: 'x', token: 'a-token-that-is-long', clouds: ['../a'] }]],
    ['no prefixes', [{ name: 'x', token: 'a-token-that-is-long' }]],
    ['an unknown field', [{ name: 'x', token: 'a-token-that-is-long', clouds: [], admin: true }]],
  ])('is refused with %s', (_name, list) => {
    expect(tokenListSchema.safeParse(list).success).toBe(false);
  });
});

describe('a scope', () => {
  it('opens by whole segments: `a` opens `a` and `a/b`, not `ab`', () => {
    const scope = new CloudScope(['a', 'c/d/']);
    for (const id of ['a', 'a/b', 'a/b/c', 'c/d', 'c/d/e']) expect(scope.covers(id), id).toBe(true);
    for (const id of ['ab', 'ab/c', 'b/a', 'c', 'c/de', 'A', '', '/a', 'a\u0000'])
      expect(scope.covers(id), id).toBe(false);
    expect(['c', 'a/b', 'c/d', 'c/x', 'x'].map((path) => scope.leadsTo(path))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it('of none opens nothing, of * everything', () => {
    expect(CloudScope.none.covers('a')).toBe(false);
    expect(CloudScope.all.covers('a')).toBe(true);
    expect(CloudScope.all.leadsTo('a')).toBe(true);
  });

  it('never opens an id whose segments do not begin with those of a prefix', () => {
    const segment = fc.stringMatching(/^[a-c]{1,2}$/);
    const path = fc.array(segment, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(path, path, (prefix, id) => {
        const isBelow = prefix.every((part, k) => id[k] === part);
        expect(new CloudScope([prefix.join('/')]).covers(id.join('/'))).toBe(isBelow);
      }),
    );
  });
});
