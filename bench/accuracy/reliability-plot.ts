/** Score against reached IoU as an SVG: on the diagonal the score says what is to be expected. */

export interface Series {
  readonly name: string;
  /** Mean score and mean IoU of parts of the answers. */
  readonly pairs: readonly (readonly [score: number, iou: number])[];
  readonly isDashed: boolean;
}

const SIDE = 360;
const MARGIN = { left: 48, top: 16, bottom: 44, right: 190 };
const COLOURS = ['#888888', '#1f6fb4', '#d2601a', '#2e8b57', '#8e44ad'];

export function reliabilityPlot(series: readonly Series[]): string {
  const x = (value: number) => (MARGIN.left + value * SIDE).toFixed(1);
  const y = (value: number) => (MARGIN.top + (1 - value) * SIDE).toFixed(1);
  const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1];
  const axes = ticks.flatMap((t) => [
    `<line x1="${x(t)}" y1="${y(0)}" x2="${x(t)}" y2="${y(1)}" stroke="#e4e4e4"/>`,
    `<line x1="${x(0)}" y1="${y(t)}" x2="${x(1)}" y2="${y(t)}" stroke="#e4e4e4"/>`,
    `<text x="${x(t)}" y="${Number(y(0)) + 16}" text-anchor="middle">${t}</text>`,
    `<text x="${Number(x(0)) - 8}" y="${Number(y(t)) + 4}" text-anchor="end">${t}</text>`,
  ]);
  const curves = series.flatMap(({ name, pairs, isDashed }, k) => {
    const colour = COLOURS[k % COLOURS.length]!;
    const points = pairs.map(([score, iou]) => `${x(score)},${y(iou)}`);
    const legend = MARGIN.top + 14 + 20 * k;
    const dash = isDashed ? ' stroke-dasharray="5 4"' : '';
    const at = MARGIN.left + SIDE + 14;
    return [
      `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"${dash}/>`,
      ...points.map((point) => {
        const [cx, cy] = point.split(',');
        return `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`;
      }),
      `<line x1="${at}" y1="${legend - 4}" x2="${at + 24}" y2="${legend - 4}" stroke="${colour}" stroke-width="2"${dash}/>`,
      `<text x="${at + 30}" y="${legend}">${name}</text>`,
    ];
  });
  const [width, height] = [MARGIN.left + SIDE + MARGIN.right, MARGIN.top + SIDE + MARGIN.bottom];
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12" fill="#333">`,
    '<title>Score against reached IoU</title>',
    `<rect width="${width}" height="${height}" fill="white"/>`,
    ...axes,
    `<line x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}" stroke="#bbbbbb"/>`,
    ...curves,
    `<text x="${x(0.5)}" y="${height - 8}" text-anchor="middle">score: the 3D IoU to expect</text>`,
    `<text transform="translate(14 ${y(0.5)}) rotate(-90)" text-anchor="middle">3D IoU reached</text>`,
    '</svg>',
  ].join('\n')}\n`;
}
