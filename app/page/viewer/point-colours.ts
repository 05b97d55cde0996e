/** What colours the points have: by a value that is spread over them, and by the boxes that they are in. */
import type { Vec3 } from '../../../inference/boxes/index.ts';
import { valueRange } from '../cloud/index.ts';
import { shownLabels } from '../display/index.ts';
import { isDark } from '../dom/index.ts';
import { labelsOf, rgb } from '../model/index.ts';
import { styleOf } from '../ontology/index.ts';
import type { Session } from '../session/index.ts';
import type { CloudLayer, PointMaterial } from './points/index.ts';

/** Heights that have colours of their own where a scanner stands on a street, metres. */
const STREET_HEIGHT_METRES = 4.5;

export class PointColours {
  readonly #session: Session;
  readonly #layer: CloudLayer;
  readonly #material: PointMaterial;
  #isStale = true;
  #hasValues = false;
  #isFinal = false;

  constructor(session: Session, layer: CloudLayer, material: PointMaterial) {
    this.#session = session;
    this.#layer = layer;
    this.#material = material;
  }

  /** True once the points of the open frame have told how their values are spread. */
  get hasValues(): boolean {
    return this.#hasValues;
  }

  /** Another cloud is shown. */
  reset(): void {
    this.#hasValues = false;
    this.#isFinal = false;
    this.invalidate();
  }

  /** The mode or the theme has changed. */
  invalidate(): void {
    this.#isStale = true;
    this.#layer.showOwnColours(this.#session.state.colour === 'own');
  }

  beforeDraw(): void {
    if (this.#isStale || !this.#hasValues) this.#spread();
  }

  /** All points of the view are there: the first ones alone say little about how the values are spread. */
  allPointsAreThere(): void {
    if (!this.#isFinal) this.#spread();
    this.#isFinal = true;
  }

  /** Boxes whose points are told apart, and the one whose points stand out. */
  showBoxes(): void {
    const { work, frame, colour, ontology, display, selected } = this.#session.state;
    const labels =
      frame === null || colour !== 'class' ? [] : shownLabels(labelsOf(work, frame), display, selected);
    this.#layer.setBoxes(
      labels.map((label) => ({ box: label.box, colour: rgb(styleOf(ontology, label).colour) })),
    );
    const box = this.#session.selected?.box;
    const [x, y, z] = this.#layer.sceneOrigin;
    this.#material.setSelected(
      box === undefined
        ? null
        : { ...box, center: [box.center[0] - x, box.center[1] - y, box.center[2] - z] },
    );
  }

  #spread(): void {
    const layer = this.#layer;
    const { colour, display } = this.#session.state;
    const origin = layer.sceneOrigin;
    const sensor = layer.current?.sensor ?? null;
    const from = sensor ?? origin;
    const eye: Vec3 = [from[0] - origin[0], from[1] - origin[1], from[2] - origin[2]];
    const values = layer.sample(colour === 'class' || colour === 'own' ? 'height' : colour, eye);
    this.#hasValues = values.length > 0;
    const [low, high] = valueRange(values, ...(colour === 'intensity' ? display.intensity : []));
    // A street is low: trees and fronts would take most of the colours.
    const most = colour === 'height' && sensor !== null ? low + STREET_HEIGHT_METRES : high;
    this.#material.setMode(colour, isDark(), [low, Math.min(high, most)]);
    this.#material.setEye(eye);
    this.#isStale = false;
  }
}
