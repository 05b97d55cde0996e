/** The image of one camera with the boxes of the frame over it. */
import type { Vec2 } from '../../../../inference/boxes/index.ts';
import { type Camera, CameraProjection } from '../../../../inference/cameras/index.ts';
import { h, setAttributes, svg } from '../../dom/index.ts';
import { className, type Label, shortId } from '../../model/index.ts';

export interface FigureContent {
  readonly picture: ImageBitmap | null;
  readonly labels: readonly Label[];
  readonly selected: string | null;
  readonly colourOf: (label: Label) => string;
}

export type ImageClick = (projection: CameraProjection, pixel: Vec2, scale: number) => void;

/** Before an image has come, and where the calibration does not say: pixels. */
const UNKNOWN: Vec2 = [1600, 900];
/** Numbers in a path are no larger: graphics do not like them. */
const MOST_PIXELS = 1e5;

export class CameraFigure {
  readonly element: HTMLElement;
  readonly projection: CameraProjection;
  readonly #canvas = h('canvas', { 'aria-hidden': 'true' });
  readonly #overlay = svg('svg', { 'aria-hidden': 'true', preserveAspectRatio: 'none' });
  #picture: ImageBitmap | null = null;
  #size: Vec2;

  constructor(camera: Camera, onClick: ImageClick) {
    this.projection = new CameraProjection(camera);
    this.#size = camera.size ?? UNKNOWN;
    this.element = h(
      'figure',
      { class: 'camera coming', tabindex: '0', 'data-camera': camera.name },
      this.#canvas,
      h('figcaption', {}, camera.name),
    );
    this.element.insertBefore(this.#overlay, this.element.lastChild);
    this.#overlay.addEventListener('click', (event) => {
      // Nobody can point at what is not there yet.
      if (this.#picture === null) return;
      const area = this.#overlay.getBoundingClientRect();
      const scale = this.#size[0] / area.width;
      const pixel: Vec2 = [
        (event.clientX - area.left) * scale,
        ((event.clientY - area.top) * this.#size[1]) / area.height,
      ];
      onClick(this.projection, pixel, scale);
    });
  }

  /** Width over height. */
  get aspect(): number {
    return this.#size[0] / this.#size[1];
  }

  show({ picture, labels, selected, colourOf }: FigureContent): void {
    this.#showPicture(picture);
    const [width, height] = this.#size;
    setAttributes(this.#overlay, { viewBox: `0 0 ${width} ${height}` });
    const seen = labels.filter((label) => this.isSeen(label));
    const order = [...seen].sort((a, b) => Number(a.id === selected) - Number(b.id === selected));
    this.#overlay.replaceChildren(
      ...order.map((label) => {
        const { lines, front } = this.projection.outline(label.box);
        const isSelected = label.id === selected;
        const group = svg('g', { class: `box${isSelected ? ' selected' : ''}`, 'data-id': label.id });
        group.append(svg('path', { class: 'wire', d: lines.map(pathOf).join('') }));
        if (front.length > 0) group.append(svg('path', { class: 'front', d: `${pathOf(front)}Z` }));
        setAttributes(group, { stroke: colourOf(label), fill: colourOf(label) });
        return group;
      }),
    );
    const own = labels.find(({ id }) => id === selected);
    const isShown = own !== undefined && seen.includes(own);
    const said = isShown ? `, ${className(own)} ${shortId(own.id)} is in it` : '';
    setAttributes(this.element, {
      'aria-label': `Camera ${this.projection.camera.name}: ${boxes(seen.length)}${said}`,
    });
  }

  /** Whether a box has an edge in the image. */
  isSeen({ box }: Label): boolean {
    const [width, height] = this.#size;
    return this.projection
      .outline(box)
      .lines.some((line) => line.some(([x, y]) => x >= 0 && x <= width && y >= 0 && y <= height));
  }

  /** How far from the middle of the image a box is, as a share of its width; null where it is not seen. */
  offMiddle({ box }: Label): number | null {
    const at = this.projection.project(box.center);
    const [width, height] = this.#size;
    if (at === null || at.x < 0 || at.x > width || at.y < 0 || at.y > height) return null;
    return Math.abs(at.x / width - 0.5);
  }

  #showPicture(picture: ImageBitmap | null): void {
    if (picture === this.#picture) return;
    this.#picture = picture;
    this.element.classList.toggle('coming', picture === null);
    if (picture === null) return;
    const { camera } = this.projection;
    this.#size = camera.size ?? [picture.width, picture.height];
    this.element.style.setProperty('--aspect', String(this.aspect));
    this.#canvas.width = picture.width;
    this.#canvas.height = picture.height;
    this.#canvas.getContext('2d')!.drawImage(picture, 0, 0);
  }
}

function pathOf(line: readonly Vec2[]): string {
  const near = (value: number) =>
    String(Math.round(Math.max(-MOST_PIXELS, Math.min(MOST_PIXELS, value)) * 10) / 10);
  return `M${line.map(([x, y]) => `${near(x)} ${near(y)}`).join('L')}`;
}

function boxes(count: number): string {
  return count === 1 ? '1 box' : `${count} boxes`;
}
