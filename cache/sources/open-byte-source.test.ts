import { describe, expect, it } from 'vitest';
import { openByteSource } from './open-byte-source.ts';

describe('openByteSource', () => {
  it.each([
    ['/data/clouds', '/data/clouds', 'clouds', false],
    ['s3://bucket/a/b/', 's3://bucket/a/b', 'b', true],
    ['https://user:secret@cdn.example/tiles/?sig=x', 'https://cdn.example/tiles', 'tiles', false],
  ])('%s is read from %s', async (uri, label, rootName, canList) => {
    const { source, loopToken, close } = openByteSource(uri);
    expect(source).toMatchObject({ label, rootName });
    if (canList) expect(source.list).toBeDefined();
    expect(loopToken !== null).toBe(uri.startsWith('https'));
    await close();
  });

  it('refuses other kinds, and what does not fit', () => {
    expect(() => openByteSource('ftp://x/y')).toThrow('ftp://');
    expect(() => openByteSource('s3://')).toThrow('`uri`');
    expect(() => openByteSource('s3://b', { remote: { timeoutMs: 0 } })).toThrow('`timeoutMs`');
    expect(() => openByteSource('')).toThrow('`root`');
  });
});
