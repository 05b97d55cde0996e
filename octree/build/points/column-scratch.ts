/**
 * Memory for columns that is used again and again: new memory has to be cleared, and makes the garbage
 * collector run.
 */
import { BuildColumns } from './columns.ts';

export class ColumnScratch {
  #columns: BuildColumns | null = null;

  /**
   * Empty columns with room for so many points and the dimensions of `like`; always the same ones, so those
   * of the call before are lost.
   */
  take(points: number, like: BuildColumns): BuildColumns {
    if (this.#columns === null || BuildColumns.capacity(this.#columns) < points)
      this.#columns = BuildColumns.emptyLike(like, points);
    this.#columns.count = 0;
    return this.#columns;
  }
}
