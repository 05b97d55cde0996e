/** Curves over the number of annotators as an SVG, both axes logarithmic or the upright one linear. */

export interface ChartSeries {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface ChartOptions {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly isLogY: boolean;
  readonly series: readonly ChartSeries[];
}

const WIDTH = 420;
const HEIGHT = 260;
const MARGIN = { left: 64, top: 34, bottom: 44, right: 150 };
const COLOURS = ['#1f6fb4', '#d2601a', '#2e8b57', '#8e44ad', '#8a6d1a', '#888888'];

export function lineChart({ title, xLabel, yLabel, isLogY, series }: ChartOptions): string {
  const all = series.flatMap(({ points }) => points).filter(([, y]) => Number.isFinite(y));
  const xs = [...new Set(all.map(([x]) => x))].sort((a, b) => a - b);
  const yTicks = isLogY ? logTicks(all.map(([, y]) => y)) : [0, 0.25, 0.5, 0.75, 1].map((t) => t * top(all));
  const [x0, x1] = [Math.log(xs[0] ?? 1), Math.log(xs.at(-1) ?? 10)];
  const scaleY = (y: number) => (isLogY ? Math.log(y) : y);
  const [y0, y1] = [scaleY(yTicks[0]!), scaleY(yTicks.at(-1)!)];
  const x = (value: number) =>
    (MARGIN.left + (x1 > x0 ? (Math.log(value) - x0) / (x1 - x0) : 0.5) * WIDTH).toFixed(1);
  const y = (value: number) => (MARGIN.top + (1 - (scaleY(value) - y0) / (y1 - y0 || 1)) * HEIGHT).toFixed(1);
  const grid = [
    ...xs.map(
      (t) =>
        `<line x1="${x(t)}" y1="${MARGIN.top}" x2="${x(t)}" y2="${MARGIN.top + HEIGHT}" stroke="#e4e4e4"/>` +
        `<text x="${x(t)}" y="${MARGIN.top + HEIGHT + 16}" text-anchor="middle">${t}</text>`,
    ),
    ...yTicks.map(
      (t) =>
        `<line x1="${MARGIN.left}" y1="${y(t)}" x2="${MARGIN.left + WIDTH}" y2="${y(t)}" stroke="#e4e4e4"/>` +
        `<text x="${MARGIN.left - 8}" y="${Number(y(t)) + 4}" text-anchor="end">${tickText(t)}</text>`,
    ),
  ];
  const curves = series.map(({ name, points }, k) => {
    const colour = COLOURS[k % COLOURS.length]!;
    const drawn = points.filter(([, value]) => Number.isFinite(value) && (!isLogY || value > 0));
    const legend = MARGIN.top + 12 + 20 * k;
    const at = MARGIN.left + WIDTH + 12;
    return [
      `<polyline points="${drawn.map(([px, py]) => `${x(px)},${y(py)}`).join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      ...drawn.map(([px, py]) => `<circle cx="${x(px)}" cy="${y(py)}" r="3" fill="${colour}"/>`),
      `<line x1="${at}" y1="${legend - 4}" x2="${at + 20}" y2="${legend - 4}" stroke="${colour}" stroke-width="2"/>`,
      `<text x="${at + 26}" y="${legend}">${name}</text>`,
    ].join('');
  });
  const [width, height] = [MARGIN.left + WIDTH + MARGIN.right, MARGIN.top + HEIGHT + MARGIN.bottom];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12" fill="#333" role="img" aria-label="${title}">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    `<text x="${MARGIN.left}" y="18" font-weight="bold">${title}</text>`,
    ...grid,
    ...curves,
    `<text x="${MARGIN.left + WIDTH / 2}" y="${height - 8}" text-anchor="middle">${xLabel}</text>`,
    `<text transform="translate(14 ${MARGIN.top + HEIGHT / 2}) rotate(-90)" text-anchor="middle">${yLabel}</text>`,
    '</svg>',
  ].join('\n');
}

function top(points: readonly (readonly [number, number])[]): number {
  return Math.max(1e-9, ...points.map(([, y]) => y));
}

/** Powers of ten around the values. */
function logTicks(values: readonly number[]): number[] {
  const positive = values.filter((value) => value > 0);
  const low = Math.floor(Math.log10(Math.min(1, ...positive.map((value) => value))));
  const from = positive.length === 0 ? 0 : Math.max(low, Math.floor(Math.log10(Math.min(...positive))));
  const to = positive.length === 0 ? 1 : Math.max(from + 1, Math.ceil(Math.log10(Math.max(...positive))));
  return Array.from({ length: to - from + 1 }, (_, k) => 10 ** (from + k));
}

function tickText(value: number): string {
  return value >= 1000 ? value.toLocaleString('en') : String(Number(value.toPrecision(3)));
}
