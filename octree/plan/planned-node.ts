/** A node that a read needs. */
import type { ByteRange } from '../../cache/byte-source/index.ts';
import type { Key } from '../geometry/index.ts';

export interface PlannedNode {
  readonly key: Key;
  /** The key as text: `D-X-Y-Z`. */
  readonly name: string;
  readonly points: number;
  /** The range of its points in a file of many nodes; null if the node has its own file. */
  readonly range: ByteRange | null;
}
