/** Which shard answers for which cloud. */
import { createHash } from 'node:crypto';

/**
 * A cloud moves on to its second shard where that one's queue is shorter by so much, milliseconds: about what
 * reading its tiles again costs.
 */
const SPILL_MS = 50;
/** A cloud without earlier requests has no tiles to lose, so it goes to the less busy shard. */
const NEW_CLOUD_SPILL_MS = 5;
/** Clouds whose shard is remembered; of those forgotten the next question decides anew. */
const MAX_REMEMBERED = 10_000;

/** What is known of a shard when a question is placed. */
export interface ShardLoad {
  /** How long a question that came now would wait there, milliseconds. */
  readonly waitMs: number;
  /** Questions that it has not answered yet. */
  readonly inFlight: number;
}

/**
 * Every cloud has an order of shards by rendezvous hashing (Thaler and Ravishankar 1998): its owner is the
 * first. Questions go to the owner, so that a cloud's tiles are in memory once. Where the owner has more to
 * do than the second by `SPILL_MS`, they go to the second.
 */
export class Placement {
  readonly #loads: readonly (() => ShardLoad)[];
  /** The order of the two first shards, of clouds that were asked for lately. */
  readonly #known = new Map<string, readonly [first: number, second: number]>();

  constructor(loads: readonly (() => ShardLoad)[]) {
    this.#loads = loads;
  }

  /** Index of the shard that is to answer a question about `cloud`. */
  shardOf(cloud: string): number {
    if (this.#loads.length === 1) return 0;
    const known = this.#known.get(cloud);
    const [first, second] = known ?? firstTwo(cloud, this.#loads.length);
    const order = this.#isBusier(first, second, known === undefined) ? [second, first] : [first, second];
    this.#remember(cloud, known === undefined ? (order as [number, number]) : known);
    return order[0]!;
  }

  #isBusier(first: number, second: number, isNew: boolean): boolean {
    const [one, other] = [this.#loads[first]!(), this.#loads[second]!()];
    const aheadMs = one.waitMs - other.waitMs;
    if (!isNew) return aheadMs > SPILL_MS;
    return aheadMs > NEW_CLOUD_SPILL_MS || (aheadMs >= 0 && one.inFlight > other.inFlight);
  }

  #remember(cloud: string, order: readonly [number, number]): void {
    this.#known.delete(cloud);
    this.#known.set(cloud, order);
    if (this.#known.size <= MAX_REMEMBERED) return;
    const [oldest] = this.#known.keys();
    this.#known.delete(oldest!);
  }
}

/**
 * Index of the shard that reads the stored tiles of `cloud` for other instances and for the other shards,
 * whichever shard answers questions about it: so that each tile is read from the storage once.
 */
export function homeShard(cloud: string, shards: number): number {
  return shards === 1 ? 0 : firstTwo(cloud, shards)[0];
}

/** The two shards with the highest weights for the cloud. */
function firstTwo(cloud: string, shards: number): [number, number] {
  const weights = Array.from({ length: shards }, (_, shard) => ({
    shard,
    weight: createHash('sha256').update(`${shard}\n${cloud}`, 'utf8').digest().readUInt32BE(0),
  }));
  weights.sort((a, b) => b.weight - a.weight || a.shard - b.shard);
  return [weights[0]!.shard, weights[1]!.shard];
}
