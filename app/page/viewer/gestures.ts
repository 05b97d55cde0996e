/**
 * The hand in a view: a click, a rough box, a lasso. No tool has to be picked: Shift drags a box, Alt a
 * lasso; the tools are for those who would rather not hold keys.
 */
import type { Vec2 } from '../../../inference/boxes/index.ts';
import { clickSlop, followPointer } from '../dom/index.ts';
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
  /** A press that may be a click, or that draws, begins or ends. */
  hold(isHeld: boolean): void;
}

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
      if (tool !== 'click') {
        // Before the camera's own listeners, which then never see it.
        event.stopImmediatePropagation();
        event.preventDefault();
      }
      // A second finger is the camera's, and draws nothing.
      if (!event.isPrimary) return;
      if (tool === 'click') watchClick(view, event, target);
      else draw(view, tool, event, target);
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

function watchClick(view: View, press: PointerEvent, target: GestureTarget): void {
  const start = view.pixel(press);
  const letGo = () => target.hold(false);
  let farthest = 0;
  target.hold(true);
  followPointer(press, {
    move: (event) => {
      farthest = Math.max(farthest, distance(view.pixel(event), start));
      // It turns the camera.
      if (farthest > clickSlop(press)) letGo();
    },
    up: (event) => {
      if (farthest <= clickSlop(press)) target.click(view, view.pixel(event));
      letGo();
    },
    cancel: letGo,
    // With a second finger it is no click any more, however still the first one stays.
    second: letGo,
  });
}

function draw(
  view: View,
  tool: Exclude<Tool, 'click' | 'measure'>,
  press: PointerEvent,
  target: GestureTarget,
): void {
  const start = view.pixel(press);
  const keys = new AbortController();
  const ring: Vec2[] = [start];
  const show = (done: boolean, to: Vec2) => {
    if (tool === 'lasso') target.lasso(view, ring, done);
    else target.rectangle(view, start, to, done);
  };
  const cancel = () => {
    keys.abort();
    stop();
    target.cancelDrawing();
    target.hold(false);
  };
  view.element.setPointerCapture(press.pointerId);
  target.hold(true);
  const stop = followPointer(press, {
    move: (event) => {
      const at = view.pixel(event);
      if (distance(at, ring.at(-1)!) >= LASSO_STEP) ring.push(at);
      show(false, at);
    },
    up: (event) => {
      const at = view.pixel(event);
      keys.abort();
      const slop = clickSlop(press);
      if (ring.every((corner) => distance(corner, start) <= slop) && distance(at, start) <= slop) {
        target.cancelDrawing();
        target.click(view, at);
      } else show(true, at);
      target.hold(false);
    },
    cancel,
  });
  addEventListener(
    'keydown',
    (event) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      cancel();
    },
    { signal: keys.signal, capture: true },
  );
}

function distance([ax, ay]: Vec2, [bx, by]: Vec2): number {
  return Math.hypot(bx - ax, by - ay);
}
