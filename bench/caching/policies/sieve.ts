/**
 * SIEVE (Zhang et al., NSDI 2024): a queue in order of arrival that never moves a key; a hit sets its bit,
 * and a hand goes from the oldest to the newest, clears bits and takes the first key that has none.
 */
import type { Policy } from './policy.ts';

interface Node {
  readonly key: string;
  readonly bytes: number;
  isVisited: boolean;
  older: Node | null;
  newer: Node | null;
}

export class Sieve implements Policy {
  readonly #maxBytes: number;
  readonly #nodes = new Map<string, Node>();
  #oldest: Node | null = null;
  #newest: Node | null = null;
  #hand: Node | null = null;
  bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  request(key: string, bytes: number): boolean {
    const known = this.#nodes.get(key);
    if (known !== undefined) {
      known.isVisited = true;
      return true;
    }
    if (bytes > this.#maxBytes) return false;
    while (this.bytes + bytes > this.#maxBytes) this.#evict();
    const node: Node = { key, bytes, isVisited: false, older: this.#newest, newer: null };
    if (this.#newest !== null) this.#newest.newer = node;
    this.#newest = node;
    this.#oldest ??= node;
    this.#nodes.set(key, node);
    this.bytes += bytes;
    return false;
  }

  #evict(): void {
    let node = this.#hand ?? this.#oldest;
    while (node?.isVisited) {
      node.isVisited = false;
      node = node.newer ?? this.#oldest;
    }
    if (node === null) return;
    this.#hand = node.newer;
    if (node.older === null) this.#oldest = node.newer;
    else node.older.newer = node.newer;
    if (node.newer === null) this.#newest = node.older;
    else node.newer.older = node.older;
    this.#nodes.delete(node.key);
    this.bytes -= node.bytes;
  }
}
