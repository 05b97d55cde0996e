/**
 * Groups the rows for the report: by hint, class group, source, number of points and range. Each group has
 * one summary for each predictor.
 */
import type { EvaluationRow } from './evaluate.ts';
import { type Summary, summarise } from './summary.ts';

/** A group of rows. Null means that all values are in it. */
export interface BreakdownPart {
  readonly hint: string;
  readonly group: string;
  readonly source: string | null;
  readonly points: string | null;
  readonly range: string | null;
  /** In the order in which the predictors were given. */
  readonly summaries: readonly { readonly predictor: string; readonly summary: Summary }[];
}

interface Band {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** By points inside the true box. The first band also has people and cyclists with 10 to 19 points. */
export const POINT_BANDS: readonly Band[] = [
  { name: '20-50', from: 0, to: 50 },
  { name: '50-200', from: 50, to: 200 },
  { name: '200+', from: 200, to: Number.POSITIVE_INFINITY },
];

/** Metres; the bands of the published study that compares human labels with each other. */
export const RANGE_BANDS: readonly Band[] = [
  { name: '0-30 m', from: 0, to: 30 },
  { name: '30-50 m', from: 30, to: 50 },
  { name: '50+ m', from: 50, to: Number.POSITIVE_INFINITY },
];

/**
 * All groups that have rows: for each hint and class group first all rows, then each source and its bands.
 */
export function breakdown(rows: readonly EvaluationRow[]): BreakdownPart[] {
  const parts: BreakdownPart[] = [];
  for (const hint of distinct(rows, (row) => row.hint))
    for (const group of distinct(rows, (row) => row.group)) {
      const of = rows.filter((row) => row.hint === hint && row.group === group);
      const sources = distinct(of, (row) => row.source);
      for (const source of sources.length > 1 ? [null, ...sources] : sources) {
        const here = source === null ? of : of.filter((row) => row.source === source);
        const add = (points: string | null, range: string | null, chosen: readonly EvaluationRow[]) => {
          if (chosen.length > 0)
            parts.push({ hint, group, source, points, range, summaries: byPredictor(chosen) });
        };
        add(null, null, here);
        for (const band of POINT_BANDS)
          add(
            band.name,
            null,
            here.filter((row) => row.numPoints >= band.from && row.numPoints < band.to),
          );
        for (const band of RANGE_BANDS)
          add(
            null,
            band.name,
            here.filter((row) => row.range >= band.from && row.range < band.to),
          );
      }
    }
  return parts;
}

function byPredictor(rows: readonly EvaluationRow[]): BreakdownPart['summaries'] {
  return distinct(rows, (row) => row.predictor).map((predictor) => ({
    predictor,
    summary: summarise(rows.filter((row) => row.predictor === predictor)),
  }));
}

function distinct<T>(rows: readonly EvaluationRow[], value: (row: EvaluationRow) => T): T[] {
  return [...new Set(rows.map(value))];
}
