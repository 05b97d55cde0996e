/** One cell of the panel: a frame's three small pictures of the object, drawn and edited in place. */
import { type Box, insideTest, toBoxFrame, type Vec2 } from '../../../../inference/boxes/index.ts';
import { draggedInSide, dragName, turned } from '../../boxes/index.ts';
import type { PointList } from '../../cloud/index.ts';
import { followPointer, h } from '../../dom/index.ts';
import {
  angleAt,
  type GlancePlace,
  gripAt,
  KNOB_PIXELS,
  knobPixel,
  outlineIn,
  PANES,
  PICTURE,
  type PictureGrip,
  toPane,
} from '../../glance/index.ts';

export interface GlanceTarget {
  /** The cell was pressed: it has the keyboard from now on. */
  focus(frame: string): void;
  open(frame: string): void;
  keepsSize(): boolean;
  /** A drag begins or ends: it is one undo step, and the pictures keep their scale. */
  hold(isHeld: boolean): void;
  edit(frame: string, box: Box, what: string): void;
}

export interface CellContent {
  readonly place: GlancePlace;
  /** undefined: not there yet; null: there are none. */
  readonly points: PointList | null | undefined;
  /** `#rrggbb` of the box. */
  readonly colour: string;
  /** Pixels a metre. */
  readonly scale: number;
  readonly isOpen: boolean;
  /** The box was made for another version of the frame's cloud. */
  readonly isOfOtherVersion: boolean;
}

export class GlanceCell {
  readonly element: HTMLElement;
  readonly frame: string;
  readonly #canvas = h('canvas', { 'aria-hidden': 'true' });
  readonly #caption = h('span', { class: 'glance-caption' });
  readonly #version = h('span', { class: 'other-version' }, 'Box of another version');
  readonly #target: GlanceTarget;
  #content: CellContent | null = null;
  /** While a drag goes on, the pictures stay those of the box as it was. */
  #held: Box | null = null;

  constructor(frame: string, target: GlanceTarget) {
    this.frame = frame;
    this.#target = target;
    this.element = h(
      'div',
      { class: 'glance-cell', role: 'option', tabindex: '-1', 'data-frame': frame },
      this.#canvas,
      this.#caption,
      this.#version,
    );
    this.element.addEventListener('focus', () => target.focus(frame));
    this.element.addEventListener('dblclick', () => target.open(frame));
    this.#canvas.addEventListener('pointerdown', (event) => this.#press(event));
    // A finger beside the box scrolls the cells; on the box it edits.
    const keep = (event: TouchEvent) => {
      const { left, top } = this.#canvas.getBoundingClientRect();
      const { clientX, clientY } = event.changedTouches[0]!;
      if (this.#gripOf([clientX - left, clientY - top]) !== null) event.preventDefault();
    };
    this.#canvas.addEventListener('touchstart', keep, { passive: false });
    this.#canvas.addEventListener('pointermove', (event) => {
      const held = this.#gripOf([event.offsetX, event.offsetY]);
      this.#canvas.style.cursor = held === null ? '' : (CURSORS[gripName(held.grip)] ?? '');
    });
  }

  show(content: CellContent): void {
    this.#content = content;
    const { place, isOpen, isOfOtherVersion } = content;
    const text = `${place.number} · ${place.text}`;
    if (this.#caption.textContent !== text) this.#caption.textContent = text;
    // Begins with what is to be read, so that it can be called by that.
    const version = isOfOtherVersion ? ', box of another version' : '';
    this.element.setAttribute('aria-label', `${text}, frame ${place.frame}${version}`);
    this.#version.hidden = !isOfOtherVersion;
    this.element.setAttribute('aria-selected', String(isOpen));
    this.element.classList.toggle('doubtful', place.isDoubtful);
    this.#draw();
  }

  /** Out of sight: the picture is let go. */
  hide(): void {
    this.#content = null;
    this.#canvas.width = 0;
  }

  #draw(): void {
    const { place, points, scale, colour } = this.#content!;
    const ratio = Math.min(2, devicePixelRatio);
    this.#canvas.width = PICTURE.width * ratio;
    this.#canvas.height = PICTURE.height * ratio;
    const context = this.#canvas.getContext('2d')!;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const style = getComputedStyle(this.#canvas);
    const colourOf = (name: string) => style.getPropertyValue(`--${name}`);
    const box = place.label?.box;
    const axes = this.#held ?? box;
    for (const pane of PANES) {
      context.save();
      context.beginPath();
      context.rect(pane.left, pane.top, pane.width, pane.height);
      context.clip();
      context.fillStyle = colourOf('scene');
      context.fill();
      if (box !== undefined && axes !== undefined) {
        const own = { pane, axes, box, scale };
        if (points != null) drawPoints(context, points, own, [colourOf('quiet'), colourOf('text')]);
        drawBox(context, own, colour);
        if (pane.view === 'top' && this.#held === null) drawKnob(context, own, colour);
      }
      context.restore();
    }
    if (points === undefined && box !== undefined) {
      context.fillStyle = colourOf('quiet');
      context.fillText('…', PICTURE.width / 2, PICTURE.height / 2);
    }
  }

  /** What of the box is at a pixel of the canvas. */
  #gripOf(pixel: Vec2) {
    const content = this.#content;
    const box = content?.place.label?.box;
    return box === undefined ? null : gripAt(box.size, pixel, content!.scale);
  }

  #press(event: PointerEvent): void {
    const at = [event.offsetX, event.offsetY] as const;
    const held = this.#gripOf(at);
    const start = this.#content?.place.label?.box;
    if (event.button !== 0 || !event.isPrimary || held === null || start === undefined) return;
    const { pane, grip } = held;
    const { scale } = this.#content!;
    this.#held = start;
    this.#target.hold(true);
    const letGo = () => {
      this.#held = null;
      this.#target.hold(false);
      if (this.#content !== null) this.#draw();
    };
    followPointer(event, {
      move: ({ clientX, clientY }) => {
        const by = [clientX - event.clientX, clientY - event.clientY] as const;
        const metres = [by[0] / scale, -by[1] / scale] as const;
        const box =
          grip === 'turn'
            ? turned(start, angleAt(pane, [at[0] + by[0], at[1] + by[1]]) - angleAt(pane, at))
            : draggedInSide(start, pane.view, grip, metres, this.#target.keepsSize());
        this.#target.edit(this.frame, box, gripName(grip));
      },
      up: letGo,
      cancel: letGo,
    });
  }
}

const CURSORS: Readonly<Record<string, string>> = { move: 'move', resize: 'crosshair', turn: 'grab' };

/** The name of a drag's undo step. */
function gripName(grip: PictureGrip): string {
  return grip === 'turn' ? grip : dragName(grip);
}

interface PaneBox {
  readonly pane: (typeof PANES)[number];
  /** The box whose middle and axes the picture has. */
  readonly axes: Box;
  readonly box: Box;
  readonly scale: number;
}

function drawPoints(
  context: CanvasRenderingContext2D,
  { origin, xyz }: PointList,
  { pane, axes, box, scale }: PaneBox,
  [around, within]: readonly [string, string],
): void {
  const isInside = insideTest(box);
  for (const isDrawnInside of [false, true]) {
    context.fillStyle = isDrawnInside ? within : around;
    for (let i = 0; i < xyz.length; i += 3) {
      const place = [origin[0] + xyz[i]!, origin[1] + xyz[i + 1]!, origin[2] + xyz[i + 2]!] as const;
      if (isInside(...place) !== isDrawnInside) continue;
      const { x, y, isSeen } = toPane(pane, axes.size, toBoxFrame(axes, place), scale);
      if (isSeen) context.fillRect(x - 0.6, y - 0.6, 1.2, 1.2);
    }
  }
}

function drawKnob(context: CanvasRenderingContext2D, { pane, axes, scale }: PaneBox, colour: string): void {
  const [x, y] = knobPixel(pane, axes.size, scale);
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.lineWidth = 1.2;
  context.beginPath();
  context.moveTo(x, y + KNOB_PIXELS.off);
  context.lineTo(x, y);
  context.stroke();
  context.beginPath();
  context.arc(x, y, KNOB_PIXELS.radius, 0, 2 * Math.PI);
  context.fill();
}

function drawBox(
  context: CanvasRenderingContext2D,
  { pane, axes, box, scale }: PaneBox,
  colour: string,
): void {
  const outline = outlineIn(pane, axes, box, scale);
  context.strokeStyle = colour;
  context.lineWidth = 1.2;
  context.beginPath();
  for (const [x, y] of outline) context.lineTo(x, y);
  context.closePath();
  context.stroke();
  if (pane.view === 'rear') return;
  // The front: up from above, to the right from the side.
  const [from, to] = pane.view === 'top' ? [outline[2]!, outline[3]!] : [outline[1]!, outline[2]!];
  context.lineWidth = 2.6;
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
}
