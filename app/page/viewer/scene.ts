/** The views of a frame: its points, its boxes, and the hands on them. */
import type { Box, Vec2, Vec3 } from '../../../inference/boxes/index.ts';
import type { ApiClient } from '../api/index.ts';
import { projectPoint, valueRange } from '../cloud/index.ts';
import { shownLabels } from '../display/index.ts';
import { byId, listenForPinch } from '../dom/index.ts';
import { labelsOf } from '../model/index.ts';
import { styleOf } from '../ontology/index.ts';
import type { FramePoints, PageState, Session } from '../session/index.ts';
import { Overlay, type OverlayContent, Stage } from './drawing/index.ts';
import { type GestureTarget, listenForGestures } from './gestures.ts';
import { Gizmo, type HandleTarget, SideHandles } from './handles/index.ts';
import { PointClips } from './point-clips.ts';
import { PointColours } from './point-colours.ts';
import { PointCounts } from './point-counts.ts';
import { boundsOf, CloudLayer, type OpenCloud, PointMaterial } from './points/index.ts';
import { MainView, SideView, type View, type ViewName } from './views/index.ts';

/** What a hand is drawing. */
export interface HandDrawing {
  readonly drawing: Box | null;
  /** A ring in pixels, and the view that it is drawn in. */
  readonly ring: { readonly view: View; readonly points: readonly Vec2[] } | null;
}

export interface SceneOptions {
  readonly session: Session;
  readonly api: ApiClient;
  /** A picture is about to be drawn; one more comes after the camera has moved. */
  readonly onDrawn: (isMoving: boolean) => void;
  /** All points of the view have come. */
  readonly onComplete: () => void;
  /** The open cloud has been replaced by another version of it. */
  readonly onGone: () => void;
}

/** Points closer together than this on the screen add nothing, pixels. */
const SPACING_PIXELS = 0.8;
/** Around the selected box, points are loaded to the last, metres. */
const FOCUS_MARGIN_METRES = 2;
/** What the first look at a cloud takes in, metres to each side. */
const OPENING_RADIUS = { sensor: 32, least: 12, most: 400 };
/** One notch of the wheel in the views of the box. */
const WHEEL_ZOOM_FACTOR = 1.15;
/** While the camera moves, nodes are chosen anew so often, milliseconds. */
const CHOICE_INTERVAL_MS = 150;

export class ViewerScene {
  readonly layer: CloudLayer;
  readonly stage: Stage;
  readonly views: Readonly<{ main: MainView; top: SideView; side: SideView; rear: SideView }>;
  readonly gizmo: Gizmo;
  readonly #options: SceneOptions;
  readonly #sides: readonly SideView[];
  readonly #overlays: readonly Overlay[];
  readonly #sideHandles: readonly SideHandles[];
  readonly #colours: PointColours;
  readonly #clips: PointClips;
  readonly #counts: PointCounts;
  #drawing: HandDrawing = { drawing: null, ring: null };
  #snap: HandleTarget['snap'] = () => undefined;
  #under: View;
  #isChoiceStale = true;
  #chosenAt = 0;
  #isHomePending = false;
  #isFirstPicture = true;
  #wasComplete = false;
  /** The box whose handle is dragged: the views stand still, and the drag is about no other box. */
  #held: string | null = null;

  constructor(options: SceneOptions) {
    this.#options = options;
    const { session, api } = options;
    const material = new PointMaterial();
    const main = new MainView(byId('view-main'));
    const [top, side, rear] = (['top', 'side', 'rear'] as const).map(
      (name) => new SideView(name, byId(`view-${name}`)),
    ) as [SideView, SideView, SideView];
    this.views = { main, top, side, rear };
    this.#sides = [top, side, rear];
    this.#under = main;
    this.layer = new CloudLayer({
      api,
      material,
      onChange: () => this.#choosePoints(),
      onError: (error) =>
        session.say(error instanceof Error ? error.message : String(error), 'error', 'frame'),
      onGone: options.onGone,
    });
    this.#colours = new PointColours(session, this.layer, material);
    this.#clips = new PointClips(session, this.layer, material);
    this.#counts = new PointCounts(this.layer);
    this.stage = new Stage({
      canvas: byId<HTMLCanvasElement>('canvas'),
      main,
      sides: this.#sides,
      layer: this.layer,
      material,
      beforeDraw: (isMoving) => this.#beforeDraw(isMoving),
      beforeView: (view) => this.gizmo.show(view === main),
      onPace: () => this.#choosePoints(),
    });
    const handles = this.#handleTarget();
    this.gizmo = new Gizmo(main, this.stage.scene, handles, () => this.stage.request());
    this.#overlays = Object.values(this.views).map((view) => new Overlay(view));
    this.#sideHandles = this.#sides.map(
      (view, i) => new SideHandles(view, this.#overlays[i + 1]!.handles, handles),
    );
    this.#listen();
  }

  /** Hands the pointer over to the tools. */
  connect(tools: GestureTarget & HandDrawing, snap: HandleTarget['snap']): void {
    this.#drawing = tools;
    this.#snap = snap;
    for (const view of Object.values(this.views)) listenForGestures(view, tools);
  }

  /** The view under the mouse, or the one that was focused last. */
  get under(): View {
    return this.#under;
  }

  /** True while a handle of a box is dragged. */
  get isHolding(): boolean {
    return this.#held !== null;
  }

  /** True if the camera is at rest and all points that it should show are there. */
  get isComplete(): boolean {
    return !this.#isChoiceStale && this.layer.isComplete;
  }

  /** The loaded points of the open frame; they stay those of this frame when another one is opened. */
  framePoints(): FramePoints {
    const cloud = this.layer.current;
    return {
      sensor: cloud?.sensor ?? null,
      pointsIn: (bounds) => cloud?.pointsIn(bounds) ?? { origin: [0, 0, 0], xyz: new Float32Array(0) },
    };
  }

  /** True for a place whose points are shown. */
  shows(place: Vec3): boolean {
    return this.#clips.shows(place);
  }

  /** How many points the selected box has, as text; empty without one. */
  countText(): string {
    const box = this.#options.session.selected?.box;
    return box === undefined ? '' : this.#counts.text(box);
  }

  /** Shows a loaded frame. */
  show(cloud: OpenCloud): void {
    this.layer.show(cloud);
    const { main } = this.views;
    main.shiftOrigin(this.layer.sceneOrigin);
    // The views of the box are set to it before the next picture.
    for (const view of this.#sides) view.sceneOrigin = main.sceneOrigin;
    this.#isFirstPicture = true;
    this.#colours.reset();
    this.#clips.reset();
    this.#wasComplete = false;
  }

  /** The shown frame is the open one. */
  opened(isFirst: boolean): void {
    if (isFirst) this.home(false);
    // The ground is known once the first points are there.
    this.#isHomePending = isFirst;
    this.#colours.showBoxes();
    this.#followSelected();
    this.invalidate();
  }

  changed(state: PageState, before: PageState): void {
    const looksOther =
      state.colour !== before.colour || state.theme !== before.theme || state.display !== before.display;
    const isSame = (Object.keys(state) as (keyof PageState)[]).every((key) => state[key] === before[key]);
    // Nothing changed: the system's theme did.
    if (looksOther || isSame) this.#colours.invalidate();
    if (
      looksOther ||
      state.work !== before.work ||
      state.selected !== before.selected ||
      state.ontology !== before.ontology ||
      state.frame !== before.frame
    ) {
      this.#colours.showBoxes();
      this.#followSelected();
      this.#isChoiceStale = true;
    }
    if (state.selected !== before.selected || state.frame !== before.frame) this.#bringIntoSight();
    this.stage.request();
  }

  /** A box that was selected elsewhere comes to the middle of the main view if it is not in it. */
  #bringIntoSight(): void {
    const box = this.#options.session.selected?.box;
    if (box === undefined || this.#isHomePending) return;
    const { main } = this.views;
    const pixel = projectPoint(main.projection(), box.center);
    const isSeen =
      pixel !== null && pixel.x >= 0 && pixel.y >= 0 && pixel.x <= main.width && pixel.y <= main.height;
    if (!isSeen) this.centre();
  }

  invalidate(): void {
    this.#isChoiceStale = true;
    this.stage.request();
  }

  home(isSmooth: boolean): void {
    const cloud = this.layer.current;
    if (cloud === null) return;
    const { main } = this.views;
    const { min, max } = cloud.summary.bounds;
    const from = cloud.sensor;
    const low = valueRange(this.layer.sample('height', [0, 0, 0]), 0.1)[0] + main.sceneOrigin[2];
    const place: Vec3 = from ? [from[0], from[1], low] : [(min[0] + max[0]) / 2, (min[1] + max[1]) / 2, low];
    const half = Math.max(max[0] - min[0], max[1] - min[1]) / 2;
    const radius = Math.min(half, from ? OPENING_RADIUS.sensor : OPENING_RADIUS.most);
    main.lookAt(place, Math.max(OPENING_RADIUS.least, radius), isSmooth);
    this.invalidate();
  }

  lookAt(place: Vec3, radius: number): void {
    const { main } = this.views;
    main.lookAt(place, radius, false);
    main.update(0);
    this.invalidate();
  }

  /** Brings the selected box to the middle of the main view. */
  centre(): void {
    const box = this.#options.session.selected?.box;
    if (box !== undefined) this.views.main.centreOn(box.center);
    this.invalidate();
  }

  /** Page pixels of a place; null behind the camera. */
  toPagePixel(name: ViewName, place: Vec3): Vec2 | null {
    const view = this.views[name];
    const pixel = projectPoint(view.projection(), place);
    const rect = view.element.getBoundingClientRect();
    return pixel && [rect.left + pixel.x, rect.top + pixel.y];
  }

  #listen(): void {
    const { main } = this.views;
    for (const view of Object.values(this.views)) {
      view.element.tabIndex = 0;
      for (const name of ['pointerenter', 'focus'])
        view.element.addEventListener(name, () => this.#setUnder(view));
    }
    main.element.addEventListener('pointermove', () =>
      main.element.classList.toggle('over-gizmo', this.gizmo.isUnderPointer),
    );
    for (const { element } of this.#sides) {
      const onWheel = (event: WheelEvent) => {
        event.preventDefault();
        this.#zoomSides(event.deltaY < 0 ? WHEEL_ZOOM_FACTOR : 1 / WHEEL_ZOOM_FACTOR);
      };
      element.addEventListener('wheel', onWheel, { passive: false });
      listenForPinch(element, ({ factor }) => this.#zoomSides(factor));
    }
    for (const name of ['controlstart', 'control', 'wake'] as const)
      main.controls.addEventListener(name, () => this.invalidate());
  }

  #zoomSides(by: number): void {
    for (const each of this.#sides) each.zoomBy(by);
    this.#followSelected();
    this.stage.request();
  }

  #handleTarget(): HandleTarget {
    const { session } = this.#options;
    return {
      box: () => session.selected?.box ?? null,
      keepsSize: () => session.state.keepSize,
      begin: () => {
        this.#held = session.state.selected;
        session.unsay('act');
        session.seal();
      },
      change: (box, what) => {
        if (session.state.selected === this.#held) session.edit(box, what, 'hold');
      },
      end: () => {
        this.#held = null;
        session.seal();
        this.#followSelected();
        this.invalidate();
      },
      snap: (axis, at) => this.#snap(axis, at),
    };
  }

  #setUnder(view: View): void {
    this.#under.element.classList.remove('under');
    this.#under = view;
    if (view !== this.views.main) view.element.classList.add('under');
  }

  /** Chooses anew with the next of the pictures for points that come in. */
  #choosePoints(): void {
    this.#isChoiceStale = true;
    this.stage.requestSoon();
  }

  #followSelected(): void {
    const box = this.#options.session.selected?.box ?? null;
    if (this.#held === null) for (const view of this.#sides) view.follow(box);
    this.gizmo.follow(box, this.views.main.sceneOrigin);
  }

  #beforeDraw(isMoving: boolean): void {
    this.#chooseNodes(isMoving);
    this.#colours.beforeDraw();
    this.#clips.beforeDraw();
    this.stage.pointSize = this.#options.session.state.display.pointSize;
    if (this.#colours.hasValues && this.#isHomePending) {
      this.#isHomePending = false;
      this.home(false);
    }
    const { main } = this.views;
    for (const view of this.#sides) view.sceneOrigin = main.sceneOrigin;
    this.#drawOverlays();
    this.#tellProgress();
    this.#options.onDrawn(isMoving);
  }

  #chooseNodes(isMoving: boolean): void {
    const now = performance.now();
    if (this.#isChoiceStale || (isMoving && now - this.#chosenAt > CHOICE_INTERVAL_MS)) {
      const box = this.#options.session.selected?.box;
      this.layer.choose(
        {
          camera: this.views.main.lodCamera(),
          budget: this.stage.pacedBudget,
          spacingPixels: SPACING_PIXELS,
          focus: box === undefined ? [] : [boundsOf(box, FOCUS_MARGIN_METRES)],
        },
        isMoving,
      );
      this.#isChoiceStale = false;
      this.#chosenAt = now;
    }
    if (isMoving) this.#isChoiceStale = true;
  }

  #drawOverlays(): void {
    const { work, frame, selected, pending, ontology, display, measured } = this.#options.session.state;
    const content: OverlayContent = {
      labels: frame === null ? [] : shownLabels(labelsOf(work, frame), display, selected),
      names: display.names,
      measured,
      colourOf: (label) => styleOf(ontology, label).colour,
      selected,
      count: this.countText(),
      pending: pending.filter((question) => question.frame === frame),
      drawing: this.#drawing.drawing,
      ring: this.#drawing.ring,
    };
    for (const overlay of this.#overlays) overlay.draw(content);
    for (const each of this.#sideHandles) each.place();
  }

  /** Marks for the bench, and the callback once everything is there. */
  #tellProgress(): void {
    const { layer, stage } = this;
    if (this.#isFirstPicture && layer.pointsDrawn > 0) {
      this.#isFirstPicture = false;
      stage.afterNextDraw(() => performance.mark('nearbox:first-points'));
    }
    if (layer.isComplete && !this.#wasComplete) {
      stage.afterNextDraw(() => performance.mark('nearbox:all-points'));
      this.#colours.allPointsAreThere();
      this.#options.onComplete();
    }
    this.#wasComplete = layer.isComplete;
  }
}
