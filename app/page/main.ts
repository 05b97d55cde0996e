/** The annotation page: puts its parts together. */
import { ApiClient } from './api/client.ts';
import type { PageFace } from './face.ts';
import { createLocalFit } from './fit/local-fit.ts';
import { labelsOf } from './model/label.ts';
import type { Saved } from './model/storage-codec.ts';
import { announcer } from './panels/announcer.ts';
import { byId } from './panels/dom.ts';
import { filesPanel } from './panels/files.ts';
import { framesPanel } from './panels/frames-panel.ts';
import { inspector } from './panels/inspector.ts';
import { askForKey, storedKey } from './panels/key-dialog.ts';
import { listenForKeys } from './panels/keyboard.ts';
import { objectsPanel } from './panels/objects-panel.ts';
import { shortcutSheet } from './panels/shortcut-sheet.ts';
import { statusLine } from './panels/status.ts';
import { toolbar } from './panels/toolbar.ts';
import { actionTable } from './session/action-table.ts';
import { Asking } from './session/asking.ts';
import { BoxActions } from './session/box-actions.ts';
import { Frames } from './session/frames.ts';
import { Persistence } from './session/persistence.ts';
import { Session } from './session/session.ts';
import { createScene } from './viewer/scene.ts';

const session = new Session();
const { store } = session;
const api = new ApiClient({ askForKey }, storedKey());

const scene = createScene({ session, api, onHint: (hint) => void ask(hint) });
const { layer, stage, views } = scene;

const asking = new Asking(session, {
  api,
  localFit: createLocalFit({
    workerUrl: document.body.dataset.fitWorker!,
    pointsIn: (bounds) => layer.pointsIn(bounds),
    sensor: () => scene.scanner(),
  }),
});
const boxes = new BoxActions(session, layer, asking);
scene.connect(boxes);
const frames = new Frames(session, api, layer, (isFirst) => scene.opened(isFirst));
scene.onComplete = () => void frames.prefetchNext();
scene.onGone = () => void frames.reopen();

/** Asks, and measures from the hand's release to the drawn box. */
async function ask(hint: Parameters<Asking['ask']>[0]): Promise<void> {
  byId('welcome').hidden = true;
  const id = await asking.ask(hint);
  if (id === null) return;
  stage.afterNextDraw(() => {
    performance.measure('nearbox:hint-to-box', { start: hint.startedAt, end: performance.now() });
  });
}

const sheet = shortcutSheet();
document.body.append(sheet);
const run = actionTable({ session, asking, boxes, scene, sheet, hint: (hint) => void ask(hint) });
listenForKeys(run);
document.addEventListener('click', (event) => {
  const action = (event.target as Element).closest<HTMLElement>('[data-action]')?.dataset.action;
  if (action !== undefined) run(action);
});

const showFrames = framesPanel((frame) => session.openFrame(frame));
const showObjects = objectsPanel((id) => session.select(id));
const showBox = inspector(session, () => scene.countText());
const showToolbar = toolbar(store);
const status = statusLine();
const announce = announcer();
filesPanel(session);

const persistence = new Persistence(localStorage, (text) => session.say(text, 'error'));
let isSaving = false;
const save = () => {
  isSaving = false;
  persistence.save(store.state);
};

store.subscribe((state, before) => {
  if (state.frame !== before.frame && state.frame !== null) void frames.open(state.frame);
  if (state.frame !== before.frame || state.frames !== before.frames || state.work !== before.work)
    showFrames(state);
  showObjects(state);
  showBox();
  showToolbar(state);
  status.update(state);
  announce(session.selected);
  scene.changed(state, before);
  byId('right').classList.toggle('empty', session.selected === undefined);
  if (!isSaving && state.frame !== null) {
    isSaving = true;
    setTimeout(save, 200);
  }
});
let lastCount = '';
scene.onDrawn = () => {
  status.drawn({
    points: layer.pointsDrawn,
    isComplete: layer.isComplete,
    total: layer.summary?.points ?? 0,
  });
  if (scene.countText() === lastCount) return;
  lastCount = scene.countText();
  showBox();
};
addEventListener('pagehide', () => {
  if (store.state.frame !== null) save();
});

async function start(): Promise<void> {
  const saved = persistence.load();
  store.set(persistence.loadLook());
  if (saved !== null) session.restore(saved);
  byId('right').classList.add('empty');
  showToolbar(store.state);
  showBox();
  const asked = new URLSearchParams(location.search).get('cloud');
  // A cloud that was asked for by name does not wait for the list of all.
  if (asked !== null) openById(asked, saved);
  const listed = await api.clouds();
  const known = listed ?? Object.keys(saved?.work.frames ?? {});
  const { frame } = store.state;
  const ids = frame === null || known.includes(frame) ? known : [frame, ...known];
  byId('open-cloud').hidden = listed !== null && listed.length > 0;
  byId('open-cloud').addEventListener('submit', (event) => {
    event.preventDefault();
    openById(byId<HTMLInputElement>('cloud-id').value.trim(), null);
  });
  store.set({ frames: ids });
  if (frame !== null) return;
  const first = saved?.frame && ids.includes(saved.frame) ? saved.frame : ids[0];
  if (first === undefined) session.say('there is no cloud here; type the id of one', 'warn');
  else openById(first, saved);
}

function openById(id: string, saved: Saved | null): void {
  if (id === '') return;
  if (!store.state.frames.includes(id)) store.set({ frames: [...store.state.frames, id] });
  session.openFrame(id);
  if (saved?.frame === id && saved.selected !== null) session.select(saved.selected);
}

const face: PageFace = {
  get state() {
    return store.state;
  },
  labels: () => (store.state.frame === null ? [] : labelsOf(store.state.work, store.state.frame)),
  run,
  project: (place, view = 'main') => scene.toPagePixel(views[view], place),
  lookAt: (place, radius) => scene.lookAt(place, radius),
  stats: () => ({
    ...stage.stats,
    graphicsMs: stage.graphicsMs,
    points: layer.pointsDrawn,
    loaded: layer.pointsLoaded,
    budget: stage.pacedBudget,
    complete: scene.isComplete,
  }),
  setLateAfter: (ms) => {
    asking.lateAfterMs = ms;
  },
  setBudget: (points) => {
    stage.budget = points;
    scene.invalidate();
  },
};
Object.assign(globalThis, { nearbox: face });

start().catch((error: unknown) =>
  session.say(error instanceof Error ? error.message : String(error), 'error'),
);
