/** A row of the timeline: the object's name, which selects it, and its cells. */
import { h } from '../../dom/index.ts';
import { className, shortId } from '../../model/index.ts';
import { cellText, rowText, type TimelineRow } from '../../tracks/index.ts';
import { drawStrip } from './strip.ts';

export interface TimelineTarget {
  /** Goes to a frame (by its index) with an object selected; without a frame, selects it where it is. */
  open(id: string, frame: number | null): void;
  /** The name of a frame. */
  frameName(index: number): string;
}

export class RowElement {
  readonly element: HTMLElement;
  readonly #name: HTMLButtonElement;
  readonly #canvas = h('canvas', { 'aria-hidden': 'true' });
  #row: TimelineRow | null = null;
  #cellWidth = 0;
  #look = '';
  #colour = '';
  /** Indices of frames whose box was made for another version of their cloud. */
  #others: readonly number[] = [];

  constructor(id: string, target: TimelineTarget) {
    const swatch = h('span', { class: 'swatch' });
    const text = h('span', { class: 'name' });
    const name = { class: 'track-name', 'data-id': id, onclick: () => target.open(id, null) };
    this.#name = h('button', name, swatch, text, h('span', { class: 'track-doubts' }));
    this.element = h('li', { class: 'track' }, this.#name, this.#canvas);
    const indexOf = (event: MouseEvent) => Math.floor(event.offsetX / this.#cellWidth);
    this.#canvas.addEventListener('click', (event) => target.open(id, indexOf(event)));
    this.#canvas.addEventListener('pointermove', (event) => {
      const at = indexOf(event);
      const cell = this.#row?.cells[at];
      const version = this.#others.includes(at) ? ', box of another version' : '';
      this.#canvas.title = `${target.frameName(at)}: ${cell === undefined ? 'no box' : cellText(cell)}${version}`;
    });
  }

  show(
    row: TimelineRow,
    {
      cellWidth,
      look,
      colour,
      isSelected,
      otherVersions,
    }: {
      cellWidth: number;
      look: string;
      colour: string;
      isSelected: boolean;
      otherVersions: ReadonlySet<number>;
    },
  ) {
    this.#name.setAttribute('aria-pressed', String(isSelected));
    this.element.classList.toggle('selected', isSelected);
    const hasBox = (at: number) => row.cells[at] !== undefined && row.cells[at].lost === null;
    const others = [...otherVersions].filter(hasBox);
    const before = this.#row;
    const isSame =
      before !== null &&
      className(before.kind) === className(row.kind) &&
      before.cells.length === row.cells.length &&
      row.cells.every((cell, k) => cell === before.cells[k]) &&
      others.join() === this.#others.join();
    if (isSame && cellWidth === this.#cellWidth && look === this.#look && colour === this.#colour) return;
    this.#row = row;
    this.#others = others;
    this.#cellWidth = cellWidth;
    this.#look = look;
    this.#colour = colour;
    drawStrip(this.#canvas, row.cells, cellWidth);
    const [swatch, text, doubts] = this.#name.children as unknown as [HTMLElement, Element, Element];
    const name = className(row.kind);
    swatch.style.background = colour;
    text.textContent = `${name} ${shortId(row.id)}`;
    const doubtful = row.cells.filter((cell) => cell?.isDoubtful).length;
    doubts.textContent = doubtful === 0 ? '' : `?${doubtful}`;
    const versions = others.length === 0 ? '' : `; ${others.length} of another version`;
    this.#name.setAttribute('aria-label', `${name} ${row.id}: ${rowText(row)}${versions}`);
  }
}
