import { beforeEach, describe, expect, it } from 'vitest';
import { NearboxError } from '../foundation/index.ts';
import { HeldSource, settled, stored } from '../testing/index.ts';
import { PeerTier, type PeerTierOptions } from './peer-tier.ts';
import type { Peer } from './peers.ts';
import { ownerOf } from './rendezvous.ts';
import { nodePath } from './tile-upstreams.ts';

const address = (n: number) => ({ cloud: 'c', version: 'v', node: `1-0-0-${n}`, path: 'x', range: null });

let all: Peer[];
let now: number;
let instances: Map<string, HeldSource>;
let closed: string[];
let upstream: PeerTier;

beforeEach(() => {
  all = ['a', 'b', 'c'].map((origin) => ({ origin, isSelf: origin === 'a' }));
  now = 0;
  instances = new Map();
  closed = [];
  upstream = peerTier();
});

const peerTier = (options: Partial<PeerTierOptions> = {}) =>
  new PeerTier({
    peers: { list: async () => all },
    open(origin) {
      const held = new HeldSource();
      instances.set(origin, held);
      return Object.assign(held, { close: async () => void closed.push(origin) });
    },
    hedgeAfterMs: 100,
    clock: () => now,
    ...options,
  });

const read = (n: number, signal = new AbortController().signal) => upstream.read(address(n), { signal });
const ownerIn = (n: number, members: string[]) => ownerOf(nodePath(address(n)), members)!;
/** The first tile that `owner` has among all, and `next` without it. */
const tileOf = (owner: string, next = '') => {
  for (let n = 0; ; n += 1) {
    const rest = ['a', 'b', 'c'].filter((one) => one !== owner);
    if (ownerIn(n, ['a', 'b', 'c']) === owner && (next === '' || ownerIn(n, rest) === next)) return n;
  }
};

describe('PeerTier', () => {
  it('asks the owner by the node’s URL, and nobody where that is this instance', async () => {
    expect(await read(tileOf('a'))).toBeNull();
    expect(instances.size).toBe(0);
    const tile = read(tileOf('b'));
    await settled();
    const [call] = instances.get('b')!.reads;
    expect(call!.path).toBe(nodePath(address(tileOf('b'))));
    call!.resolve(stored('tile'));
    expect(Buffer.from((await tile)!).toString()).toBe('tile');
  });

  it('asks its own instance where another thread of it reads the cloud', async () => {
    upstream = peerTier({ isHome: (cloud) => cloud !== 'c' });
    const tile = read(tileOf('a'));
    await settled();
    instances.get('a')!.reads[0]!.resolve(stored('tile'));
    expect(Buffer.from((await tile)!).toString()).toBe('tile');
    upstream = peerTier({ isHome: (cloud) => cloud === 'c' });
    expect(await read(tileOf('a'))).toBeNull();
  });

  it('what the owner does not have is nowhere', async () => {
    const tile = read(tileOf('b'));
    await settled();
    instances.get('b')!.reads[0]!.resolve(null);
    expect(await tile).toBeNull();
  });

  it('passes over an owner that failed, for a while; its tiles go to the next in line', async () => {
    const n = tileOf('b', 'c');
    const failed = read(n);
    await settled();
    instances.get('b')!.reads.shift()!.reject(new NearboxError('source_unavailable', 'refused'));
    await expect(failed).rejects.toMatchObject({ code: 'source_unavailable' });
    const next = read(n);
    await settled();
    instances.get('c')!.reads.shift()!.resolve(stored('from c'));
    expect(Buffer.from((await next)!).toString()).toBe('from c');
    now = 5000;
    const later = read(n);
    await settled();
    instances.get('b')!.reads.shift()!.resolve(stored('from b'));
    expect(Buffer.from((await later)!).toString()).toBe('from b');
  });

  it('passes over one that others were faster than, time after time', async () => {
    const n = tileOf('b', 'a');
    for (let i = 0; i < 3; i += 1) {
      const controller = new AbortController();
      const slow = read(n, controller.signal);
      await settled();
      expect(instances.get('b')!.reads.length).toBe(i + 1);
      controller.abort(new Error('the origin was faster'));
      await expect(slow).rejects.toThrow('faster');
    }
    expect(await read(n)).toBeNull();
  });

  it('closes what it has opened', async () => {
    void read(tileOf('b')).catch(() => {});
    void read(tileOf('c')).catch(() => {});
    await settled();
    await upstream.close();
    expect(closed.sort()).toEqual(['b', 'c']);
  });
});
