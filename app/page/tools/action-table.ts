/** Every action by the name that the keys, the buttons and the sheet use. */
import type { ArrowDirection } from '../boxes/index.ts';
import { COLOUR_MODES } from '../cloud/index.ts';
import { NAME_MODES } from '../display/index.ts';
import { byId } from '../dom/index.ts';
import type { PredictionController, Session } from '../session/index.ts';
import type { TrackActions, TrackController } from '../tracks/index.ts';
import type { ViewerScene } from '../viewer/index.ts';
import type { BoxActions } from './box-actions.ts';
import type { PointerTools } from './pointer-tools.ts';

export interface ActionParts {
  readonly session: Session;
  readonly predictions: PredictionController;
  readonly boxes: BoxActions;
  readonly tracks: TrackActions;
  readonly trackController: TrackController;
  readonly scene: ViewerScene;
  readonly tools: PointerTools;
  readonly sheet: HTMLDialogElement;
}

const DIRECTIONS: readonly ArrowDirection[] = ['up', 'down', 'left', 'right'];
const ORBIT_STEP_RADIANS = 0.15;

/** Runs an action; false if there is none of that name. */
export function actionTable({
  session,
  predictions,
  boxes,
  tracks,
  trackController,
  scene,
  tools,
  sheet,
}: ActionParts): (action: string) => boolean {
  const { store } = session;
  const { main } = scene.views;
  const openBy = (by: number) => {
    const frame = session.frameAt(by);
    if (frame !== null) session.openFrame(frame);
  };
  const actions: Record<string, () => void> = {
    accept: () => session.accept(),
    letGo: () => {
      if (!predictions.cancelLast() && !trackController.stop() && !tracks.cancelMerge()) session.letGo();
    },
    remove: () => session.remove(),
    keepVersion: () => session.keepThisVersion(),
    confirmVersion: () => session.confirmVersion(),
    done: () => session.toggleDone(),
    undo: () => session.undo(),
    redo: () => session.redo(),
    hitCentre: () => tools.clickCentre(),
    dropBox: () => tools.dropBox(),
    toolClick: () => store.set({ tool: 'click' }),
    toolBox: () => store.set({ tool: 'box' }),
    toolLasso: () => store.set({ tool: 'lasso' }),
    toolRegion: () => store.set({ tool: store.state.tool === 'region' ? 'click' : 'region' }),
    toolMeasure: () =>
      store.set({ tool: store.state.tool === 'measure' ? 'click' : 'measure', measured: [] }),
    hide: () => session.hideSelected(),
    showAll: () => session.showAll(),
    isolate: () => session.setDisplay({ isIsolated: !store.state.display.isIsolated }),
    names: () => {
      const next = (NAME_MODES.indexOf(store.state.display.names) + 1) % NAME_MODES.length;
      session.setDisplay({ names: NAME_MODES[next]! });
    },
    hideGround: () => session.setDisplay({ hidesGround: !store.state.display.hidesGround }),
    filter: () => byId('filter').focus(),
    fitRest: () => void boxes.fitRest(),
    profile: () => store.set({ usesProfile: !store.state.usesProfile }),
    fitAgain: () => void boxes.fitAgain(),
    turnLeft: () => boxes.turn(1),
    turnRight: () => boxes.turn(-1),
    raise: () => boxes.lift(1),
    lower: () => boxes.lift(-1),
    shrink: () => boxes.shrink(),
    flip: () => boxes.flip(),
    ground: () => boxes.sitOnGround(),
    keepSize: () => store.set({ keepSize: !store.state.keepSize }),
    gizmo: () => {
      scene.gizmo.mode = scene.gizmo.mode === 'rotate' ? 'translate' : 'rotate';
      scene.invalidate();
    },
    trackBoth: () => void tracks.track('both'),
    trackForward: () => void tracks.track('forward'),
    trackBackward: () => void tracks.track('backward'),
    trackAll: () => void tracks.trackAll(),
    lookAtNext: () => tracks.lookAtNext(1),
    lookAtPrevious: () => tracks.lookAtNext(-1),
    nextUnaccepted: () => tracks.nextUnaccepted(1),
    acceptTrack: () => void tracks.acceptTrack(),
    lock: () => tracks.toggleLock(),
    absent: () => void tracks.toggleAbsent(),
    static: () => void tracks.toggleStatic(),
    oneSize: () => void tracks.oneSize(),
    split: () => void tracks.split(),
    merge: () => tracks.beginMerge(),
    deleteFromHere: () => void tracks.deleteFromHere(),
    check: () => store.set({ isChecking: !store.state.isChecking }),
    glance: () => store.set({ isGlanceShown: !store.state.isGlanceShown }),
    merged: () => store.set({ isMergedShown: !store.state.isMergedShown }),
    cameras: () => store.set({ isCamerasShown: !store.state.isCamerasShown }),
    timeline: () => store.set({ isTimelineShown: !store.state.isTimelineShown }),
    nextBox: () => session.selectNeighbour(1),
    previousBox: () => session.selectNeighbour(-1),
    nextFrame: () => openBy(1),
    previousFrame: () => openBy(-1),
    copyOne: () => void session.copyToNext(false),
    copyAll: () => void session.copyToNext(true),
    colour: () => {
      const { colour, hasColour } = store.state;
      const modes = COLOUR_MODES.filter((mode) => mode !== 'own' || hasColour);
      store.set({ colour: modes[(modes.indexOf(colour) + 1) % modes.length]! });
    },
    panUp: () => main.pan(0, 1),
    panDown: () => main.pan(0, -1),
    panLeft: () => main.pan(-1, 0),
    panRight: () => main.pan(1, 0),
    orbitUp: () => main.turn(0, -ORBIT_STEP_RADIANS),
    orbitDown: () => main.turn(0, ORBIT_STEP_RADIANS),
    orbitLeft: () => main.turn(-ORBIT_STEP_RADIANS, 0),
    orbitRight: () => main.turn(ORBIT_STEP_RADIANS, 0),
    zoomIn: () => main.zoom(0.8),
    zoomOut: () => main.zoom(1.25),
    centre: () => scene.centre(),
    home: () => scene.home(true),
    sheet: () => sheet.showModal(),
  };
  for (const direction of DIRECTIONS) {
    const name = direction[0]!.toUpperCase() + direction.slice(1);
    actions[`move${name}`] = () => boxes.nudge(scene.under, direction);
    actions[`grow${name}`] = () => boxes.resize(scene.under, direction, false);
    actions[`cut${name}`] = () => boxes.resize(scene.under, direction, true);
    actions[`snap${name}`] = () => boxes.snapTowards(scene.under, direction);
  }
  return (action) => {
    session.unsay('act');
    if (action.startsWith('class:')) session.setClass(action.slice(6));
    else if (actions[action] !== undefined) actions[action]();
    else return false;
    scene.invalidate();
    return true;
  };
}
