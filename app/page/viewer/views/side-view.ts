/** One of the three views of the selected box. The box's own axes are those of the view. */
import * as THREE from 'three';
import type { Box, Vec3 } from '../../../../inference/boxes/index.ts';
import { type Axis, type BoxDirection, SIDE_AXES, type SideName, toWorld } from '../../boxes/index.ts';
import { View } from './view.ts';

/**
 * Room around the box, as a share of its size and in metres; and how much before and behind it is seen,
 * metres.
 */
const ROOM_AROUND_BOX = { share: 1.35, metres: 0.9, depth: 0.6 };
const CAMERA_DISTANCE_METRES = 500;

export class SideView extends View {
  readonly camera = new THREE.OrthographicCamera();
  readonly kind: SideName;
  /** The box that the camera is set to; apart from the selected one while a handle is dragged. */
  #frame: Box | null = null;
  #zoom = 1;

  constructor(kind: SideName, element: HTMLElement) {
    super(kind, element);
    this.kind = kind;
  }

  override get isShown(): boolean {
    return this.#frame !== null;
  }

  /** The box that the view's axes belong to. */
  get frame(): Box | null {
    return this.#frame;
  }

  zoomBy(factor: number): void {
    this.#zoom = Math.min(8, Math.max(0.2, this.#zoom * factor));
  }

  /** Turns the camera to a box (in the cloud's coordinates), or to nothing. */
  follow(box: Box | null): void {
    this.#frame = box;
    if (box === null || this.width === 0) return;
    const { right, up, depth } = SIDE_AXES[this.kind];
    const half = (axis: Axis) => (box.size[axis] / 2) * ROOM_AROUND_BOX.share + ROOM_AROUND_BOX.metres;
    const aspect = this.width / Math.max(1, this.height);
    const halfHeight = Math.max(half(up.axis), half(right.axis) / aspect) / this.#zoom;
    const { camera } = this;
    camera.left = -halfHeight * aspect;
    camera.right = halfHeight * aspect;
    camera.top = halfHeight;
    camera.bottom = -halfHeight;
    const reach = box.size[depth] / 2 + ROOM_AROUND_BOX.depth;
    camera.near = CAMERA_DISTANCE_METRES - reach;
    camera.far = CAMERA_DISTANCE_METRES + reach;
    const [x, y, z] = this.sceneOrigin;
    const centre = new THREE.Vector3(box.center[0] - x, box.center[1] - y, box.center[2] - z);
    const upward = new THREE.Vector3(...unit(box.yaw, up));
    const back = new THREE.Vector3(...unit(box.yaw, right)).cross(upward);
    camera.up.copy(upward);
    camera.position.copy(centre).addScaledVector(back, CAMERA_DISTANCE_METRES);
    camera.lookAt(centre);
    camera.updateProjectionMatrix();
    camera.updateMatrixWorld(true);
  }

  /** Metres that a pixel stands for. */
  get metresPerPixel(): number {
    return (this.camera.top - this.camera.bottom) / Math.max(1, this.height);
  }
}

/** A direction of the box in the cloud's coordinates. */
function unit(yaw: number, { axis, side }: BoxDirection): Vec3 {
  const own: [number, number, number] = [0, 0, 0];
  own[axis] = side;
  return toWorld(yaw, own);
}
