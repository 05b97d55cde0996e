/** The byte ranges of the hierarchy pages of one file. No two pages may overlap. */
import type { ByteRange } from '../../cache/byte-source/index.ts';
import { NearboxError } from '../../cache/foundation/index.ts';
import { Key } from '../geometry/index.ts';

interface HierarchyPlace {
  readonly offset: number;
  readonly end: number;
  readonly node: string;
}

/** Pages that are remembered per cloud. Further pages are not checked against each other. */
const MAX_PLACES = 65_536;

/**
 * Claims the range of each page before it is read. Overlapping pages are a loop, or a small file that stands
 * for a huge tree: 198 bytes can link to themselves eight times on each of 30 levels.
 */
export class PagePlaces {
  /** In the order of their offsets; they do not overlap. */
  readonly #places: HierarchyPlace[] = [];
  readonly #cloud: string;

  /** `cloud` is the cloud's id, for messages. */
  constructor(cloud: string) {
    this.#cloud = cloud;
  }

  /** Throws `corrupt_tile` with both nodes if the range overlaps with the page of another node. */
  claim(root: Key, { offset, length }: ByteRange): void {
    const node = Key.format(root);
    const end = offset + length;
    const at = this.#firstEndingAfter(offset);
    const next = this.#places[at];
    if (next !== undefined && next.offset < end) {
      if (next.node === node && next.offset === offset && next.end === end) return;
      throw new NearboxError(
        'corrupt_tile',
        `${this.#cloud}: the hierarchy page of node ${node} (bytes ${offset} to ${end}) overlaps with that of node ${next.node}`,
      );
    }
    if (this.#places.length < MAX_PLACES) this.#places.splice(at, 0, { offset, end, node });
  }

  #firstEndingAfter(offset: number): number {
    let [low, high] = [0, this.#places.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#places[middle]!.end <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
