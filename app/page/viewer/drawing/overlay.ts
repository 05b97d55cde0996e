/** What is drawn over the points of a view: boxes, their labels, markers, and what a hand is drawing. */
import type { Box, Vec2, Vec3 } from '../../../../inference/boxes/index.ts';
import { projectPoint } from '../../cloud/index.ts';
import { type DisplaySettings, measuredText } from '../../display/index.ts';
import { setAttributes, svg } from '../../dom/index.ts';
import { className, currentScore, isUnsure, type Label, shortId } from '../../model/index.ts';
import type { PendingQuestion } from '../../session/index.ts';
import type { View } from '../views/index.ts';
import { extentOf, frontPath, wirePath } from './wireframe.ts';

export interface OverlayContent {
  readonly labels: readonly Label[];
  /** Places that are measured between. */
  readonly measured: readonly Vec3[];
  /** What is written over boxes. */
  readonly names: DisplaySettings['names'];
  /** `#rrggbb` of a box. */
  readonly colourOf: (label: Label) => string;
  readonly selected: string | null;
  /** Points inside of the selected box, as text. */
  readonly count: string;
  readonly pending: readonly PendingQuestion[];
  /** A box that is being drawn. */
  readonly drawing: Box | null;
  /** A ring that is being drawn, pixels, and the view it is drawn in. */
  readonly ring: { readonly view: View; readonly points: readonly Vec2[] } | null;
}

/** Labels are left out where boxes are smaller than this, pixels, unless they are selected. */
const SMALLEST_NAMED = 14;

export class Overlay {
  readonly svg = svg('svg', { class: 'overlay', 'aria-hidden': 'true' });
  readonly #boxes = svg('g');
  readonly #marks = svg('g');
  readonly #ring = svg('path', { class: 'ring' });
  readonly #measure = svg('g', { class: 'measure' });
  /** For handles; drawn last so that they are on top. */
  readonly handles = svg('g');
  readonly #view: View;
  #isShown = true;

  constructor(view: View) {
    this.#view = view;
    this.svg.append(this.#boxes, this.#marks, this.#ring, this.#measure, this.handles);
    view.element.append(this.svg);
  }

  draw(content: OverlayContent): void {
    const view = this.#view;
    const shown = view.isShown;
    // Whatever is written makes the browser lay the page out again, the same once more as well.
    if (shown !== this.#isShown) this.svg.style.display = shown ? '' : 'none';
    this.#isShown = shown;
    if (!shown) return;
    const labels =
      view.name === 'main' ? content.labels : content.labels.filter(({ id }) => id === content.selected);
    this.#drawBoxes(labels, content);
    this.#drawMarks(content);
    this.#drawMeasure(content.measured);
    const ring = content.ring?.view === view ? content.ring.points : [];
    setAttributes(this.#ring, {
      d: ring.length === 0 ? '' : `M${ring.map(([x, y]) => `${x} ${y}`).join('L')}Z`,
    });
  }

  #drawBoxes(labels: readonly Label[], { selected, count, colourOf, names }: OverlayContent): void {
    const projection = this.#view.projection();
    const groups = reuse(this.#boxes, labels.length, newBox);
    for (const [index, label] of labels.entries()) {
      const group = groups[index]!;
      const isSelected = label.id === selected;
      const [wire, front, name] = group.children as unknown as [Element, Element, SVGTextElement];
      const kind = `${label.state}${isSelected ? ' selected' : ''}${isUnsure(label) ? ' unsure' : ''}`;
      const colour = colourOf(label);
      setAttributes(group, { class: `box ${kind}`, 'data-id': label.id, stroke: colour });
      setAttributes(wire, { d: wirePath(label.box, projection, label.tilt) });
      setAttributes(front, { d: frontPath(label.box, projection, label.tilt), fill: colour });
      const extent = this.#view.name === 'main' ? extentOf(label.box, projection) : null;
      const isNamed =
        names !== 'off' && extent !== null && (isSelected || extent.right - extent.left > SMALLEST_NAMED);
      setAttributes(
        name,
        isNamed ? { x: (extent.left + extent.right) / 2, y: extent.top - 6 } : { x: -999, y: -999 },
      );
      const text = !isNamed
        ? ''
        : names === 'short'
          ? shortId(label.id)
          : nameOf(label, isSelected ? count : '');
      if (name.textContent !== text) name.textContent = text;
    }
  }

  #drawMeasure(measured: readonly Vec3[]): void {
    const projection = this.#view.projection();
    const places = measured.map((place) => projectPoint(projection, place));
    const isSeen = places.length > 0 && places.every((place) => place !== null);
    if (!isSeen) {
      if (this.#measure.hasChildNodes()) this.#measure.replaceChildren();
      return;
    }
    if (this.#measure.children.length === 0)
      this.#measure.append(svg('path', {}), svg('text', { class: 'name' }));
    const [line, text] = this.#measure.children as unknown as [Element, Element];
    const [from, to = from] = places as readonly { x: number; y: number }[];
    setAttributes(line, { d: `M${from!.x} ${from!.y}L${to!.x} ${to!.y}` });
    setAttributes(text, { x: (from!.x + to!.x) / 2, y: (from!.y + to!.y) / 2 - 8 });
    const said = measuredText(measured);
    if (text.textContent !== said) text.textContent = said;
  }

  #drawMarks({ pending, drawing }: OverlayContent): void {
    const projection = this.#view.projection();
    const boxes = [...pending.map(({ drawn }) => drawn), drawing].filter((box) => box !== null);
    const outlines = reuse(this.#marks, boxes.length, () => svg('path', { class: 'drawn' }), 'path');
    for (const [i, box] of boxes.entries()) setAttributes(outlines[i]!, { d: wirePath(box, projection) });
    const places = pending.map(({ marker }) => projectPoint(projection, marker));
    const circles = reuse(this.#marks, places.length, newMarker, 'g');
    for (const [i, place] of places.entries())
      setAttributes(circles[i]!, { transform: `translate(${place?.x ?? -999} ${place?.y ?? -999})` });
  }
}

/** What is written over a box. */
function nameOf(label: Label, count: string): string {
  const score = currentScore(label)?.toFixed(2);
  const parts = [`${className(label)} ${shortId(label.id)}`];
  if (label.conflictsWith !== undefined) parts.push('second version');
  if (isUnsure(label)) parts.push(`unsure ${score}`);
  else if (score !== undefined) parts.push(score);
  if (count !== '') parts.push(count);
  return parts.join(' · ');
}

function newBox(): SVGElement {
  const group = svg('g');
  group.append(
    svg('path', { class: 'wire' }),
    svg('path', { class: 'front' }),
    svg('text', { class: 'name' }),
  );
  return group;
}

function newMarker(): SVGElement {
  const group = svg('g', { class: 'marker' });
  group.append(
    svg('circle', { r: 13, class: 'halo' }),
    svg('circle', { r: 13, class: 'spin' }),
    svg('circle', { r: 2 }),
  );
  return group;
}

/** Makes the parent have so many children (of one tag, if named), and returns them. */
function reuse(parent: SVGElement, count: number, make: () => SVGElement, tag = ''): SVGElement[] {
  const children = [...parent.children].filter(
    (child) => tag === '' || child.localName === tag,
  ) as SVGElement[];
  while (children.length < count) {
    const made = make();
    parent.append(made);
    children.push(made);
  }
  for (const extra of children.splice(count)) extra.remove();
  return children;
}
