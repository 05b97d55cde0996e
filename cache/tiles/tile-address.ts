/** Where the stored bytes of a tile are. */
import type { ByteRange } from '../byte-source/index.ts';

/** A node of a version of a cloud, and where the origin has it. */
export interface TileAddress {
  readonly cloud: string;
  readonly version: string;
  /** The node's key. */
  readonly node: string;
  readonly path: string;
  /** Its stretch of the object; null if it is the whole object. */
  readonly range: ByteRange | null;
}
