import { describe, expect, it } from 'vitest';
import { isLoop, loopHeaders, loopToken } from './cdn-loop.ts';

const token = loopToken('https://cdn.example/tiles');

describe('isLoop', () => {
  const { 'cdn-loop': cdnLoop, via } = loopHeaders(token);

  it('knows its own marks, each alone and among others', () => {
    expect(isLoop(token, { cdnLoop })).toBe(true);
    expect(isLoop(token, { via })).toBe(true);
    expect(isLoop(token, { cdnLoop: `foo.cdn; a="b,c;\\"", ${cdnLoop}, bar` })).toBe(true);
    expect(isLoop(token, { via: `1.1 vegur (a, b), ${via} (comment), 1.0 x` })).toBe(true);
  });

  it('minds neither quotes, nor spaces, nor the case of names', () => {
    expect(isLoop(token, { cdnLoop: `NearBox ; x=1 ; Source="${token}"` })).toBe(true);
    expect(isLoop(token, { via: `HTTP/1.1  NEARBOX-${token}` })).toBe(true);
  });

  it('lets others pass: another base, other readers, no marks, marks inside quotes', () => {
    const other = loopHeaders(loopToken('https://cdn.example/other'));
    for (const headers of [
      { cdnLoop: other['cdn-loop'], via: other.via },
      { cdnLoop: `foo;source=${token}` },
      { cdnLoop: `foo;x=", ${cdnLoop}, "` },
      { cdnLoop: 'nearbox', via: '1.1 nearbox' },
      { cdnLoop: '', via: null },
      {},
      { cdnLoop: '"(,;=', via: '(("' },
    ]) {
      expect(isLoop(token, headers)).toBe(false);
    }
  });

  it('tokens are the same for one base and do not tell it', () => {
    expect(loopToken('https://cdn.example/tiles')).toBe(token);
    expect(token).toMatch(/^[0-9a-f]{16}$/);
  });
});
