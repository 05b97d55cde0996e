/** Receives the nodes of a cloud during a build, in any format. */
import type { Key } from '../../geometry/index.ts';
import type { BuildColumns } from '../points/index.ts';

export interface CloudWriter {
  /** Points and nodes written so far. */
  readonly points: number;
  readonly nodes: number;
  /**
   * Adds the node `key` with these points of the columns. Parents come before their children. Returns why
   * readers would refuse the node; null if they take it.
   */
  write(key: Key, columns: BuildColumns, points: Uint32Array): Promise<string | null>;
  /** Writes the rest. Returns the bytes of all files. */
  finish(): Promise<{ readonly bytes: number }>;
  /** Waits for running writes. Must also be called after a failure, before the folder is removed. */
  settle(): Promise<void>;
}
