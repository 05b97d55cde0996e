/** The values of some attributes of an input, to tell what they are. */
import type { PointInput } from '../point-input.ts';

export interface ValueRange {
  readonly least: number;
  readonly most: number;
  /** Whether all of them are whole numbers. */
  readonly areWhole: boolean;
}

/** Most points that are looked at. */
const MOST_POINTS = 1_048_576;

/** Of the first million points; null for attributes without any finite value. */
export async function valueRanges(
  input: PointInput,
  indices: ReadonlySet<number>,
): Promise<ReadonlyMap<number, ValueRange | null>> {
  const ranges = new Map(
    [...indices].map((index) => [index, { least: Infinity, most: -Infinity, areWhole: true }]),
  );
  let points = 0;
  if (indices.size > 0)
    for await (const { attributes, count } of input.batches({ attributes: true })) {
      for (const [index, range] of ranges) {
        const values = attributes[index]!;
        for (let i = 0; i < count; i++) {
          const value = values[i]!;
          if (value - value !== 0) continue;
          if (value < range.least) range.least = value;
          if (value > range.most) range.most = value;
          if (range.areWhole && !Number.isInteger(value)) range.areWhole = false;
        }
      }
      points += count;
      if (points >= MOST_POINTS) break;
    }
  return new Map([...ranges].map(([index, range]) => [index, range.most >= range.least ? range : null]));
}
