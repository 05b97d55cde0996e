/** The timeline: all objects of the open frame's sequence, what their boxes stand on, and what to look at. */
import { byId, h } from '../../dom/index.ts';
import { findLabel, frameOf, sequenceOf } from '../../model/index.ts';
import { styleOf } from '../../ontology/index.ts';
import {
  framesAround,
  type PageState,
  type Session,
  withBoxesOfOtherVersion,
  withUnknownVersion,
} from '../../session/index.ts';
import { type TimelineRow, timelineRows } from '../../tracks/index.ts';
import { otherVersionsNote } from '../versions/index.ts';
import { RowElement, type TimelineTarget } from './timeline-row.ts';

/** Pixels: a cell, and the names beside it. */
const CELL_PIXELS = { least: 4, most: 26 };
const NAMES_WIDTH_PIXELS = 132;
/** How often rows are made anew while lines come in, milliseconds. */
const SHOW_EVERY_MS = 80;

export function timelinePanel(session: Session) {
  const root = byId('timeline');
  const list = byId('timeline-rows');
  const cursor = byId('timeline-cursor');
  const ruler = byId('timeline-ruler');
  const showOtherVersions = otherVersionsNote('timeline-versions');
  const rows = new Map<string, RowElement>();
  let frames: readonly string[] = [];
  let shown: TimelineRow[] = [];
  let isWaiting = false;
  let wasAt = -1;

  const target: TimelineTarget = {
    frameName: (index) => frames[index] ?? '',
    open: (id, index) => openObject(session, frames, { id, index }),
  };
  byId('timeline-scroll').addEventListener('scroll', placeCursor);
  new ResizeObserver(showSoon).observe(root);

  function cellWidth(): number {
    const room = byId('timeline-scroll').clientWidth - NAMES_WIDTH_PIXELS - 4;
    return Math.max(
      CELL_PIXELS.least,
      Math.min(CELL_PIXELS.most, Math.floor(room / Math.max(1, frames.length))),
    );
  }

  function show(): void {
    isWaiting = false;
    const { state } = session.store;
    frames = state.frame === null ? [] : sequenceOf(state.frames, state.frame);
    root.hidden = !state.isTimelineShown || frames.length < 2;
    document.body.classList.toggle('has-timeline', !root.hidden);
    if (root.hidden) return;
    shown = timelineRows(state.work, frames);
    const others = withBoxesOfOtherVersion(state, frames);
    const otherVersions = new Set(others.map((frame) => frames.indexOf(frame)));
    const near = new Set(framesAround(frames, state.frame ?? ''));
    showOtherVersions(
      others,
      withUnknownVersion(
        state,
        frames.filter((frame) => !near.has(frame)),
      ).length,
    );
    const width = cellWidth();
    const look = document.documentElement.dataset.look ?? '';
    const wanted = new Set(shown.map(({ id }) => id));
    for (const [id, { element }] of rows)
      if (!wanted.has(id)) {
        element.remove();
        rows.delete(id);
      }
    for (const [index, row] of shown.entries()) {
      const element = rows.get(row.id) ?? new RowElement(row.id, target);
      rows.set(row.id, element);
      if (list.children[index] !== element.element)
        list.insertBefore(element.element, list.children[index] ?? null);
      const { colour } = styleOf(state.ontology, row.kind);
      const isSelected = row.id === (state.selected ?? state.object);
      element.show(row, { cellWidth: width, look, colour, isSelected, otherVersions });
    }
    byId('timeline-none').hidden = shown.length > 0;
    showRuler(width, state, otherVersions);
    placeCursor();
    reveal(state);
  }

  function showRuler(width: number, state: PageState, otherVersions: ReadonlySet<number>): void {
    const every = [1, 2, 5, 10, 20, 50, 100, 200].find((step) => step * width >= 24) ?? 500;
    const marks = frames.flatMap((frame, k) => {
      const isDone = frameOf(state.work, frame).isDone;
      const isOther = otherVersions.has(k);
      if (k % every !== 0 && !isDone && !isOther) return [];
      const name = isOther ? 'other-version' : isDone ? 'done' : '';
      const number = k % every === 0 ? String(k + 1) : isOther ? '' : '·';
      const mark = h('span', { class: name }, isOther ? `${number}!` : number);
      mark.style.left = `${NAMES_WIDTH_PIXELS + k * width}px`;
      mark.style.width = `${width}px`;
      return [mark];
    });
    ruler.replaceChildren(...marks);
    ruler.style.width = `${NAMES_WIDTH_PIXELS + frames.length * width}px`;
  }

  function placeCursor(): void {
    const at = frames.indexOf(session.state.frame ?? '');
    const width = cellWidth();
    cursor.hidden = at === -1;
    cursor.style.left = `${NAMES_WIDTH_PIXELS + at * width}px`;
    cursor.style.width = `${width}px`;
  }

  /** Brings the open frame and the row in hand into sight, once they change. */
  function reveal({ frame }: PageState): void {
    const at = frames.indexOf(frame ?? '');
    if (at === wasAt) return;
    wasAt = at;
    const scroll = byId('timeline-scroll');
    const left = at * cellWidth();
    const room = scroll.clientWidth - NAMES_WIDTH_PIXELS;
    if (left < scroll.scrollLeft || left > scroll.scrollLeft + room - 30) scroll.scrollLeft = left - room / 2;
  }

  function showSoon(): void {
    if (isWaiting) return;
    isWaiting = true;
    setTimeout(show, SHOW_EVERY_MS);
  }

  const showProgress = progressLine();
  return (state: PageState, before: PageState): void => {
    showProgress(state);
    if (state.selected !== before.selected || state.object !== before.object) {
      const id = state.selected ?? state.object;
      for (const [own, { element }] of rows) element.classList.toggle('selected', own === id);
      rows.get(id ?? '')?.element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    }
    showSoon();
  };
}

function openObject(
  session: Session,
  frames: readonly string[],
  { id, index }: { readonly id: string; readonly index: number | null },
): void {
  const { work, frame } = session.state;
  const has = (name: string) => findLabel(work, name, id) !== undefined;
  const isHere = frame !== null && has(frame);
  const wanted = index === null ? (isHere ? frame : frames.find(has)) : frames[index];
  if (wanted === undefined) return;
  session.unsay('act');
  if (wanted === frame && has(wanted)) session.select(id);
  else {
    session.openFrame(wanted, id);
    session.store.set({ object: id });
  }
}

/** What is under way, and the buttons that go by the object in hand. */
function progressLine() {
  const progress = byId('timeline-progress');
  const bar = byId<HTMLProgressElement>('timeline-bar');
  const stop = byId('timeline-stop');
  const needy = [...byId('timeline').querySelectorAll<HTMLButtonElement>('[data-needs-object]')];
  return ({ tracking, object, selected, work, frame, merging }: PageState): void => {
    const text = tracking === null ? '' : `${tracking.done} of ${tracking.total} boxes`;
    if (progress.textContent !== text) progress.textContent = text;
    bar.hidden = tracking === null;
    bar.max = Math.max(1, tracking?.total ?? 1);
    bar.value = tracking?.done ?? 0;
    stop.hidden = tracking === null;
    const id = selected ?? object;
    for (const button of needy) button.disabled = id === null;
    const label = frame === null ? undefined : findLabel(work, frame, id);
    const pressed = (name: string, isOn: boolean) =>
      byId(`track-${name}`).setAttribute('aria-pressed', String(isOn));
    pressed('lock', label?.track?.isLocked === true);
    pressed('static', label?.track?.isStatic === true);
    pressed('merge', merging !== null);
    pressed('absent', frame !== null && id !== null && frameOf(work, frame).missing[id] === 'absent');
  };
}
