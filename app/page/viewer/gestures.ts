/**
 * The hand in a view: a click, a rough box, a lasso. No tool has to be picked: Shift drags a box, Alt a
 * lasso; the tools are for those who would rather not hold keys.
 */
import type { Vec2 } from '../../../inference/boxes/index.ts';
import type { Tool } from '../session/index.ts';
import type { View } from './views/index.ts';

export interface GestureTarget {
  /** The tool that is chosen. */
  tool(): Tool;
  /** A click at a pixel. */
  click(view: View, pixel: Vec2): void;
  /** A rectangle from one pixel to another: called while it is drawn, with `done` at the end. */
  rectangle(view: View, from: Vec2, to: Vec2, done: boolean): void;
  /** A ring: called while it is drawn, with `done` at the end. */
  lasso(view: View, ring: readonly Vec2[], done: boolean): void;
  /** Esc, or the pointer was taken away. */
  cancelDrawing(): void;
  /** True where something else, such as a handle, takes the press. */
  isTaken(view: View): boolean;
}

/** A press that moves less is a click, pixels. */
const CLICK_SLOP = 4;
/** Corners of a lasso are at least so far apart, pixels. */
const LASSO_STEP = 3;

export function listenForGestures(view: View, target: GestureTarget): void {
  const { element } = view;
  element.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button !== 0 || target.isTaken(view)) return;
      const tool = toolOf(event, target.tool());
      // The selected box is no obstacle for what is drawn across it; a plain press on it moves it.
      const isOnBox = event.target instanceof Element && event.target.matches('.body');
      if (event.target !== element && !(isOnBox && tool !== 'click')) return;
      const start = view.pixel(event);
      if (tool === 'click') watchClick(view, start, event, target);
      else {
        // Before the camera's own listeners, which then never see it.
        event.stopImmediatePropagation();
        event.preventDefault();
        draw(view, tool, start, event.pointerId, target);
      }
    },
    { capture: true },
  );
}

/** What a press does: measuring is done by clicks. */
function toolOf({ shiftKey, altKey }: PointerEvent, tool: Tool): Exclude<Tool, 'measure'> {
  if (tool === 'region') return tool;
  if (shiftKey) return 'box';
  if (altKey) return 'lasso';
  return tool === 'measure' ? 'click' : tool;
}

function watchClick(view: View, start: Vec2, { pointerId }: PointerEvent, target: GestureTarget): void {
  const end = new AbortController();
  let farthest = 0;
  const on = { signal: end.signal };
  addEventListener(
    'pointermove',
    (event) => {
      const [x, y] = view.pixel(event);
      if (event.pointerId === pointerId)
        farthest = Math.max(farthest, Math.hypot(x - start[0], y - start[1]));
    },
    on,
  );
  addEventListener(
    'pointerup',
    (event) => {
      if (event.pointerId !== pointerId) return;
      end.abort();
      if (farthest <= CLICK_SLOP) target.click(view, view.pixel(event));
    },
    on,
  );
  addEventListener('pointercancel', () => end.abort(), on);
}

function draw(
  view: View,
  tool: Exclude<Tool, 'click' | 'measure'>,
  start: Vec2,
  pointerId: number,
  target: GestureTarget,
): void {
  const end = new AbortController();
  const on = { signal: end.signal };
  const ring: Vec2[] = [start];
  const show = (done: boolean, to: Vec2) => {
    if (tool === 'lasso') target.lasso(view, ring, done);
    else target.rectangle(view, start, to, done);
  };
  const cancel = () => {
    end.abort();
    target.cancelDrawing();
  };
  view.element.setPointerCapture(pointerId);
  addEventListener(
    'pointermove',
    (event) => {
      const at = view.pixel(event);
      const last = ring.at(-1)!;
      if (Math.hypot(at[0] - last[0], at[1] - last[1]) >= LASSO_STEP) ring.push(at);
      show(false, at);
    },
    on,
  );
  addEventListener(
    'pointerup',
    (event) => {
      const at = view.pixel(event);
      end.abort();
      const isClick = Math.hypot(at[0] - start[0], at[1] - start[1]) <= CLICK_SLOP && ring.length < 4;
      if (isClick) {
        target.cancelDrawing();
        target.click(view, at);
      } else show(true, at);
    },
    on,
  );
  addEventListener('pointercancel', cancel, on);
  addEventListener(
    'keydown',
    (event) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      cancel();
    },
    { ...on, capture: true },
  );
}
