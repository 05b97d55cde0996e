import { describe, expect, it } from 'vitest';
import { Peers, type PeersOptions } from './peers.ts';

function setUp(names: Record<string, string[]>, options: Partial<PeersOptions> = {}) {
  const clock = { now: 0 };
  const asked: string[] = [];
  const peers = new Peers({
    urls: Object.keys(names).map((name) => `http://${name}:8080`),
    port: 8080,
    resolve: async (host) => {
      asked.push(host);
      const found = names[host];
      if (found === undefined) throw new Error('ENOTFOUND');
      return found;
    },
    ownAddresses: () => ['10.0.0.1', 'fdaa::1'],
    clock: () => clock.now,
    ...options,
  });
  return { clock, asked, peers };
}

describe('Peers', () => {
  it('are one instance at each address of each name; this one is known by address and port', async () => {
    const names = { 'ams.app.internal': ['fdaa::2', 'fdaa::1'], '10.0.0.1': ['10.0.0.1'] };
    expect(await setUp(names).peers.list()).toEqual([
      { origin: 'http://[fdaa::2]:8080', isSelf: false },
      { origin: 'http://[fdaa::1]:8080', isSelf: true },
      { origin: 'http://10.0.0.1:8080', isSelf: true },
    ]);
    const other = await setUp(names, { port: 9090 }).peers.list();
    expect(other.some(({ isSelf }) => isSelf)).toBe(false);
  });

  it('are looked up again after a while, behind the back of who asks; a failure leaves them as they are', async () => {
    const names: Record<string, string[]> = { a: ['10.0.0.2'] };
    const { peers, clock, asked } = setUp(names);
    const origins = async () => (await peers.list()).map(({ origin }) => origin);
    expect(await origins()).toEqual(['http://10.0.0.2:8080']);
    names.a = ['10.0.0.3'];
    clock.now = 9999;
    expect(await origins()).toEqual(['http://10.0.0.2:8080']);
    expect(asked.length).toBe(1);
    clock.now = 10_000;
    await origins();
    await new Promise(setImmediate);
    expect(await origins()).toEqual(['http://10.0.0.3:8080']);
    delete names.a;
    clock.now = 20_000;
    await origins();
    await new Promise(setImmediate);
    expect(await origins()).toEqual(['http://10.0.0.3:8080']);
    expect(asked.length).toBe(3);
  });

  it('resolves by the system’s resolver', async () => {
    const peers = new Peers({ urls: ['http://127.0.0.1:1', 'http://[::1]:2'], port: 1 });
    expect(await peers.list()).toEqual([
      { origin: 'http://127.0.0.1:1', isSelf: true },
      { origin: 'http://[::1]:2', isSelf: false },
    ]);
  });

  it('names what is no instance', () => {
    for (const url of ['https://a:1', 'http://a/b', 'http://u@a', 'ftp://a', 'a', 'http://a?b'])
      expect(() => new Peers({ urls: [url], port: 1 })).toThrow(url);
  });
});
