/**
 * Reads the rest of a small cloud after a click on it, so that the next click on the same frame finds all
 * nodes in memory.
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
  /** Limit of the tile memory, bytes: a cloud is read ahead only if it needs a small part of it. */
  readonly tileMemoryBytes: number;
  /** Default: the system's timers. */
  readonly timing?: Timing | undefined;
}

export interface ReadAheadStats {
  /** Clouds that were read ahead, and their nodes. */
  readonly clouds: number;
  readonly nodes: number;
  /** Clouds that were not read ahead, because too many were waiting. */
  readonly skipped: number;
}

/** Delay after the click's own nodes have arrived, milliseconds: the answer has priority. */
const DELAY_MS = 30;
/** Interval of the checks whether clicks have left room, milliseconds. */
const RETRY_MS = 20;
/** If clicks wait for more nodes, nothing is read ahead. */
const BUSY_NODES = 8;
/** Most clouds that wait. */
const MAX_WAITING = 32;
/** Nodes with their own files that are read ahead at the same time. */
const MAX_IN_FLIGHT = 4;
/** Largest fraction of the tile memory for one cloud, and largest decoded size of a point, bytes. */
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

  /** Reads the nodes of a small cloud that are not in `read`, in the background. Returns at once. */
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

  /** All nodes of the cloud except those in `read`; none if the cloud is not small. */
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
    // The counts of the hierarchy decide, not those of the metadata.
    return promised <= maxPoints ? nodes : [];
  }

  #later(ms: number, cloudVersion: CloudVersion, nodes: readonly PlannedNode[]): void {
    this.#timing.after(ms, () => {
      if (this.#controller.signal.aborted) return;
      if (this.#options.tiles.inFlight > BUSY_NODES) this.#later(RETRY_MS, cloudVersion, nodes);
      else void this.#read(cloudVersion, nodes);
    });
  }

  /** Never rejects: a click that needs a failed node reads it again. */
  async #read(cloudVersion: CloudVersion, nodes: readonly PlannedNode[]): Promise<void> {
    const { tiles } = this.#options;
    const { signal } = this.#controller;
    // Ranges of one file are requested together, so that they become one request.
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
