/** Mouse, fingers and keys on the map: drags move it, Shift-drags draw a rectangle, clicks ask. */
import type { Vec2 } from '../../../../inference/boxes/index.ts';
import { clickSlop, followPointer, listenForPinch } from '../../dom/index.ts';

export interface MapTarget {
  /** Pixels to the right and up that the middle moves. */
  pan(by: Vec2): void;
  /** Metres a pixel times `factor`; what is at the pixel stays there. */
  zoom(factor: number, pixel: Vec2): void;
  /** A click, on the outline of an object or beside all. */
  click(pixel: Vec2, id: string | null): void;
  rectangle(from: Vec2, to: Vec2, isDone: boolean): void;
  /** True if a drag draws without Shift as well. */
  isDrawing(): boolean;
  cancel(): void;
  /** What one press of an arrow key moves, as a share of the map. */
  readonly panShare: number;
}

const ZOOM_STEP = 1.25;

export function listenToMap(area: HTMLElement, target: MapTarget): void {
  const pixelOf = ({ clientX, clientY }: MouseEvent): Vec2 => {
    const { left, top } = area.getBoundingClientRect();
    return [clientX - left, clientY - top];
  };
  const middle = (): Vec2 => [area.clientWidth / 2, area.clientHeight / 2];
  area.addEventListener('wheel', (event) => {
    event.preventDefault();
    target.zoom(event.deltaY < 0 ? 1 / ZOOM_STEP : ZOOM_STEP, pixelOf(event));
  });
  area.addEventListener('pointerdown', (press) => {
    if (press.button !== 0 || !press.isPrimary) return;
    area.setPointerCapture(press.pointerId);
    const start = pixelOf(press);
    const isDrawing = press.shiftKey || target.isDrawing();
    const id = (press.target as Element).closest<SVGElement>('[data-id]')?.dataset.id ?? null;
    const slop = clickSlop(press);
    let last = start;
    let farthest = 0;
    followPointer(press, {
      move: (event) => {
        const at = pixelOf(event);
        farthest = Math.max(farthest, Math.hypot(at[0] - start[0], at[1] - start[1]));
        if (isDrawing) target.rectangle(start, at, false);
        else if (farthest > slop) target.pan([last[0] - at[0], at[1] - last[1]]);
        last = at;
      },
      up: (event) => {
        if (farthest <= slop) {
          target.cancel();
          target.click(pixelOf(event), id);
        } else if (isDrawing) target.rectangle(start, pixelOf(event), true);
      },
      cancel: () => target.cancel(),
      // Two fingers move and zoom the map; what the first one began is given up.
      second: () => target.cancel(),
    });
  });
  listenForPinch(area, ({ factor, middle: [x, y], by: [right, down] }) => {
    target.pan([-right, down]);
    const { left, top } = area.getBoundingClientRect();
    target.zoom(1 / factor, [x - left, y - top]);
  });
  area.addEventListener('keydown', (event) => {
    if (event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return;
    const step = target.panShare * Math.min(area.clientWidth, area.clientHeight);
    const moves: Readonly<Record<string, Vec2>> = {
      ArrowLeft: [-step, 0],
      ArrowRight: [step, 0],
      ArrowUp: [0, step],
      ArrowDown: [0, -step],
    };
    const move = moves[event.key];
    if (move !== undefined) target.pan(move);
    else if (event.key === '+' || event.key === '=') target.zoom(1 / ZOOM_STEP, middle());
    else if (event.key === '-') target.zoom(ZOOM_STEP, middle());
    else if (event.key === 'Enter' || event.key === 'h') target.click(middle(), null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}
