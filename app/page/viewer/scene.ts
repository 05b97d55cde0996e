/** Views, points, boxes and hands in one place: what the page looks at, and what it does when something changes. */
import { type Box, insideTest, type Vec2, type Vec3 } from '../../../inference/boxes/index.ts';
import type { ApiClient } from '../api/client.ts';
import { countInside } from '../boxes/snap.ts';
import { valueRange } from '../cloud/colour-map.ts';
import { pick, projectPoint } from '../cloud/scan.ts';
import { CLASS_STYLES, rgb } from '../model/classes.ts';
import { labelsOf } from '../model/label.ts';
import { byId } from '../panels/dom.ts';
import { isDark } from '../panels/toolbar.ts';
import type { Hint } from '../session/asking.ts';
import type { BoxActions } from '../session/box-actions.ts';
import { boxHint, clickHint, lassoHint, RoughRectangle, standingBox } from '../session/hints.ts';
import type { Session } from '../session/session.ts';
import type { PageState } from '../session/state.ts';
import { boundsOf, CloudLayer } from './cloud-layer.ts';
import { type GestureTarget, listenForGestures } from './gestures.ts';
import { Gizmo } from './gizmo.ts';
import { MainView } from './main-view.ts';
import { Overlay } from './overlay.ts';
import { PointMaterial } from './point-material.ts';
import { type HandleTarget, SideHandles } from './side-handles.ts';
import { SideView } from './side-view.ts';
import { Stage } from './stage.ts';
import type { View, ViewName } from './view.ts';

export interface SceneOptions {
  readonly session: Session;
  readonly api: ApiClient;
  readonly onHint: (hint: Hint) => void;
}

/** Points closer together than this on the screen add nothing, pixels. */
const SPACING_PIXELS = 0.8;
/** Around the selected box, points are loaded to the last, metres. */
const FOCUS_MARGIN = 2;
/** What the first look at a cloud takes in, metres to each side. */
const OPENING_RADIUS = { sensor: 32, least: 12, most: 400 };
/** A click this near to a box is on it, metres. */
const SELECT_MARGIN = 0.1;
/** Heights that have colours of their own where a scanner stands on a street, metres. */
const STREET_HEIGHT = 4.5;
/** Points up to here from the cross are at it: keys do not aim as well as a mouse. Pixels. */
const CROSS_REACH = 40;
/** While the camera moves, nodes are chosen anew so often, milliseconds. */
const CHOICE_INTERVAL = 150;

export type Scene = ReturnType<typeof createScene>;

export function createScene({ session, api, onHint }: SceneOptions) {
  const { store } = session;
  const material = new PointMaterial();
  const main = new MainView(byId('view-main'));
  const top = new SideView('top', byId('view-top'));
  const side = new SideView('side', byId('view-side'));
  const rear = new SideView('rear', byId('view-rear'));
  const sides = [top, side, rear];
  const views = { main, top, side, rear } as const satisfies Record<ViewName, View>;
  const layer = new CloudLayer({
    api,
    material,
    onChange: choosePoints,
    onError: (error) => session.say(error instanceof Error ? error.message : String(error), 'error'),
    onGone: () => scene.onGone(),
  });

  let choiceIsStale = true;
  let chosenAt = 0;
  let colourIsStale = true;
  let hasColours = false;
  let hasFinalColours = false;
  let isHomePending = false;
  let isFirstPicture = true;
  let wasComplete = false;
  let isHolding = false;
  let drawing: { box: Box | null; rectangle: RoughRectangle | null } = { box: null, rectangle: null };
  let ring: { view: View; points: readonly Vec2[] } | null = null;
  let under: View = main;
  let actions: BoxActions | null = null;
  const counts = new WeakMap<Box, { text: string; drawn: number }>();

  const stage = new Stage({
    canvas: byId<HTMLCanvasElement>('canvas'),
    main,
    sides,
    layer,
    material,
    beforeDraw,
    beforeView: (view) => gizmo.show(view === main),
    onPace: choosePoints,
  });

  const handles: HandleTarget = {
    box: () => session.selected?.box ?? null,
    keepsSize: () => store.state.keepSize,
    begin: () => {
      isHolding = true;
      session.seal();
    },
    change: (box, what) => session.edit(box, what, 'hold'),
    end: () => {
      isHolding = false;
      session.seal();
      followSelected();
      invalidate();
    },
    snap: (axis, at) => actions?.snap(axis, at),
  };
  const gizmo = new Gizmo(main, stage.scene, handles, () => stage.request());
  const overlays = Object.values(views).map((view) => new Overlay(view));
  const sideHandles = sides.map((view, i) => new SideHandles(view, overlays[i + 1]!.handles, handles));

  const gestures: GestureTarget = {
    tool: () => store.state.tool,
    click: (view, pixel) => click(view, pixel),
    rectangle: (view, from, to, done) => {
      if (view === side || view === rear) return lasso(view, corners(from, to), done);
      drawing.rectangle ??= RoughRectangle.begin(view, from, layer);
      const box = drawing.rectangle?.to(to) ?? null;
      drawing = { ...drawing, box };
      stage.request();
      if (!done) return;
      drawing = { box: null, rectangle: null };
      if (box === null)
        session.say('drag from one corner of the object to the other, where there are points', 'warn');
      else give(view, { ...boxHint(box), startedAt: performance.now() });
    },
    lasso,
    cancelDrawing: () => {
      drawing = { box: null, rectangle: null };
      ring = null;
      stage.request();
    },
    isTaken: (view) => view === main && gizmo.isUnderPointer,
  };
  for (const view of Object.values(views)) {
    listenForGestures(view, gestures);
    view.element.tabIndex = 0;
    for (const name of ['pointerenter', 'focus']) view.element.addEventListener(name, () => setUnder(view));
    view.element.addEventListener('pointermove', () => {
      if (view === main) main.element.classList.toggle('over-gizmo', gizmo.isUnderPointer);
    });
  }
  for (const view of sides)
    view.element.addEventListener(
      'wheel',
      (event) => {
        event.preventDefault();
        for (const each of sides) each.zoomBy(event.deltaY < 0 ? 1.15 : 1 / 1.15);
        followSelected();
        stage.request();
      },
      { passive: false },
    );
  for (const name of ['controlstart', 'control', 'wake'] as const)
    main.controls.addEventListener(name, () => {
      choiceIsStale = true;
      stage.request();
    });

  function lasso(view: View, points: readonly Vec2[], done: boolean): void {
    ring = done ? null : { view, points };
    stage.request();
    if (!done) return;
    const startedAt = performance.now();
    const hint = lassoHint(view, points, layer);
    if (hint === null) session.say('there are no points in the lasso', 'warn');
    else give(view, { ...hint, startedAt });
  }

  /** A hint that was drawn around the selected box in one of its own views is about that object: it is fitted again. */
  function give(view: View, hint: Omit<Hint, 'replaces'>): void {
    const label = session.selected;
    const { drawn } = hint;
    const isAbout =
      view !== main &&
      label !== undefined &&
      drawn !== null &&
      (insideTest(drawn)(...label.box.center) || insideTest(label.box)(...drawn.center));
    onHint({ ...hint, replaces: isAbout ? label.id : null });
  }

  /** On a box that is there: selects it. Else asks for the object there. */
  function click(view: View, pixel: Vec2, reach?: number): void {
    const startedAt = performance.now();
    if (!view.isShown) return;
    const place = pick(layer.loaded(), view.projection(), pixel, reach);
    if (place === null) {
      if (session.selected?.state === 'accepted') session.select(null);
      session.say('there are no points under the cursor', 'warn');
      return;
    }
    const { work, frame, selected } = store.state;
    const hit = labelsOf(work, frame ?? '').find(({ box }) => insideTest(box, SELECT_MARGIN)(...place));
    if (hit !== undefined) {
      if (hit.id !== selected) session.select(hit.id);
      return;
    }
    onHint({ ...clickHint(place), replaces: null, startedAt });
  }

  /** A rough box without a mouse: as large as its class usually is, its sides along the view, on the ground at the cross. */
  function dropBox(): void {
    const startedAt = performance.now();
    const place = pick(layer.loaded(), main.projection(), [main.width / 2, main.height / 2], CROSS_REACH);
    if (place === null) {
      session.say('there are no points at the cross', 'warn');
      return;
    }
    const { size } = CLASS_STYLES[store.state.nextClass ?? 'car'];
    const box = standingBox(layer, place, size, main.groundAngle());
    onHint({ ...boxHint(box), replaces: null, startedAt });
  }

  function setUnder(view: View): void {
    under.element.classList.remove('under');
    under = view;
    if (view !== main) view.element.classList.add('under');
  }

  /** Chooses anew with the next of the pictures for points that come in. */
  function choosePoints(): void {
    choiceIsStale = true;
    stage.requestSoon();
  }

  function invalidate(): void {
    choiceIsStale = true;
    stage.request();
  }

  function followSelected(): void {
    const box = session.selected?.box ?? null;
    if (!isHolding) for (const view of sides) view.follow(box);
    gizmo.follow(box, main.sceneOrigin);
  }

  function beforeDraw(isMoving: boolean): void {
    const now = performance.now();
    if (choiceIsStale || (isMoving && now - chosenAt > CHOICE_INTERVAL)) {
      const box = session.selected?.box;
      layer.choose({
        camera: main.lodCamera(),
        budget: stage.pacedBudget,
        spacingPixels: SPACING_PIXELS,
        focus: box === undefined ? [] : [boundsOf(box, FOCUS_MARGIN)],
      });
      choiceIsStale = false;
      chosenAt = now;
    }
    if (isMoving) choiceIsStale = true;
    if (colourIsStale || !hasColours) setColours();
    if (hasColours && isHomePending) {
      isHomePending = false;
      scene.home(false);
    }
    for (const view of sides) view.sceneOrigin = main.sceneOrigin;
    const count = countText();
    const { work, frame, selected, pending } = store.state;
    for (const overlay of overlays)
      overlay.draw({
        labels: frame === null ? [] : labelsOf(work, frame),
        selected,
        count,
        pending: pending.filter((one) => one.frame === frame),
        drawing: drawing.box,
        ring,
      });
    for (const each of sideHandles) each.place();
    if (isFirstPicture && layer.pointsDrawn > 0) {
      isFirstPicture = false;
      stage.afterNextDraw(() => performance.mark('nearbox:first-points'));
    }
    if (layer.isComplete && !wasComplete) {
      stage.afterNextDraw(() => performance.mark('nearbox:all-points'));
      // The first points alone say little about how the values are spread.
      if (!hasFinalColours) setColours();
      hasFinalColours = true;
      scene.onComplete();
    }
    wasComplete = layer.isComplete;
    scene.onDrawn();
  }

  function setColours(): void {
    const { colour } = store.state;
    const from = scanner() ?? main.sceneOrigin;
    const [x, y, z] = main.sceneOrigin;
    const eye: Vec3 = [from[0] - x, from[1] - y, from[2] - z];
    const values = layer.sample(colour === 'class' ? 'height' : colour, eye);
    hasColours = values.length > 0;
    const [low, high] = valueRange(values);
    // A street is low: trees and fronts would take most of the colours.
    const most = colour === 'height' && scanner() !== null ? low + STREET_HEIGHT : high;
    material.setMode(colour, isDark(), [low, Math.min(high, most)]);
    material.setEye(eye);
    colourIsStale = false;
  }

  /** Boxes whose points are told apart, and the one whose points stand out. */
  function setBoxes({ work, frame, colour }: PageState): void {
    const labels = frame === null || colour !== 'class' ? [] : labelsOf(work, frame);
    layer.setBoxes(
      labels.map(({ box, ...label }) => ({ box, colour: rgb(CLASS_STYLES[label.class].colour) })),
    );
    const box = session.selected?.box;
    const [x, y, z] = main.sceneOrigin;
    material.setSelected(
      box === undefined
        ? null
        : { ...box, center: [box.center[0] - x, box.center[1] - y, box.center[2] - z] },
    );
  }

  /** Where the scanner stood: what the cloud says, else its origin if that lies in it (CONTRACT.md, `sensor`). */
  function scanner(): Vec3 | null {
    const { summary } = layer;
    if (summary === null) return null;
    const { min, max } = summary.bounds;
    const holdsOrigin = min[0] <= 0 && max[0] >= 0 && min[1] <= 0 && max[1] >= 0;
    return summary.sensor ?? (holdsOrigin ? [0, 0, 0] : null);
  }

  /** `412 points`, or `380+ points` while more may come. */
  function countText(): string {
    const box = session.selected?.box;
    if (box === undefined) return '';
    const drawn = layer.isComplete ? -1 : layer.pointsDrawn;
    const known = counts.get(box);
    if (known?.drawn === drawn) return known.text;
    const count = countInside(box, layer.pointsIn(boundsOf(box)));
    const text = `${count}${drawn === -1 ? '' : '+'} points`;
    counts.set(box, { text, drawn });
    return text;
  }

  const scene = {
    layer,
    stage,
    views,
    gizmo,
    /** Called when a picture is about to be drawn, and when all points of the view have come. */
    onDrawn: () => {},
    onComplete: () => {},
    /** Called when the open cloud has been replaced by another version of it. */
    onGone: () => {},
    invalidate,
    countText,
    scanner,
    connect(to: BoxActions) {
      actions = to;
    },
    /** The view under the mouse, or the one that was focused last. */
    get under(): View {
      return under;
    },
    /** True if the camera is at rest and all points that it should show are there. */
    get isComplete(): boolean {
      return !choiceIsStale && layer.isComplete;
    },
    /** A frame's cloud is there. */
    opened(isFirst: boolean) {
      main.shiftOrigin(layer.sceneOrigin);
      isFirstPicture = true;
      if (isFirst) scene.home(false);
      // The ground is known once the first points are there.
      isHomePending = isFirst;
      hasColours = false;
      hasFinalColours = false;
      wasComplete = false;
      setBoxes(store.state);
      followSelected();
      invalidate();
    },
    changed(state: PageState, before: PageState) {
      const looksOther = state.colour !== before.colour || state.theme !== before.theme;
      if (
        looksOther ||
        Object.keys(state).every((key) => state[key as keyof PageState] === before[key as keyof PageState])
      )
        colourIsStale = true;
      if (
        state.work !== before.work ||
        state.selected !== before.selected ||
        looksOther ||
        state.frame !== before.frame
      ) {
        setBoxes(state);
        followSelected();
        choiceIsStale = true;
      }
      stage.request();
    },
    home(isSmooth: boolean) {
      const { summary } = layer;
      if (summary === null) return;
      const { min, max } = summary.bounds;
      const from = scanner();
      const low = valueRange(layer.sample('height', [0, 0, 0]), 0.1)[0] + main.sceneOrigin[2];
      const place: Vec3 = from
        ? [from[0], from[1], low]
        : [(min[0] + max[0]) / 2, (min[1] + max[1]) / 2, low];
      const half = Math.max(max[0] - min[0], max[1] - min[1]) / 2;
      const radius = Math.min(half, from ? OPENING_RADIUS.sensor : OPENING_RADIUS.most);
      main.lookAt(place, Math.max(OPENING_RADIUS.least, radius), isSmooth);
      invalidate();
    },
    lookAt(place: Vec3, radius: number) {
      main.lookAt(place, radius, false);
      main.update(0);
      invalidate();
    },
    centre() {
      const box = session.selected?.box;
      if (box !== undefined) main.centreOn(box.center);
      invalidate();
    },
    clickCentre() {
      click(main, [main.width / 2, main.height / 2], CROSS_REACH);
    },
    dropBox,
    toPagePixel(view: View, place: Vec3): Vec2 | null {
      const pixel = projectPoint(view.projection(), place);
      const rect = view.element.getBoundingClientRect();
      return pixel && [rect.left + pixel.x, rect.top + pixel.y];
    },
  };
  return scene;
}

function corners([ax, ay]: Vec2, [bx, by]: Vec2): Vec2[] {
  return [
    [ax, ay],
    [bx, ay],
    [bx, by],
    [ax, by],
  ];
}
