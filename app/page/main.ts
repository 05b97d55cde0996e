/** The annotation page: puts its parts together. */
import { ApiClient, type ApiError, type FeedbackNote, Reachability } from './api/index.ts';
import { WorkChecks } from './checks/index.ts';
import { byId } from './dom/index.ts';
import { FileScript } from './files/index.ts';
import { createLocalFit } from './fit/index.ts';
import { LabelKeeper } from './labels/index.ts';
import { PageMemory } from './memory/index.ts';
import { labelsOf, sequenceOf } from './model/index.ts';
import { classesOf } from './ontology/index.ts';
import {
  announcer,
  askForKey,
  camerasPanel,
  checksPanel,
  classShortcuts,
  displayPanel,
  filesPanel,
  framesPanel,
  glancePanel,
  inspector,
  listenForKeys,
  mergedPanel,
  objectsPanel,
  profilePanel,
  savePanel,
  shortcutSheet,
  statusLine,
  storedKey,
  timelinePanel,
  toolbar,
  versionWarning,
} from './panels/index.ts';
import { FeedbackSender, type KeptProfile, ProjectOntology, ProjectProfile } from './project/index.ts';
import { type AnnotatorHint, CloudVersions, Frames, PredictionController, Session } from './session/index.ts';
import type { TestApi } from './test-api.ts';
import { actionTable, BoxActions, clickInImage, PointerTools } from './tools/index.ts';
import { FramePlaces, TrackActions, TrackController } from './tracks/index.ts';
import { isPassing, type OpenCloud, ViewerScene } from './viewer/index.ts';

/** What the server was started with. */
const features = (document.body.dataset.features ?? '').split(' ');
/** Pauses before a frame that could not be opened is tried again, milliseconds; the last one repeats. */
const OPEN_AGAIN_AFTER_MS = [500, 1000, 2000, 4000] as const;
/** A view of which so long no picture was drawn is at rest, milliseconds. */
const REST_MS = 500;
const UNREACHABLE = 'The server cannot be reached. You can go on with this frame.';

/** A view has been complete: what the page may need later is loaded. */
let isSettled = false;

const session = new Session({
  prepareFrame: (frame) => keeper.prepare(frame),
  onEdit: (edit) => trackController.edited(edit),
  onDecision: (decision) => feedback?.note(decision),
  isInHand: () => isInHand(),
});
const { store } = session;
const reachability = new Reachability({
  probe: () => api.alive(),
  onChange: (isServerReachable) => {
    store.set({ isServerReachable });
    if (!isServerReachable) session.say(UNREACHABLE, 'warn', 'server');
    else {
      session.unsay('server');
      scene.layer.retryNow();
      keeper.wake();
      if (isSettled) files.prefetch();
    }
  },
});
const api = new ApiClient(
  {
    askForKey,
    onReachable: (isReachable) => reachability.report(isReachable),
    onVersion: (cloud, version) => {
      versions.note(cloud, version);
      scene.layer.noteVersion(cloud, version);
    },
  },
  storedKey(),
);
const filesUrl = document.body.dataset.files!;
const files = new FileScript({
  fetch: () => api.pageFile(filesUrl),
  import: () => import(filesUrl),
});
const versions = new CloudVersions({ session, api });
const keeper = new LabelKeeper({
  session,
  api,
  isStored: features.includes('labels'),
  serverId: location.origin,
});

const scene = new ViewerScene({
  session,
  api,
  onDrawn: (isMoving) => showDrawn(isMoving),
  onComplete: () => {
    if (!isSettled) prepareAtRest();
    isSettled = true;
    void frames.prefetchNext();
  },
  onGone: () => void frames.reopen(),
});
const { layer, stage, views } = scene;

const predictions = new PredictionController(session, {
  api,
  localFit: createLocalFit({
    startWorker: () => new Worker(document.body.dataset.fitWorker!, { type: 'module' }),
  }),
  points: () => scene.framePoints(),
});
const frames = new Frames<OpenCloud>({
  session,
  api,
  view: { load: (frame, signal) => layer.load(frame, signal), show: (cloud) => scene.show(cloud) },
  openLabels: (frame) => keeper.open(frame),
  isPassing,
  pause: (attempt, signal) =>
    reachability.pause(OPEN_AGAIN_AFTER_MS[Math.min(attempt, OPEN_AGAIN_AFTER_MS.length - 1)]!, signal),
  isInHand: () => isInHand(),
  onShown: (isFirst) => {
    scene.opened(isFirst);
    // The first frame asks which frames have labels; each one after it may be of another sequence.
    void (isFirst ? keeper.summarise() : Promise.resolve()).then(() => keeper.openListed());
  },
});

/** True while a hand is in the middle of something: a drag, or a number that is typed. */
function isInHand(): boolean {
  return tools.isHeld || scene.isHolding || showBox.isTyping() || showGlance.isHolding();
}

/** Asks, and measures from the release of the mouse button to the drawn box. */
async function ask(hint: AnnotatorHint): Promise<void> {
  byId('welcome').hidden = true;
  const id = await predictions.ask(hint);
  if (id === null) return;
  stage.afterNextDraw(() => {
    performance.measure('nearbox:hint-to-box', { start: hint.startedAt, end: performance.now() });
  });
}

const memory = new PageMemory({
  local: localStorage,
  tab: sessionStorage,
  wasDiscarded: (document as { wasDiscarded?: boolean }).wasDiscarded,
});
const feedback = features.includes('feedback')
  ? new FeedbackSender({
      session,
      api,
      kept: memory.list('feedback') as readonly FeedbackNote[],
      keep: (notes) => memory.keep('feedback', notes),
    })
  : null;
if (features.includes('profiles'))
  new ProjectProfile({
    session,
    api,
    kept: memory.kept('profile') as KeptProfile | null,
    keep: (profile) => memory.keep('profile', profile),
  });
const framePlaces = new FramePlaces(api);
const trackController = new TrackController({
  session,
  api,
  prepareFrame: (frame) => keeper.prepare(frame),
  places: (frames) => framePlaces.of(frames),
  profile: () => (store.state.usesProfile ? (store.state.learnt?.profile ?? null) : null),
});
const tracks = new TrackActions(session, trackController, () => layer.current?.sensor ?? null);
const boxes = new BoxActions(session, layer, predictions);
const tools = new PointerTools({
  session,
  layer,
  main: views.main,
  onHint: (hint) => void ask(hint),
  onChange: () => stage.request(),
  shows: (place) => scene.shows(place),
  isTaken: (view) => view === views.main && scene.gizmo.isUnderPointer,
});
scene.connect(tools, (axis, side) => boxes.snap(axis, side));

const classKeys = () => classShortcuts(classesOf(store.state.ontology));
const sheet = shortcutSheet(classKeys);
document.body.append(sheet);
const run = actionTable({ session, predictions, boxes, tracks, trackController, scene, tools, sheet });
listenForKeys(run, classKeys);
document.addEventListener('click', (event) => {
  const action = (event.target as Element).closest<HTMLElement>('[data-action]')?.dataset.action;
  if (action !== undefined) run(action);
});

const showFrames = framesPanel((frame) => {
  session.unsay('act');
  session.openFrame(frame);
});
const showObjects = objectsPanel((id) => {
  session.unsay('act');
  session.select(id);
});
const showBox = inspector(session, {
  countOf: () => scene.countText(),
  rename: (id) => void tracks.rename(id),
});
const showTimeline = timelinePanel(session);
const showProfile = profilePanel();
const showChecks = checksPanel({
  session,
  checks: new WorkChecks({ api, places: (frames) => framePlaces.of(frames) }),
});
const showCameras = camerasPanel({
  session,
  api,
  isOffered: features.includes('cameras'),
  onClick: (projection, pixel, scale) =>
    clickInImage({ session, layer, onHint: (hint) => void ask(hint) }, projection, pixel, scale),
});
const showMerged = mergedPanel({
  session,
  api,
  places: (wanted) => framePlaces.of(wanted),
  load: (wanted) => trackController.load(wanted),
});
const showGlance = glancePanel({
  session,
  api,
  load: async () => {
    const { frames: all, frame } = store.state;
    if (frame !== null) await trackController.load(sequenceOf(all, frame));
  },
});
const showDisplay = displayPanel(session);
const showToolbar = toolbar(store);
const showSaved = savePanel();
const showVersionWarning = versionWarning(session);
const status = statusLine();
const announce = announcer();
const projectOntology = new ProjectOntology({
  session,
  api,
  files,
  isOnServer: features.includes('ontology'),
  kept: memory.kept('ontology'),
  keep: (ontology) => memory.keep('ontology', ontology),
});
filesPanel(session, {
  files,
  loadAll: () => keeper.openAll(),
  takeOntology: (name, text) => projectOntology.take(name, text),
});

/**
 * Makes ready what nobody has waited for when the page opened. It does not disturb a view that moves: between
 * two looks no picture was drawn.
 */
function prepareAtRest(pictures = stage.stats.frames): void {
  setTimeout(() => {
    const { frames: now } = stage.stats;
    if (now !== pictures) {
      prepareAtRest(now);
      return;
    }
    files.prefetch();
    scene.gizmo.prepare();
  }, REST_MS);
}

let isRemembering = false;
const remember = () => {
  isRemembering = false;
  if (store.state.frame !== null) memory.save(store.state, session.history);
};

store.subscribe((state, before) => {
  if (state.opening !== before.opening) followOpening(state.opening?.frame, before.opening?.frame);
  showFrames(state);
  showObjects(state);
  showDisplay(state);
  showBox();
  showTimeline(state, before);
  showProfile(state);
  showChecks(state, before);
  showMerged(state, before);
  showCameras(state, before);
  showGlance(state, before);
  showToolbar(state);
  showVersionWarning();
  if (state.saving !== before.saving) showSaved(state.saving);
  status.update(state);
  announce(session.selected);
  scene.changed(state, before);
  byId('right').classList.toggle('empty', session.selected === undefined);
  if (isRemembering) return;
  isRemembering = true;
  setTimeout(remember, 200);
});
addEventListener('pagehide', () => {
  remember();
  memory.leave();
});
addEventListener('pageshow', () => memory.stay());

function followOpening(wanted: string | undefined, before: string | undefined): void {
  if (wanted === before) return;
  if (wanted === undefined) frames.cancel();
  else void frames.open(wanted);
}

let lastCount = '';
function showDrawn(isMoving: boolean): void {
  status.drawn({
    points: layer.pointsDrawn,
    isComplete: layer.isComplete,
    total: layer.summary?.points ?? 0,
    isMoving,
  });
  if (scene.countText() === lastCount) return;
  lastCount = scene.countText();
  showBox();
}

async function start(): Promise<void> {
  const place = memory.place();
  store.set(memory.look());
  const history = memory.history();
  if (history !== null) session.restoreHistory(history);
  showSaved(store.state.saving);
  byId('open-cloud').addEventListener('submit', (event) => {
    event.preventDefault();
    openById(byId<HTMLInputElement>('cloud-id').value.trim());
  });
  await whenReachable(() => projectOntology.open()).catch((error: ApiError) =>
    session.say(`The classes of the project are missing. ${error.message}`, 'error', 'ontology'),
  );
  const asked = new URLSearchParams(location.search).get('cloud');
  // A cloud that was asked for by name does not wait for the list of all.
  if (asked !== null) openById(asked, place.frame === asked ? place.selected : null);
  // Null where the server does not list them.
  const listed = await whenReachable(() => api.clouds());
  const known = listed ?? Object.keys(store.state.work.frames);
  const open = store.state.opening?.frame ?? store.state.frame;
  byId('open-cloud').hidden = listed !== null && listed.length > 0;
  store.set({ frames: open === null || known.includes(open) ? known : [open, ...known] });
  if (open !== null) return;
  const isHere = place.frame != null && store.state.frames.includes(place.frame);
  const first = isHere ? place.frame! : store.state.frames[0];
  if (first === undefined) session.say('There is no cloud here. Type the id of one.', 'warn', 'frame');
  else openById(first, isHere ? place.selected : null);
}

/** What the server answers, as soon as it can be reached. */
async function whenReachable<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (let attempt = 0; ; attempt++) {
    try {
      const answer = await ask();
      session.unsay('server');
      return answer;
    } catch (error) {
      if (!isPassing(error)) throw error;
      session.say((error as ApiError).message, 'error', 'server');
      const ms = OPEN_AGAIN_AFTER_MS[Math.min(attempt, OPEN_AGAIN_AFTER_MS.length - 1)]!;
      await reachability.pause(ms, new AbortController().signal);
    }
  }
}

function openById(id: string, selected: string | null = null): void {
  if (id === '') return;
  if (!store.state.frames.includes(id)) store.set({ frames: [...store.state.frames, id] });
  session.openFrame(id, selected);
}

let tracksBegun = 0;
store.subscribe((state, before) => {
  if (state.tracking !== null && before.tracking === null) tracksBegun += 1;
});

const testApi: TestApi = {
  get state() {
    return store.state;
  },
  labels: () => (store.state.frame === null ? [] : labelsOf(store.state.work, store.state.frame)),
  run,
  project: (place, view = 'main') => scene.toPagePixel(view, place),
  lookAt: (place, radius) => scene.lookAt(place, radius),
  stats: () => ({
    ...stage.stats,
    graphicsMs: stage.graphicsMs,
    points: layer.pointsDrawn,
    loaded: layer.pointsLoaded,
    budget: stage.pacedBudget,
    complete: scene.isComplete && store.state.opening === null,
  }),
  tracksBegun: () => tracksBegun,
  setLateAfter: (ms) => {
    predictions.lateAfterMs = ms;
  },
  setBudget: (points) => {
    stage.budget = points;
    scene.invalidate();
  },
};
Object.assign(globalThis, { nearbox: testApi });

byId('right').classList.add('empty');
showToolbar(store.state);
showBox();
start().catch((error: unknown) =>
  session.say(error instanceof Error ? error.message : String(error), 'error', 'frame'),
);
