/**
 * The sequence merged by its poses, seen from above: boxes that are clicked or drawn there come into all
 * frames.
 */
import { footprint, inversePose, transformBox, type Vec2 } from '../../../../inference/boxes/index.ts';
import type { ApiClient, FramePlace } from '../../api/index.ts';
import { colourTable, valueRange } from '../../cloud/index.ts';
import { byId, isDark, svg } from '../../dom/index.ts';
import {
  askInWorld,
  boxOnMap,
  chosenFrames,
  drawMap,
  fromMap,
  loadMerged,
  type MapView,
  MergedPoints,
  objectThere,
  type PosedFrame,
  placeOnMap,
  poseOfFrame,
  standingObjects,
  toMap,
  type WorldHint,
  withStandingObject,
} from '../../merged/index.ts';
import { findLabel, sequenceOf, shortId } from '../../model/index.ts';
import { styleOf } from '../../ontology/index.ts';
import { type PageState, type Session, withBoxesOfOtherVersion } from '../../session/index.ts';
import { otherVersionsNote } from '../versions/index.ts';
import { listenToMap } from './map-gestures.ts';

export interface MergedPanelOptions {
  readonly session: Session;
  readonly api: Pick<ApiClient, 'cloud' | 'listing' | 'node' | 'predict'>;
  readonly places: (frames: readonly string[]) => Promise<readonly (FramePlace | null)[]>;
  /** Resolves when the labels of these frames are known. */
  readonly load: (frames: readonly string[]) => Promise<void>;
}

/** What is seen at first, metres from the middle to the sides. */
const FIRST_RADIUS_METRES = 35;
/** A click is on points up to here, pixels and metres. */
const CLICK_REACH = { pixels: 8, metres: 0.6 } as const;
const PAN_SHARE = 0.15;
const FINEST_METRES_PER_PIXEL = 0.01;
const COARSEST_METRES_PER_PIXEL = 5;
/** A street is low: trees and fronts would take most of the colours. */
const STREET_HEIGHT_METRES = 4.5;

export function mergedPanel({ session, api, places, load }: MergedPanelOptions) {
  const root = byId('merged');
  const area = byId('merged-map');
  const canvas = byId<HTMLCanvasElement>('merged-canvas');
  const overlay = area.querySelector('svg')!;
  const said = byId('merged-said');
  const showOtherVersions = otherVersionsNote('merged-versions');
  let frames: readonly PosedFrame[] = [];
  let merged: MergedPoints | null = null;
  let middle: Vec2 = [0, 0];
  let metresPerPixel = 0.1;
  let leaving: AbortController | null = null;
  let rectangle: readonly [Vec2, Vec2] | null = null;
  let isWaiting = false;

  const view = (): MapView => ({
    middle,
    metresPerPixel,
    width: area.clientWidth,
    height: area.clientHeight,
  });

  async function open(): Promise<void> {
    const { frame, frames: all } = session.state;
    if (frame === null) return;
    leaving?.abort(new DOMException('left', 'AbortError'));
    leaving = new AbortController();
    const { signal } = leaving;
    merged = null;
    said.textContent = 'The frames are on their way.';
    const names = sequenceOf(all, frame);
    const [known] = await Promise.all([places(names), load(names)]);
    signal.throwIfAborted();
    const { work } = session.state;
    frames = names.flatMap((name, k) => {
      const pose = poseOfFrame(known[k] ?? null, work.frames[name]);
      return pose === null ? [] : [{ frame: name, pose }];
    });
    const here = frames.find((one) => one.frame === frame);
    if (here === undefined || frames.length < 2) {
      said.textContent = 'The frames have no poses: neither the clouds nor the labels say where they are.';
      return;
    }
    merged = new MergedPoints(here.pose.position.map(Math.round) as never);
    middle = [here.pose.position[0], here.pose.position[1]];
    metresPerPixel = FIRST_RADIUS_METRES / (Math.max(1, Math.min(area.clientWidth, area.clientHeight)) / 2);
    const chosen = chosenFrames(frames, frame);
    const order = [here, ...chosen.filter((one) => one !== here)];
    const own = merged;
    await loadMerged(own, order, api, {
      signal,
      onFrame: () => {
        said.textContent = `${own.frames.length} of ${chosen.length} frames`;
        showSoon();
      },
    });
  }

  function show(): void {
    isWaiting = false;
    if (root.hidden || merged === null) return;
    const now = view();
    if (now.width === 0 || now.height === 0) return;
    const heights = merged.frames.flatMap(({ xyz }) =>
      Array.from(
        { length: Math.min(400, xyz.length / 3) },
        (_, k) => xyz[3 * k * Math.max(1, Math.floor(xyz.length / 1200)) + 2] ?? 0,
      ),
    );
    const [low, high] = heights.length === 0 ? [0, 1] : valueRange(heights);
    const range: Vec2 = [
      low + merged.origin[2],
      Math.min(high, low + STREET_HEIGHT_METRES) + merged.origin[2],
    ];
    canvas.width = now.width;
    canvas.height = now.height;
    const table = colourTable('height', isDark());
    const data = drawMap(now, merged.frames, merged.origin, { table, range });
    canvas.getContext('2d')!.putImageData(new ImageData(data, now.width, now.height), 0, 0);
    showBoxes(now);
  }

  function showBoxes(now: MapView): void {
    const { work, selected, object, ontology } = session.state;
    const objects = standingObjects(work, frames);
    const drawn = [...new Set(objects.map(({ frame }) => frame))];
    const others = withBoxesOfOtherVersion(session.state, drawn);
    showOtherVersions(others);
    const paths = objects.map(({ label, frame, box }) => {
      const ring = footprint(box).map((corner) => toMap(now, corner));
      const path = svg('path', {
        class: [
          label.id === (selected ?? object) ? 'selected' : '',
          others.includes(frame) ? 'of-other-version' : '',
        ]
          .join(' ')
          .trim(),
        'data-id': label.id,
        d: `M${ring.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L')}Z`,
      });
      path.setAttribute('stroke', styleOf(ontology, label).colour);
      return path;
    });
    if (rectangle !== null) {
      const [[ax, ay], [bx, by]] = rectangle;
      paths.push(svg('path', { class: 'drawn', d: `M${ax} ${ay}L${bx} ${ay}L${bx} ${by}L${ax} ${by}Z` }));
    }
    overlay.replaceChildren(...paths);
  }

  function showSoon(): void {
    if (isWaiting || root.hidden) return;
    isWaiting = true;
    requestAnimationFrame(show);
  }

  async function ask(hint: WorldHint): Promise<void> {
    const own = merged;
    const signal = leaving?.signal;
    if (own === null || signal === undefined) return;
    session.say('The box is on its way.');
    const answer = await askInWorld(own, hint, { api, signal });
    signal.throwIfAborted();
    if (answer === null) {
      session.say('There are no points there.', 'warn');
      return;
    }
    const { box, best, object } = answer;
    const { pose } = frames.find(({ frame }) => frame === best)!;
    const there = objectThere(session.state.work, best, transformBox(inversePose(pose), box));
    if (there !== null) {
      take(there);
      session.say(`Object ${there} has a box there.`);
      return;
    }
    const put = withStandingObject(session.state.work, frames, {
      box,
      best,
      counts: own.countIn(box),
      object,
    });
    if (put === null) return;
    const isHere = findLabel(put.work, session.state.frame ?? '', put.id) !== undefined;
    session.apply('a box in all frames', () => put.work, isHere ? put.id : null);
    session.store.set({ object: put.id });
    session.say(`Object ${shortId(put.id)} has boxes in ${put.frames} frames.`);
  }

  /** Takes an object in hand: selected where the open frame has it. */
  function take(id: string): void {
    const isHere = findLabel(session.state.work, session.state.frame ?? '', id) !== undefined;
    session.select(isHere ? id : null);
    session.store.set({ object: id });
  }

  function askFor(hint: WorldHint | null, none: string): void {
    if (hint === null) session.say(none, 'warn');
    else
      ask(hint).catch((error: unknown) => {
        if (leaving?.signal.aborted !== true)
          session.say(error instanceof Error ? error.message : String(error), 'error');
      });
  }

  function click(pixel: Vec2): void {
    if (merged === null) return;
    const reach = Math.max(CLICK_REACH.metres, CLICK_REACH.pixels * metresPerPixel);
    const place = placeOnMap(merged, fromMap(view(), pixel), reach);
    askFor(place && { place }, 'Nothing stands there.');
  }

  listenToMap(area, {
    pan: ([right, up]) => {
      middle = [middle[0] + right * metresPerPixel, middle[1] + up * metresPerPixel];
      showSoon();
    },
    zoom: (factor, pixel) => {
      const before = fromMap(view(), pixel);
      metresPerPixel = Math.min(
        COARSEST_METRES_PER_PIXEL,
        Math.max(FINEST_METRES_PER_PIXEL, metresPerPixel * factor),
      );
      const after = fromMap(view(), pixel);
      middle = [middle[0] + before[0] - after[0], middle[1] + before[1] - after[1]];
      showSoon();
    },
    click: (pixel, id) => {
      session.unsay('act');
      if (id === null) click(pixel);
      else take(id);
    },
    rectangle: (from, to, isDone) => {
      rectangle = isDone ? null : [from, to];
      showSoon();
      if (!isDone || merged === null) return;
      session.unsay('act');
      const drawn = boxOnMap(merged, fromMap(view(), from), fromMap(view(), to));
      askFor(drawn && { drawn }, 'Drag from one corner of the object to the other, where there are points.');
    },
    isDrawing: () => session.state.tool === 'box',
    cancel: () => {
      rectangle = null;
      showSoon();
    },
    panShare: PAN_SHARE,
  });
  area.tabIndex = 0;
  new ResizeObserver(showSoon).observe(area);

  return (state: PageState, before: PageState): void => {
    const wasHidden = root.hidden;
    root.hidden = !state.isMergedShown;
    byId('merged-shown').setAttribute('aria-pressed', String(state.isMergedShown));
    if (root.hidden) {
      if (!wasHidden) leaving?.abort(new DOMException('left', 'AbortError'));
      return;
    }
    const isOther =
      state.frame !== null &&
      state.frame !== before.frame &&
      !frames.some(({ frame }) => frame === state.frame);
    if (wasHidden || isOther) {
      open().catch((error: unknown) => {
        if (leaving?.signal.aborted !== true)
          said.textContent = error instanceof Error ? error.message : String(error);
      });
      if (wasHidden) area.focus({ preventScroll: true });
    }
    showSoon();
  };
}
