/** When the memory of a node that was pushed out of the memory tier may be used again. */
import type { DecodedNode } from '../points/index.ts';

/** A read that may hold nodes. */
export interface NodeLease {
  /** The read has no node any more. Further calls have no effect. */
  end(): void;
}

interface RetiredNode {
  readonly node: DecodedNode;
  /** Leases that began before this number may hold the node. */
  readonly before: number;
}

/** Nodes that wait for reads to end; more are left to the garbage collector. */
const MAX_WAITING = 64;

/**
 * Reads may hold any node that was in the memory tier, or on its way there, since they began. So a node that
 * was pushed out is free once every read that began before that has ended (epoch-based reclamation). Nodes
 * that were given to somebody who does not say when he is done are left to the garbage collector.
 */
export class RetiredNodes {
  readonly #reuse: (node: DecodedNode) => void;
  /** Numbers of the leases that have not ended, in ascending order. */
  readonly #open = new Set<number>();
  readonly #waiting: RetiredNode[] = [];
  readonly #escaped = new WeakSet<DecodedNode>();
  #next = 0;

  /** @param reuse told of every node that nobody holds any more */
  constructor(reuse: (node: DecodedNode) => void) {
    this.#reuse = reuse;
  }

  /** To be called before a read asks for its first node. */
  lease(): NodeLease {
    const number = this.#next++;
    this.#open.add(number);
    return {
      end: () => {
        if (this.#open.delete(number)) this.#reuseFree();
      },
    };
  }

  /** Says that a node was given to somebody without a lease. */
  escape(node: DecodedNode): void {
    this.#escaped.add(node);
  }

  /** Says that a node is not in the memory tier any more. */
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
