/** Leaves out points: by the display settings, and by the ground once all points of the view are there. */
import type { Vec3 } from '../../../inference/boxes/index.ts';
import { clipOf, type GroundGrid, groundGrid, isShown, type PointClip } from '../display/index.ts';
import type { Session } from '../session/index.ts';
import type { CloudLayer, PointMaterial } from './points/index.ts';

export class PointClips {
  readonly #session: Session;
  readonly #layer: CloudLayer;
  readonly #material: PointMaterial;
  #ground: GroundGrid | null = null;
  /** The loaded points that the ground was made of. */
  #madeOf = -1;
  #clip: PointClip;

  constructor(session: Session, layer: CloudLayer, material: PointMaterial) {
    this.#session = session;
    this.#layer = layer;
    this.#material = material;
    this.#clip = clipOf(session.state.display, null);
  }

  /** Another cloud is shown. */
  reset(): void {
    this.#ground = null;
    this.#madeOf = -1;
  }

  beforeDraw(): void {
    const { display } = this.#session.state;
    this.#clip = clipOf(display, this.#session.selected?.box ?? null);
    const layer = this.#layer;
    if (!display.hidesGround) this.reset();
    else if (layer.current !== null && layer.isComplete && layer.pointsLoaded !== this.#madeOf) {
      this.#madeOf = layer.pointsLoaded;
      this.#ground = groundGrid(layer.loaded(), layer.current.summary.bounds);
    }
    this.#material.setClip(this.#clip, this.#ground, layer.sceneOrigin);
  }

  /** True for a place whose points are shown. */
  shows(place: Vec3): boolean {
    return isShown(this.#clip, this.#ground, place);
  }
}
