/**
 * Handles of the selected box in a side view: its body moves it, edges and corners resize it, and from above
 * a knob turns it.
 */
import type { Box, Vec2, Vec3 } from '../../../../inference/boxes/index.ts';
import { toBoxFrame } from '../../../../inference/boxes/index.ts';
import {
  type Axis,
  draggedInSide,
  dragName,
  movedOwn,
  SIDE_AXES,
  type Side,
  type SideGrip,
  turned,
} from '../../boxes/index.ts';
import { projectPoint } from '../../cloud/index.ts';
import { followPointer, setAttributes, svg } from '../../dom/index.ts';
import type { SideView } from '../views/index.ts';

export interface HandleTarget {
  /** The box that the handles belong to, or null. */
  box(): Box | null;
  /** True if sizes are kept: edges then move the box. */
  keepsSize(): boolean;
  /** The views stand still while a handle is dragged. */
  begin(): void;
  change(box: Box, what: string): void;
  end(): void;
  /** A double click or Alt-click on an edge. */
  snap(axis: Axis, side: Side): void;
}

interface Handle extends SideGrip {
  readonly element: SVGElement;
}

/** How far the knob stands off the front, pixels. */
const KNOB_PIXELS = 22;
const SIDES = [-1, 0, 1] as const;

export class SideHandles {
  readonly #view: SideView;
  readonly #target: HandleTarget;
  readonly #handles: Handle[] = [];
  readonly #body = svg('path', { class: 'body' });
  readonly #stem = svg('path', { class: 'stem' });
  readonly #knob = svg('circle', { class: 'knob', r: 6 });
  #isShown = true;

  constructor(view: SideView, parent: SVGElement, target: HandleTarget) {
    this.#view = view;
    this.#target = target;
    parent.append(this.#body, this.#stem);
    this.#listen(this.#body, { element: this.#body, right: 0, up: 0 });
    for (const up of SIDES)
      for (const right of SIDES) {
        if (right === 0 && up === 0) continue;
        const isCorner = right !== 0 && up !== 0;
        const element = svg('rect', {
          class: `handle ${isCorner ? (right === up ? 'nesw' : 'nwse') : right === 0 ? 'ns' : 'ew'}`,
          width: isCorner ? 8 : right === 0 ? 16 : 6,
          height: isCorner ? 8 : right === 0 ? 6 : 16,
          rx: 2,
          'data-face': `${right} ${up}`,
        });
        const handle = { element, right, up };
        this.#handles.push(handle);
        parent.append(element);
        this.#listen(element, handle);
      }
    if (view.kind === 'top') {
      parent.append(this.#knob);
      this.#knob.addEventListener('pointerdown', (event) => this.#turn(event));
    }
  }

  /** Puts the handles where the box is. */
  place(): void {
    const box = this.#target.box();
    this.#show(box !== null);
    if (box === null) return;
    for (const { element, right, up } of this.#handles) {
      const at = this.#pixelOf(box, right, up);
      const [w, hgt] = [Number(element.getAttribute('width')), Number(element.getAttribute('height'))];
      setAttributes(element, { x: at[0] - w / 2, y: at[1] - hgt / 2 });
    }
    const corners = [
      [-1, -1],
      [1, -1],
      [1, 1],
      [-1, 1],
    ] as const;
    const outline = corners.map(([right, up]) => this.#pixelOf(box, right, up).join(' '));
    setAttributes(this.#body, { d: `M${outline.join('L')}Z` });
    if (this.#view.kind !== 'top') return;
    const front = this.#pixelOf(box, 0, 1);
    const middle = this.#pixelOf(box, 0, 0);
    const length = Math.hypot(front[0] - middle[0], front[1] - middle[1]) || 1;
    const [dx, dy] = [(front[0] - middle[0]) / length, (front[1] - middle[1]) / length];
    const knob: Vec2 = [front[0] + dx * KNOB_PIXELS, front[1] + dy * KNOB_PIXELS];
    setAttributes(this.#knob, { cx: knob[0], cy: knob[1] });
    setAttributes(this.#stem, { d: `M${front.join(' ')}L${knob.join(' ')}` });
  }

  #show(isShown: boolean): void {
    if (isShown === this.#isShown) return;
    this.#isShown = isShown;
    const all = [this.#body, this.#stem, this.#knob, ...this.#handles.map(({ element }) => element)];
    for (const element of all) element.style.display = isShown ? '' : 'none';
  }

  /** The pixel of a place on the box's outline: -1, 0 or 1 along the view's right and up. */
  #pixelOf(box: Box, right: number, up: number): Vec2 {
    const axes = SIDE_AXES[this.#view.kind];
    const own: [number, number, number] = [0, 0, 0];
    own[axes.right.axis] = (box.size[axes.right.axis] / 2) * right * axes.right.side;
    own[axes.up.axis] = (box.size[axes.up.axis] / 2) * up * axes.up.side;
    const pixel = projectPoint(this.#view.projection(), movedOwn(box, own).center);
    return pixel === null ? [-99, -99] : [pixel.x, pixel.y];
  }

  #listen(element: SVGElement, handle: Handle): void {
    element.addEventListener('dblclick', () => this.#snap(handle));
    element.addEventListener('pointerdown', (event) => {
      if (
        event.button !== 0 ||
        !event.isPrimary ||
        event.shiftKey ||
        (handle.element === this.#body && event.altKey)
      )
        return;
      if (event.altKey) {
        this.#snap(handle);
        event.preventDefault();
        return;
      }
      const start = this.#target.box();
      if (start === null) return;
      const from = this.#view.pixel(event);
      this.#drag(event, (to) => {
        const step = this.#view.metresPerPixel;
        const metres = [(to[0] - from[0]) * step, (from[1] - to[1]) * step] as const;
        return [
          draggedInSide(start, this.#view.kind, handle, metres, this.#target.keepsSize()),
          dragName(handle),
        ];
      });
    });
  }

  #snap({ right, up }: Handle): void {
    const axes = SIDE_AXES[this.#view.kind];
    if (right !== 0) this.#target.snap(axes.right.axis, (right * axes.right.side) as Side);
    if (up !== 0) this.#target.snap(axes.up.axis, (up * axes.up.side) as Side);
  }

  #turn(event: PointerEvent): void {
    const start = this.#target.box();
    if (event.button !== 0 || !event.isPrimary || start === null) return;
    const angle = (pixel: Vec2): number | null => {
      const at = this.#view.onHeight(pixel, start.center[2]);
      if (at === null) return null;
      const own = toBoxFrame(start, at as Vec3);
      return Math.atan2(own[1], own[0]);
    };
    const from = angle(this.#view.pixel(event)) ?? 0;
    this.#drag(event, (to) => {
      const now = angle(to);
      return [now === null ? start : turned(start, now - from), 'turn'];
    });
  }

  #drag(event: PointerEvent, boxAt: (pixel: Vec2) => readonly [Box, string]): void {
    event.preventDefault();
    event.stopPropagation();
    this.#target.begin();
    const end = () => this.#target.end();
    followPointer(event, {
      move: (move) => this.#target.change(...boxAt(this.#view.pixel(move))),
      up: end,
      cancel: end,
      second: end,
    });
  }
}
