/** Where the nodes of a cloud lie in the file that they share: no byte may belong to two of them. */
import type { ByteRange } from '../../cache/byte-source/index.ts';
import { Key } from '../geometry/index.ts';

/** Numbers that are kept of a node: depth, x, y, z, offset, length. */
const FIELDS = 6;

export interface StretchOverlap {
  readonly node: string;
  readonly other: string;
  readonly bytes: number;
}

export class Stretches {
  /** 48 bytes a node, not an object: a cloud may have millions. */
  #numbers = new Float64Array(FIELDS * 1024);
  #count = 0;

  add({ depth, x, y, z }: Key, { offset, length }: ByteRange): void {
    const at = FIELDS * this.#count++;
    if (at === this.#numbers.length) {
      const grown = new Float64Array(2 * at);
      grown.set(this.#numbers);
      this.#numbers = grown;
    }
    this.#numbers.set([depth, x, y, z, offset, length], at);
  }

  /** Nodes that begin before one that lies before them in the file has ended. */
  *overlaps(): Generator<StretchOverlap> {
    const numbers = this.#numbers;
    const offsetOf = (i: number) => numbers[FIELDS * i + 4]!;
    const endOf = (i: number) => offsetOf(i) + numbers[FIELDS * i + 5]!;
    const order = new Uint32Array(this.#count).map((_, i) => i).sort((a, b) => offsetOf(a) - offsetOf(b));
    let farthest = order[0] ?? 0;
    for (const i of order.subarray(1)) {
      const bytes = Math.min(endOf(farthest), endOf(i)) - offsetOf(i);
      if (bytes > 0) yield { node: this.#name(i), other: this.#name(farthest), bytes };
      if (endOf(i) > endOf(farthest)) farthest = i;
    }
  }

  #name(i: number): string {
    const [depth, x, y, z] = this.#numbers.subarray(FIELDS * i, FIELDS * i + 4);
    return Key.format({ depth: depth!, x: x!, y: y!, z: z! });
  }
}
