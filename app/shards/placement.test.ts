import { describe, expect, it } from 'vitest';
import { homeShard, Placement, type ShardLoad } from './placement.ts';

const IDLE: ShardLoad = { waitMs: 0, inFlight: 0 };

/** A placement over loads that the test sets. */
function placed(shards: number) {
  const loads: ShardLoad[] = Array.from({ length: shards }, () => IDLE);
  return { loads, placement: new Placement(loads.map((_, shard) => () => loads[shard]!)) };
}

const names = Array.from({ length: 600 }, (_, k) => `sequence/${k}`);

describe('placement', () => {
  it('sends every question about a cloud to the same shard, and spreads the clouds', () => {
    const { placement } = placed(3);
    const first = names.map((name) => placement.shardOf(name));
    expect(names.map((name) => placement.shardOf(name))).toEqual(first);
    for (const shard of [0, 1, 2]) expect(first.filter((at) => at === shard).length).toBeGreaterThan(120);
    // Without a word, another process places them alike.
    expect(names.map((name) => placed(3).placement.shardOf(name))).toEqual(first);
    expect(placed(1).placement.shardOf('x')).toBe(0);
  });

  it('names one shard that reads the stored tiles of a cloud, however busy it is', () => {
    const { placement, loads } = placed(3);
    const homes = names.map((name) => homeShard(name, 3));
    expect(homes).toEqual(names.map((name) => placement.shardOf(name)));
    loads[homes[0]!] = { waitMs: 1000, inFlight: 100 };
    expect(placement.shardOf(names[0]!)).not.toBe(homes[0]);
    expect(homeShard(names[0]!, 3)).toBe(homes[0]);
    expect(homeShard('x', 1)).toBe(0);
  });

  it('lets a hot cloud spill over when its owner has much more to do, and come back', () => {
    const { placement, loads } = placed(2);
    const owner = placement.shardOf('hot');
    loads[owner] = { waitMs: 40, inFlight: 8 };
    expect(placement.shardOf('hot')).toBe(owner);
    loads[owner] = { waitMs: 60, inFlight: 12 };
    expect(placement.shardOf('hot')).toBe(1 - owner);
    loads[1 - owner] = { waitMs: 30, inFlight: 6 };
    expect(placement.shardOf('hot')).toBe(owner);
    loads[owner] = IDLE;
    expect(placement.shardOf('hot')).toBe(owner);
  });

  it('puts new clouds where there is less to do, and leaves them there', () => {
    const { placement, loads } = placed(2);
    loads[0] = { waitMs: 20, inFlight: 4 };
    const fresh = names.slice(0, 20);
    expect(new Set(fresh.map((name) => placement.shardOf(name)))).toEqual(new Set([1]));
    loads[0] = IDLE;
    expect(new Set(fresh.map((name) => placement.shardOf(name)))).toEqual(new Set([1]));
    // Questions that still read their tiles wait for nobody, but tell where the next had better go.
    loads[1] = { waitMs: 0, inFlight: 3 };
    expect(new Set(names.slice(20, 40).map((name) => placement.shardOf(name)))).toEqual(new Set([0]));
  });
});
