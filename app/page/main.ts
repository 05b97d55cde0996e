/** The annotation page: puts its parts together. */
import type { Vec3 } from '../../inference/box.ts';
import { ApiClient } from './api/client.ts';
import { createLocalFit } from './fit/local-fit.ts';
import { labelsOf } from './model/label.ts';
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
  const query = new URLSearchParams(location.search);
  const asked = query.get('cloud');
  const listed = await api.clouds();
  const known = listed ?? Object.keys(saved?.work.frames ?? {});
  const ids = asked === null || known.includes(asked) ? known : [asked, ...known];
  byId('open-cloud').hidden = listed !== null && listed.length > 0;
  byId('open-cloud').addEventListener('submit', (event) => {
    event.preventDefault();
    openById(byId<HTMLInputElement>('cloud-id').value.trim());
  });
  store.set({ frames: ids });
  const first = asked ?? (saved?.frame && ids.includes(saved.frame) ? saved.frame : ids[0]);
  if (first === undefined) session.say('there is no cloud here; type the id of one', 'warn');
  else session.openFrame(first);
  if (saved?.frame === first && saved?.selected) session.select(saved.selected);
}

function openById(id: string): void {
  if (id === '') return;
  if (!store.state.frames.includes(id)) store.set({ frames: [...store.state.frames, id] });
  session.openFrame(id);
}

/** For tests, the bench and whoever embeds the page: what is there, and where it is on the screen. */
const face = {
  get state() {
    return store.state;
  },
  labels: () => (store.state.frame === null ? [] : labelsOf(store.state.work, store.state.frame)),
  run,
  /** Page pixels of a place in the cloud in a view; null behind the camera. */
  project: (place: Vec3, view: keyof typeof views = 'main') => scene.toPagePixel(views[view], place),
  lookAt: (place: Vec3, radius: number) => scene.lookAt(place, radius),
  stats: () => ({ ...stage.stats, points: layer.pointsDrawn, complete: scene.isComplete }),
  setBudget: (points: number) => {
    stage.budget = points;
    scene.invalidate();
  },
};
Object.assign(globalThis, { nearbox: face });

start().catch((error: unknown) =>
  session.say(error instanceof Error ? error.message : String(error), 'error'),
);
