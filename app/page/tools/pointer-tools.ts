/** What clicks, rectangles and lassos do: they select a box, let go of one, or ask for one. */
import { type Box, insideTest, type Vec2, type Vec3 } from '../../../inference/boxes/index.ts';
import { pick } from '../cloud/index.ts';
import { measuredText, shownLabels } from '../display/index.ts';
import { CLASS_STYLES, labelsOf } from '../model/index.ts';
import { classNamed } from '../ontology/index.ts';
import type { AnnotatorHint, Session } from '../session/index.ts';
import type { CloudLayer, GestureTarget, MainView, View } from '../viewer/index.ts';
import { boxOnRay } from './box-on-ray.ts';
import { boxHint, clickHint, isBareGround, lassoHint, RoughRectangle, standingBox } from './hints.ts';

/** A click this near to a box is on it, metres. */
const SELECT_MARGIN_METRES = 0.1;
/** A click is on a point up to here from it, pixels. */
const CLICK_REACH_PIXELS = 9;
/** Where the points are sparse, a click is on the nearest one up to here, pixels. */
const SPARSE_REACH_PIXELS = 28;
/** The longest diagonal of a region of interest, metres. */
const LARGEST_REGION_METRES = 1000;
/** Points up to here from the cross are at it: keys do not aim as well as a mouse. Pixels. */
const CROSS_REACH_PIXELS = 40;

export interface PointerToolsOptions {
  readonly session: Session;
  readonly layer: CloudLayer;
  readonly main: MainView;
  readonly onHint: (hint: AnnotatorHint) => void;
  /** Something that is being drawn by hand looks different now. */
  readonly onChange: () => void;
  /** True where a handle takes the press. */
  readonly isTaken: (view: View) => boolean;
  /** False for a place whose points are left out. */
  readonly shows: (place: Vec3) => boolean;
}

export class PointerTools implements GestureTarget {
  readonly #options: PointerToolsOptions;
  #rectangle: RoughRectangle | null = null;
  /** The box that is being drawn. */
  drawing: Box | null = null;
  /** The ring that is being drawn, pixels. */
  ring: { readonly view: View; readonly points: readonly Vec2[] } | null = null;
  /** True while a press goes on that may be a click, or that draws. */
  isHeld = false;

  constructor(options: PointerToolsOptions) {
    this.#options = options;
  }

  tool() {
    return this.#options.session.state.tool;
  }

  isTaken(view: View): boolean {
    return this.#options.isTaken(view);
  }

  hold(isHeld: boolean): void {
    this.isHeld = isHeld;
  }

  cancelDrawing(): void {
    this.#rectangle = null;
    this.drawing = null;
    this.ring = null;
    this.#options.onChange();
  }

  /**
   * On a box: selects it. On bare ground, or on nothing: lets go of the selected box. Else asks for the
   * object there.
   */
  click(view: View, pixel: Vec2, reach = CLICK_REACH_PIXELS): void {
    const startedAt = performance.now();
    const { session, layer } = this.#options;
    const { work, frame, selected, display } = session.state;
    if (!view.isShown || frame === null) return;
    session.unsay('act');
    const place = this.#placeAt(view, pixel, reach);
    if (session.state.tool === 'measure') {
      this.#measure(place);
      return;
    }
    const labels = shownLabels(labelsOf(work, frame), display, selected);
    const hit =
      place === null
        ? boxOnRay(labels, view, pixel)
        : labels.find(({ box }) => insideTest(box, SELECT_MARGIN_METRES)(...place));
    if (hit !== undefined) session.select(hit.id);
    else if (place === null) {
      if (selected !== null) session.select(null);
      else session.say('There are no points under the cursor.', 'warn');
    } else if (selected !== null && isBareGround(layer, place)) session.select(null);
    else this.#options.onHint({ ...clickHint(place), replaces: null, startedAt });
  }

  /** The first click is where the measure begins, the second where it ends; the next one begins anew. */
  #measure(place: Vec3 | null): void {
    const { session } = this.#options;
    if (place === null) {
      session.say('There are no points under the cursor.', 'warn');
      return;
    }
    const { measured } = session.state;
    const places = measured.length === 1 ? [...measured, place] : [place];
    session.store.set({ measured: places });
    session.say(places.length === 2 ? measuredText(places) : 'Click where the measure ends.');
  }

  /** A click at the cross in the middle of the main view. */
  clickCentre(): void {
    const { main } = this.#options;
    this.click(main, [main.width / 2, main.height / 2], CROSS_REACH_PIXELS);
  }

  /**
   * A rough box without a mouse: as large as its class usually is, its sides along the view, on the ground at
   * the cross.
   */
  dropBox(): void {
    const startedAt = performance.now();
    const { session, layer, main, onHint } = this.#options;
    const place = this.#placeAt(main, [main.width / 2, main.height / 2], CROSS_REACH_PIXELS);
    if (place === null) {
      session.say('There are no points at the cross.', 'warn');
      return;
    }
    const { ontology, nextClass } = session.state;
    const { size } = classNamed(ontology, nextClass) ?? CLASS_STYLES.car;
    const box = standingBox(layer, place, size, main.groundAngle());
    onHint({ ...boxHint(box), replaces: null, startedAt });
  }

  rectangle(view: View, from: Vec2, to: Vec2, isDone: boolean): void {
    const { session, layer, onChange } = this.#options;
    const isRegion = session.state.tool === 'region';
    if (isRegion && view.name !== 'main' && view.name !== 'top') return;
    if (view.name === 'side' || view.name === 'rear') {
      this.lasso(view, cornersOf(from, to), isDone);
      return;
    }
    if (session.state.frame === null) return;
    this.#rectangle ??= RoughRectangle.begin(view, from, layer, isRegion ? LARGEST_REGION_METRES : undefined);
    const box = this.#rectangle?.to(to) ?? null;
    this.drawing = isDone ? null : box;
    onChange();
    if (!isDone) return;
    session.unsay('act');
    this.#rectangle = null;
    if (box === null)
      session.say('Drag from one corner of the object to the other, where there are points.', 'warn');
    else if (isRegion) {
      session.setDisplay({ region: box });
      session.store.set({ tool: 'click' });
      session.say('Only this region is shown. Alt+K shows all.');
    } else this.#give(view, { ...boxHint(box), startedAt: performance.now() });
  }

  lasso(view: View, points: readonly Vec2[], isDone: boolean): void {
    const { session, layer, onChange } = this.#options;
    if (session.state.frame === null) return;
    this.ring = isDone ? null : { view, points };
    onChange();
    if (!isDone) return;
    session.unsay('act');
    const startedAt = performance.now();
    const hint = lassoHint(view, points, layer);
    if (hint === null) session.say('There are no points in the lasso.', 'warn');
    else this.#give(view, { ...hint, startedAt });
  }

  /**
   * The place under a pixel: by what is drawn near it, then farther off, then by what is loaded and not
   * drawn.
   */
  #placeAt(view: View, pixel: Vec2, reach: number): Vec3 | null {
    const { layer, shows } = this.#options;
    const projection = view.projection();
    return (
      pick(layer.drawn(), projection, pixel, reach, shows) ??
      pick(layer.drawn(), projection, pixel, Math.max(reach, SPARSE_REACH_PIXELS), shows) ??
      pick(layer.loaded(), projection, pixel, Math.max(reach, SPARSE_REACH_PIXELS), shows)
    );
  }

  /**
   * A hint that was drawn around the selected box in one of its own views is about that object: it is fitted
   * again.
   */
  #give(view: View, hint: Omit<AnnotatorHint, 'replaces'>): void {
    const { session, onHint } = this.#options;
    const label = session.selected;
    const { drawn } = hint;
    const isAbout =
      view.name !== 'main' &&
      label !== undefined &&
      drawn !== null &&
      (insideTest(drawn)(...label.box.center) || insideTest(label.box)(...drawn.center));
    onHint({ ...hint, replaces: isAbout ? label.id : null });
  }
}

function cornersOf([ax, ay]: Vec2, [bx, by]: Vec2): Vec2[] {
  return [
    [ax, ay],
    [bx, ay],
    [bx, by],
    [ax, by],
  ];
}
