/** The object in hand in all frames at a glance: a cell for each frame, those in sight are drawn. */
import type { ApiClient } from '../../api/index.ts';
import { keyEdit } from '../../boxes/index.ts';
import { byId } from '../../dom/index.ts';
import { BoxPoints, type GlancePlace, glancePlaces, largestSize, pictureScale } from '../../glance/index.ts';
import { className, shortId } from '../../model/index.ts';
import { styleOf } from '../../ontology/index.ts';
import { isOfOtherVersion, type PageState, type Session } from '../../session/index.ts';
import { actionOf, isOfBox } from '../keys/index.ts';
import { GlanceCell, type GlanceTarget } from './glance-cell.ts';

/** Presses that come this soon after each other are undone together, milliseconds. */
const RUN_MS = 800;

export interface GlancePanelOptions {
  readonly session: Session;
  readonly api: Pick<ApiClient, 'crop'>;
  /** Resolves when the labels of the open frame's sequence are known. */
  readonly load: () => Promise<void>;
}

export function glancePanel({ session, api, load }: GlancePanelOptions) {
  const root = byId('glance');
  const list = byId('glance-cells');
  const points = new BoxPoints({ api, onChange: () => showSoon() });
  const cells = new Map<string, GlanceCell>();
  const inSight = new Set<string>();
  let places: readonly GlancePlace[] = [];
  let shownId: string | null = null;
  let isWaiting = false;
  let focused: string | null = null;
  /** The object that is dragged in a cell: the drag is about no other one. */
  let heldId: string | null = null;
  let scale = 1;
  let lastEdit = { what: '', frame: '', at: 0 };

  const target: GlanceTarget = {
    focus: (frame) => {
      focused = frame;
    },
    open: (frame) => open(frame),
    keepsSize: () => session.state.keepSize,
    hold: (isHeld) => {
      heldId = isHeld ? shownId : null;
      session.seal();
      showSoon();
    },
    edit: (frame, box, what) => {
      if (heldId !== null) session.editIn({ frame, id: heldId }, box, what, 'hold');
    },
  };

  const sight = new IntersectionObserver(
    (entries) => {
      for (const { target: element, isIntersecting } of entries) {
        const frame = (element as HTMLElement).dataset.frame!;
        if (isIntersecting) inSight.add(frame);
        else if (inSight.delete(frame)) cells.get(frame)?.hide();
      }
      show();
    },
    { root: list },
  );

  function open(frame: string): void {
    session.openFrame(frame, shownId);
    session.store.set({ object: shownId });
  }

  /** Makes cells for the frames, in their order. */
  function arrange(): void {
    const wanted = new Set(places.map(({ frame }) => frame));
    for (const [frame, { element }] of cells)
      if (!wanted.has(frame)) {
        sight.unobserve(element);
        element.remove();
        cells.delete(frame);
        inSight.delete(frame);
      }
    for (const [index, { frame }] of places.entries()) {
      let cell = cells.get(frame);
      if (cell === undefined) {
        cell = new GlanceCell(frame, target);
        cells.set(frame, cell);
        list.insertBefore(cell.element, list.children[index] ?? null);
        sight.observe(cell.element);
      }
    }
  }

  function show(): void {
    isWaiting = false;
    const { state } = session;
    if (root.hidden) return;
    const id = state.selected ?? state.object ?? shownId;
    if (id !== shownId) points.clear();
    shownId = id;
    places =
      id === null || state.frame === null ? [] : glancePlaces(state.work, state.frames, state.frame, id);
    arrange();
    byId('glance-none').hidden = id !== null;
    const label = places.find((place) => place.label !== undefined)?.label;
    byId('glance-object').textContent = label === undefined ? '' : `${className(label)} ${shortId(label.id)}`;
    const colour = label === undefined ? '' : styleOf(state.ontology, label).colour;
    root.style.setProperty('--object', colour);
    if (heldId === null) scale = pictureScale(largestSize(places));
    const wanted = places.filter(({ frame }) => inSight.has(frame));
    const current = focused !== null && cells.has(focused) ? focused : state.frame;
    for (const place of places) {
      const cell = cells.get(place.frame)!;
      cell.element.tabIndex = place.frame === current ? 0 : -1;
      if (!inSight.has(place.frame)) continue;
      const found = place.label && points.of({ frame: place.frame, box: place.label.box });
      cell.show({
        place,
        points: found,
        colour,
        scale,
        isOpen: place.frame === state.frame,
        isOfOtherVersion: place.label !== undefined && isOfOtherVersion(state, place.frame),
      });
    }
    points.want(
      wanted.flatMap(({ frame, label: own }) => (own === undefined ? [] : [{ frame, box: own.box }])),
    );
  }

  function showSoon(): void {
    if (isWaiting || root.hidden) return;
    isWaiting = true;
    requestAnimationFrame(show);
  }

  list.addEventListener('keydown', (event) => {
    const to = neighbour(event.key);
    if (event.key === 'Enter' && !event.shiftKey && focused !== null) open(focused);
    else if (to !== undefined && !event.shiftKey && !event.ctrlKey && !event.altKey) to.element.focus();
    else if (focused === null || focused === session.state.frame || !editByKey(focused, event)) return;
    event.preventDefault();
    event.stopPropagation();
  });

  /**
   * Keys that edit a box are about the box of the cell, which is seen from above; true if this was such a
   * key. What needs more than the box waits for the frame to be opened: the open frame's box is not meant.
   */
  function editByKey(frame: string, event: KeyboardEvent): boolean {
    const action = actionOf(event);
    const label = places.find((place) => place.frame === frame)?.label;
    if (action === undefined || !isOfBox(action)) return false;
    const edit = label === undefined ? null : keyEdit(label.box, 'top', action);
    if (label === undefined || edit === null)
      session.say(`Enter opens ${frame}. Until then this key has no box.`, 'warn');
    else {
      const { what } = edit;
      const now = performance.now();
      if (what !== lastEdit.what || frame !== lastEdit.frame || now - lastEdit.at > RUN_MS) session.seal();
      lastEdit = { what, frame, at: now };
      session.editIn({ frame, id: label.id }, edit.box, what, `cell keys ${what} ${frame}`);
    }
    return true;
  }

  /** The cell that a key leads to from the focused one. */
  function neighbour(key: string): GlanceCell | undefined {
    const at = places.findIndex(({ frame }) => frame === focused);
    if (at === -1) return undefined;
    const columns = getComputedStyle(list).gridTemplateColumns.split(' ').length;
    const steps: Record<string, number> = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      ArrowUp: at - columns,
      ArrowDown: at + columns,
      Home: 0,
      End: places.length - 1,
    };
    const to = steps[key];
    if (to === undefined) return undefined;
    return cells.get(places[Math.max(0, Math.min(places.length - 1, to))]!.frame);
  }

  const follow = (state: PageState, before: PageState): void => {
    const isFirst = root.hidden && state.isGlanceShown;
    root.hidden = !state.isGlanceShown;
    byId('glance-shown').setAttribute('aria-pressed', String(state.isGlanceShown));
    if (!state.isGlanceShown) {
      if (before.isGlanceShown) points.want([]);
      return;
    }
    if (isFirst) {
      focused = state.frame;
      load().then(
        () => {
          showSoon();
          requestAnimationFrame(() => cells.get(state.frame ?? '')?.element.focus());
        },
        (error: unknown) => session.say(error instanceof Error ? error.message : String(error), 'warn'),
      );
    }
    showSoon();
  };
  /** True while a box is dragged in a cell. */
  const isHolding = () => heldId !== null;
  return Object.assign(follow, { isHolding });
}
