/** Reuses the memory of nodes that the memory tier has evicted. */
import type { DecodedNode } from '../points/index.ts';

/** A read that can hold nodes. */
export interface NodeLease {
  /** Ends the lease: the read holds no node any more. Further calls have no effect. */
  end(): void;
}

interface RetiredNode {
  readonly node: DecodedNode;
  /** Leases that began before this number can hold the node. */
  readonly before: number;
}

/** Most nodes that wait for reads to end; further ones are left to the garbage collector. */
const MAX_WAITING = 64;

/**
 * Reads can hold any node that was in the memory tier, or on its way there, since they began. So the memory
 * of an evicted node is free when every read that began before the eviction has ended (epoch-based
 * reclamation). Nodes that were returned to callers without a lease are left to the garbage collector.
 */
export class RetiredNodes {
  readonly #reuse: (node: DecodedNode) => void;
  /** Numbers of the leases that have not ended, in ascending order. */
  readonly #open = new Set<number>();
  readonly #waiting: RetiredNode[] = [];
  readonly #escaped = new WeakSet<DecodedNode>();
  #next = 0;

  /** @param reuse called with every node that no read holds any more */
  constructor(reuse: (node: DecodedNode) => void) {
    this.#reuse = reuse;
  }

  /** Must be called before a read requests its first node. */
  lease(): NodeLease {
    const number = this.#next++;
    this.#open.add(number);
    return {
      end: () => {
        if (this.#open.delete(number)) this.#reuseFree();
      },
    };
  }

  /** Marks a node that was returned to a caller without a lease. */
  escape(node: DecodedNode): void {
    this.#escaped.add(node);
  }

  /** Adds a node that the memory tier has evicted. */
  retire(node: DecodedNode): void {
    this.#waiting.push({ node, before: this.#next });
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
    this.#reuseFree();
  }

  #reuseFree(): void {
    const [oldest = this.#next] = this.#open;
    while (this.#waiting[0] !== undefined && this.#waiting[0].before <= oldest) {
      const { node } = this.#waiting.shift()!;
      if (!this.#escaped.has(node)) this.#reuse(node);
    }
  }
}
