/**
 * Draws the cells of a row. Colour and shape say what a box stands on, its height the score; so nothing is
 * told by colour alone.
 */
import type { TimelineCell } from '../../tracks/index.ts';

const STRIP_HEIGHT = 16;
/** Height of a bar whose score is 0, as a share. */
const LEAST_BAR = 0.25;

/** Widths in pixels; the canvas is made as large as its cells need. */
export function drawStrip(
  canvas: HTMLCanvasElement,
  cells: readonly (TimelineCell | undefined)[],
  cellWidth: number,
): void {
  const ratio = Math.min(2, devicePixelRatio);
  const width = cells.length * cellWidth;
  const size = [Math.round(width * ratio), Math.round(STRIP_HEIGHT * ratio)] as const;
  if (canvas.width !== size[0]) canvas.width = size[0];
  if (canvas.height !== size[1]) canvas.height = size[1];
  canvas.style.width = `${width}px`;
  const context = canvas.getContext('2d')!;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, STRIP_HEIGHT);
  const style = getComputedStyle(canvas);
  const colourOf = (name: string) => style.getPropertyValue(`--track-${name}`);
  const gap = cellWidth >= 6 ? 1 : 0;
  for (const [frame, cell] of cells.entries())
    if (cell !== undefined)
      drawCell(context, cell, { left: frame * cellWidth + gap / 2, width: cellWidth - gap, colourOf });
}

interface CellPlace {
  readonly left: number;
  readonly width: number;
  readonly colourOf: (name: string) => string;
}

function drawCell(
  context: CanvasRenderingContext2D,
  cell: TimelineCell,
  { left, width, colourOf }: CellPlace,
): void {
  const full = STRIP_HEIGHT - 3;
  context.fillStyle = colourOf(cell.status);
  context.strokeStyle = colourOf(cell.status);
  if (cell.status === 'absent') context.fillRect(left, STRIP_HEIGHT / 2, width, 1);
  else if (cell.status === 'lost') {
    // An empty frame with a stroke through it.
    context.lineWidth = 1;
    context.strokeRect(left + 0.5, 2.5, Math.max(1, width - 1), full - 2);
    context.beginPath();
    context.moveTo(left, STRIP_HEIGHT - 3);
    context.lineTo(left + width, 2);
    context.stroke();
  } else if (cell.status === 'keyframe') {
    const [x, y, r] = [left + width / 2, STRIP_HEIGHT / 2 - 1, Math.min(6, Math.max(2.5, width / 2))];
    context.beginPath();
    context.moveTo(x, y - 6);
    context.lineTo(x + r, y);
    context.lineTo(x, y + 6);
    context.lineTo(x - r, y);
    context.fill();
  } else {
    const height = full * Math.max(LEAST_BAR, cell.score ?? 1);
    context.fillRect(left, STRIP_HEIGHT - 2 - height, width, height);
  }
  if (cell.isAccepted) {
    context.fillStyle = colourOf('accepted');
    context.fillRect(left, STRIP_HEIGHT - 2, width, 2);
  }
  if (cell.isLocked) {
    context.fillStyle = colourOf('locked');
    context.fillRect(left, 0, width, 2);
  }
}
