/** A node that a read needs. */
import type { ByteRange } from '../../cache/byte-source/index.ts';
import type { Key } from '../geometry/index.ts';

export interface PlannedNode {
  readonly key: Key;
  readonly points: number;
  /** Its stretch of the file that many nodes share; null where each has a file of its own. */
  readonly range: ByteRange | null;
}
