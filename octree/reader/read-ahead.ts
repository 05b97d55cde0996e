/**
 * Reads the rest of a small cloud after a click on it, so that the next click on the same frame finds
 * everything in memory.
 */
import { setMaxListeners } from 'node:events';
import { Limiter, SYSTEM_TIMING, type Timing } from '../../cache/foundation/index.ts';
import { Key } from '../geometry/index.ts';
import { isComplete } from '../hierarchy/index.ts';
import type { PlannedNode } from '../plan/index.ts';
import type { CloudVersion } from '../versions/index.ts';
import type { Tiles } from './tiles.ts';

export interface ReadAheadOptions {
  readonly tiles: Pick<Tiles, 'get' | 'inFlight'>;
  /** Clouds with more points are not read ahead; 0 turns reading ahead off. */
  readonly maxPoints: number;
  /** What the tile memory may hold, bytes: a cloud is read ahead only if it takes a small part of that. */
  readonly tileMemoryBytes: number;
  /** Default: the system's timers. */
  readonly timing?: Timing | undefined;
}

export interface ReadAheadStats {
  /** Clouds that were read ahead, and their nodes. */
  readonly clouds: number;
  readonly nodes: number;
  /** Clouds that were not, because too many were waiting. */
  readonly skipped: number;
}

/** Begins so long after the click's own nodes have arrived, milliseconds: the answer goes first. */
const DELAY_MS = 30;
/** Looks again so often whether clicks have left room, milliseconds. */
const RETRY_MS = 20;
/** Nodes that clicks wait for, above which nothing is read ahead. */
const BUSY_NODES = 8;
/** Clouds that wait to be read ahead. */
const MAX_WAITING = 32;
/** Nodes of their own files that are read ahead at once. */
const MAX_IN_FLIGHT = 4;
/** Share of the tile memory that one cloud may take, and decoded bytes of a point, at most. */
const MEMORY_SHARE = 1 / 16;
const POINT_BYTES = 28;

export class ReadAhead {
  readonly #options: ReadAheadOptions;
  readonly #timing: Timing;
  readonly #turns = new Limiter(MAX_IN_FLIGHT);
  readonly #controller = new AbortController();
  /** Generations that wait or are being read. */
  readonly #pending = new Set<number>();
  #stats = { clouds: 0, nodes: 0, skipped: 0 };

  constructor(options: ReadAheadOptions) {
    this.#options = options;
    this.#timing = options.timing ?? SYSTEM_TIMING;
    setMaxListeners(0, this.#controller.signal);
  }

  get stats(): ReadAheadStats {
    return this.#stats;
  }

  /** Has the nodes of a small cloud read that are not in `read`. Returns at once. */
  after(cloudVersion: CloudVersion, read: readonly PlannedNode[]): void {
    const { generation } = cloudVersion;
    if (this.#controller.signal.aborted || this.#pending.has(generation)) return;
    const nodes = this.#nodesBeside(cloudVersion, read);
    if (nodes.length === 0) return;
    if (this.#pending.size >= MAX_WAITING) {
      this.#stats.skipped += 1;
      return;
    }
    this.#pending.add(generation);
    this.#later(DELAY_MS, cloudVersion, nodes);
  }

  /** Stops reading ahead. */
  close(): void {
    this.#controller.abort(new Error('the reader is closed'));
  }

  /** All nodes of the cloud but those in `read`; none if the cloud is not small. */
  #nodesBeside({ cloud }: CloudVersion, read: readonly PlannedNode[]): PlannedNode[] {
    const { maxPoints, tileMemoryBytes } = this.#options;
    const { rootPage, points: total } = cloud;
    const isSmall = total <= maxPoints && total * POINT_BYTES <= tileMemoryBytes * MEMORY_SHARE;
    if (!isSmall || rootPage.nodes.size > maxPoints || !isComplete(rootPage)) return [];
    const known = new Set(read.map(({ name }) => name));
    const nodes: PlannedNode[] = [];
    let promised = 0;
    for (const [name, points] of rootPage.nodes) {
      promised += points;
      const key = Key.parse(name);
      if (points === 0 || key === null || known.has(name)) continue;
      nodes.push({ key, name, points, range: rootPage.ranges?.get(name) ?? null });
    }
    // What the hierarchy promises counts, not what the metadata say.
    return promised <= maxPoints ? nodes : [];
  }

  #later(ms: number, cloudVersion: CloudVersion, nodes: readonly PlannedNode[]): void {
    this.#timing.after(ms, () => {
      if (this.#controller.signal.aborted) return;
      if (this.#options.tiles.inFlight > BUSY_NODES) this.#later(RETRY_MS, cloudVersion, nodes);
      else void this.#read(cloudVersion, nodes);
    });
  }

  /** Never rejects: what fails is read again by the click that needs it. */
  async #read(cloudVersion: CloudVersion, nodes: readonly PlannedNode[]): Promise<void> {
    const { tiles } = this.#options;
    const { signal } = this.#controller;
    // Ranges of one file are asked for together, so that they become one request.
    const isPacked = nodes.some(({ range }) => range !== null);
    const get = (node: PlannedNode) => tiles.get(cloudVersion, node, { signal });
    const read = await Promise.allSettled(
      nodes.map((node) => (isPacked ? get(node) : this.#turns.run(() => get(node), signal))),
    );
    this.#pending.delete(cloudVersion.generation);
    this.#stats.clouds += 1;
    const tilesRead = read.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    this.#stats.nodes += tilesRead.length;
    await Promise.allSettled(tilesRead.map((tile) => tile.verify()));
  }
}
