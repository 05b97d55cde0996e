/**
 * Enough of PromQL and of the exposition format to say which series a query asks for, and whether a server
 * has them. For tests.
 */

/** The labels of each series that a server has shown, by the series' name. */
export type Exposition = ReadonlyMap<string, ReadonlySet<string>>;

export interface QueriedSeries {
  readonly name: string;
  /** Labels that the selector goes by. */
  readonly labels: readonly string[];
}

/** https://prometheus.io/docs/instrumenting/exposition_formats/ */
export function parseExposition(text: string): Exposition {
  const series = new Map<string, Set<string>>();
  for (const [, name, labels = ''] of text.matchAll(/^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$/gm)) {
    const known = series.get(name!) ?? new Set();
    for (const label of labelsOf(labels)) known.add(label);
    series.set(name!, known);
  }
  return series;
}

const WORDS = new Set(['and', 'or', 'unless', 'bool', 'offset', 'inf', 'nan']);

/**
 * The series that an expression selects. Variables of Grafana (`$job`, `$__rate_interval`) may stand in
 * strings and ranges.
 */
export function queriedSeries(expr: string): QueriedSeries[] {
  const plain = expr
    .replace(/\[[^\]]*\]/g, '')
    .replace(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, '');
  const found: QueriedSeries[] = [];
  for (const [, name, open, selector] of plain.matchAll(
    /(?<![\w:".$])([a-zA-Z_:][\w:]*)\s*(?:(\()|\{((?:[^"}]|"[^"]*")*)\})?/g,
  ))
    if (open === undefined && !WORDS.has(name!.toLowerCase()))
      found.push({ name: name!, labels: labelsOf(selector ?? '') });
  return found;
}

function labelsOf(selector: string): string[] {
  return [...selector.matchAll(/([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)\s*"(?:[^"\\]|\\.)*"/g)].map(
    ([, label]) => label!,
  );
}
