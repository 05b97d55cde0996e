/** The large view: a perspective camera that opens looking down on the scene, moved by camera-controls. */
import CameraControls from 'camera-controls';
import * as THREE from 'three';
import type { Vec3 } from '../../../../inference/boxes/index.ts';
import type { LodCamera } from '../../cloud/index.ts';
import { View } from './view.ts';

CameraControls.install({ THREE });

const FIELD_OF_VIEW_DEGREES = 50;
/** The camera stands so far from straight above at first, radians: nearly a map, with a sense of height. */
const OPENING_TILT_RADIANS = 0.5;
/**
 * One press of an arrow key, as a share of the distance to what is looked at: about a fifteenth of the view's
 * height.
 */
const PAN_STEP = 0.06;

export class MainView extends View {
  readonly camera = new THREE.PerspectiveCamera(FIELD_OF_VIEW_DEGREES, 1, 0.2, 20_000);
  readonly controls: CameraControls;

  constructor(element: HTMLElement) {
    super('main', element);
    this.camera.up.set(0, 0, 1);
    this.controls = new CameraControls(this.camera, element);
    const { ACTION } = CameraControls;
    this.controls.mouseButtons.left = ACTION.ROTATE;
    this.controls.mouseButtons.right = ACTION.SCREEN_PAN;
    this.controls.mouseButtons.middle = ACTION.SCREEN_PAN;
    this.controls.dollyToCursor = true;
    this.controls.smoothTime = 0.08;
    this.controls.draggingSmoothTime = 0.02;
    this.controls.minDistance = 0.5;
    this.controls.maxDistance = 5000;
    this.controls.maxPolarAngle = Math.PI * 0.52;
    this.controls.restThreshold = 0.02;
  }

  /** Moves the camera on by so many seconds; true if it moved. */
  update(seconds: number): boolean {
    const aspect = this.width / Math.max(1, this.height);
    if (Math.abs(this.camera.aspect - aspect) > 1e-6) {
      this.camera.aspect = aspect;
      this.camera.updateProjectionMatrix();
    }
    const moved = this.controls.update(seconds);
    this.camera.updateMatrixWorld();
    return moved;
  }

  /**
   * Looks at a place from above, so that `radius` metres around it are seen. `place` is in the cloud's
   * coordinates.
   */
  lookAt(place: Vec3, radius: number, isSmooth: boolean): void {
    const [x, y, z] = this.#toScene(place);
    const distance = radius / Math.tan((FIELD_OF_VIEW_DEGREES * Math.PI) / 360);
    void this.controls.setLookAt(
      x,
      y - distance * Math.sin(OPENING_TILT_RADIANS),
      z + distance * Math.cos(OPENING_TILT_RADIANS),
      x,
      y,
      z,
      isSmooth,
    );
  }

  /** Keeps the direction and the distance, and puts a place in the middle. */
  centreOn(place: Vec3): void {
    void this.controls.moveTo(...this.#toScene(place), true);
  }

  /** Moves with the scene when its origin changes, so that the picture stays. */
  shiftOrigin(to: Vec3): void {
    const from = this.sceneOrigin;
    this.sceneOrigin = to;
    const [dx, dy, dz] = [from[0] - to[0], from[1] - to[1], from[2] - to[2]];
    const target = this.controls.getTarget(new THREE.Vector3());
    void this.controls.moveTo(target.x + dx, target.y + dy, target.z + dz, false);
    this.controls.update(0);
  }

  /** Moves by a part of what is seen: right, and ahead on the ground. */
  pan(right: number, ahead: number): void {
    const step = this.controls.distance * PAN_STEP;
    void this.controls.truck(right * step, 0, true);
    void this.controls.forward(ahead * step, true);
  }

  zoom(by: number): void {
    void this.controls.dolly(this.controls.distance * by, true);
  }

  turn(azimuth: number, polar: number): void {
    void this.controls.rotate(azimuth, polar, true);
  }

  lodCamera(): LodCamera {
    const matrix = new THREE.Matrix4().multiplyMatrices(
      this.camera.projectionMatrix,
      this.camera.matrixWorldInverse,
    );
    const { planes } = new THREE.Frustum().setFromProjectionMatrix(matrix);
    const { x, y, z } = this.camera.position;
    const [ox, oy, oz] = this.sceneOrigin;
    return {
      position: [x + ox, y + oy, z + oz],
      at: this.sceneOrigin,
      planes: planes.map(({ normal, constant }) => [normal.x, normal.y, normal.z, constant] as const),
      pixelsPerMetre: this.height / (2 * Math.tan((FIELD_OF_VIEW_DEGREES * Math.PI) / 360)),
    };
  }

  #toScene(place: Vec3): Vec3 {
    const [x, y, z] = this.sceneOrigin;
    return [place[0] - x, place[1] - y, place[2] - z];
  }
}
