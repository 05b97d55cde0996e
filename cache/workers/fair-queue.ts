/** A queue that gives every caller, and every cloud of a caller, the same share. */

/** Whose a job is, and what it is about. Jobs that leave both out share one place. */
export interface JobShare {
  readonly caller?: string | undefined;
  readonly cloud?: string | undefined;
}

type ItemsByCloud<Item> = Map<string, Set<Item>>;

/**
 * Round robin on two levels: callers take turns, and within a caller its clouds do; jobs of one cloud and one
 * caller go first come, first served. (Nagle, "On packet switches with infinite storage", RFC 970: one queue
 * a source.) Maps keep their insertion order, so a turn is: take the first entry, put it back at the end if
 * it has more.
 */
export class FairQueue<Item> {
  readonly #callers = new Map<string, ItemsByCloud<Item>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(item: Item, { caller = '', cloud = '' }: JobShare): void {
    const clouds: ItemsByCloud<Item> = this.#callers.get(caller) ?? new Map();
    this.#callers.set(caller, clouds);
    const items = clouds.get(cloud) ?? new Set();
    clouds.set(cloud, items);
    if (items.has(item)) return;
    items.add(item);
    this.#size += 1;
  }

  /** Takes the next item out; undefined if there is none. */
  shift(): Item | undefined {
    const [first] = this.#callers;
    if (first === undefined) return undefined;
    const [caller, clouds] = first;
    const [[cloud, items]] = clouds as unknown as [[string, Set<Item>]];
    const [item] = items;
    items.delete(item!);
    this.#size -= 1;
    clouds.delete(cloud);
    if (items.size > 0) clouds.set(cloud, items);
    this.#callers.delete(caller);
    if (clouds.size > 0) this.#callers.set(caller, clouds);
    return item;
  }

  /** Takes an item out of the middle. */
  delete(item: Item, { caller = '', cloud = '' }: JobShare): void {
    const clouds = this.#callers.get(caller);
    const items = clouds?.get(cloud);
    if (clouds === undefined || items === undefined || !items.delete(item)) return;
    this.#size -= 1;
    if (items.size === 0) clouds.delete(cloud);
    if (clouds.size === 0) this.#callers.delete(caller);
  }

  /** How many items would be taken before one that came now with this share. */
  ahead({ caller = '', cloud = '' }: JobShare): number {
    const own = [...(this.#callers.get(caller) ?? [])].map(([name, { size }]) => [name, size] as const);
    const place = aheadOf(own, cloud);
    let before = place;
    for (const [name, clouds] of this.#callers)
      if (name !== caller) before += Math.min(sizeOf(clouds), place + 1);
    return before;
  }

  *[Symbol.iterator](): Iterator<Item> {
    for (const clouds of this.#callers.values()) for (const items of clouds.values()) yield* items;
  }

  clear(): void {
    this.#callers.clear();
    this.#size = 0;
  }
}

/**
 * Number of items before a new one of the queue `name`: those in that queue, and one turn of each other queue
 * for every item in it.
 */
function aheadOf(queues: readonly (readonly [name: string, size: number])[], name: string): number {
  const own = queues.find(([queue]) => queue === name)?.[1] ?? 0;
  let before = own;
  for (const [queue, size] of queues) if (queue !== name) before += Math.min(size, own + 1);
  return before;
}

function sizeOf<Item>(clouds: ItemsByCloud<Item>): number {
  let size = 0;
  for (const items of clouds.values()) size += items.size;
  return size;
}
