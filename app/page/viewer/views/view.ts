/** A camera on a part of the page, and the way between its pixels and the cloud. */
import * as THREE from 'three';
import type { Vec2, Vec3 } from '../../../../inference/boxes/index.ts';
import type { ScreenProjection } from '../../cloud/index.ts';

export type ViewName = 'main' | 'top' | 'side' | 'rear';

export abstract class View {
  readonly name: ViewName;
  readonly element: HTMLElement;
  abstract readonly camera: THREE.PerspectiveCamera | THREE.OrthographicCamera;
  /** What the scene's coordinates are told from. */
  sceneOrigin: Vec3 = [0, 0, 0];

  constructor(name: ViewName, element: HTMLElement) {
    this.name = name;
    this.element = element;
  }

  /** False while there is nothing to see in it. */
  get isShown(): boolean {
    return true;
  }

  get width(): number {
    return this.element.clientWidth;
  }

  get height(): number {
    return this.element.clientHeight;
  }

  /** From the cloud's coordinates to pixels. */
  projection(): ScreenProjection {
    const { camera } = this;
    const matrix = new THREE.Matrix4().multiplyMatrices(camera.projectionMatrix, camera.matrixWorldInverse);
    return { origin: this.sceneOrigin, matrix: matrix.elements, width: this.width, height: this.height };
  }

  /** World to clip, column-major, for the server; float64 all along. */
  viewProjection(): number[] {
    const [x, y, z] = this.sceneOrigin;
    const { camera } = this;
    return new THREE.Matrix4()
      .multiplyMatrices(camera.projectionMatrix, camera.matrixWorldInverse)
      .multiply(new THREE.Matrix4().makeTranslation(-x, -y, -z))
      .toArray();
  }

  /** Pixels of the element to normalised device coordinates. */
  ndc([x, y]: Vec2): Vec2 {
    return [(2 * x) / this.width - 1, 1 - (2 * y) / this.height];
  }

  /** Pixels of a pointer event in this view's element. */
  pixel({ clientX, clientY }: MouseEvent): Vec2 {
    const rect = this.element.getBoundingClientRect();
    return [clientX - rect.left, clientY - rect.top];
  }

  /** The line of sight through a pixel: from the near to the far plane, in the cloud's coordinates. */
  ray(pixel: Vec2): { readonly near: Vec3; readonly far: Vec3 } {
    const [x, y] = this.ndc(pixel);
    const [ox, oy, oz] = this.sceneOrigin;
    const end = (depth: number): Vec3 => {
      const at = new THREE.Vector3(x, y, depth).unproject(this.camera);
      return [at.x + ox, at.y + oy, at.z + oz];
    };
    return { near: end(-1), far: end(1) };
  }

  /** Where the line of sight through a pixel meets a height; null if it does not. */
  onHeight(pixel: Vec2, z: number): Vec3 | null {
    const [x, y] = this.ndc(pixel);
    const near = new THREE.Vector3(x, y, -1).unproject(this.camera);
    const far = new THREE.Vector3(x, y, 1).unproject(this.camera);
    const t = (z - this.sceneOrigin[2] - near.z) / (far.z - near.z);
    if (!Number.isFinite(t) || t < 0) return null;
    const at = near.lerp(far, t);
    return [at.x + this.sceneOrigin[0], at.y + this.sceneOrigin[1], z];
  }

  /** The view's right and up as directions in the cloud. */
  axes(): { readonly right: Vec3; readonly up: Vec3 } {
    const right = new THREE.Vector3();
    const up = new THREE.Vector3();
    this.camera.matrixWorld.extractBasis(right, up, new THREE.Vector3());
    return { right: [right.x, right.y, right.z], up: [up.x, up.y, up.z] };
  }

  /** The angle of the view's right on the ground: what rectangles dragged in it are parallel to. */
  groundAngle(): number {
    const { right } = this.axes();
    return Math.atan2(right[1], right[0]);
  }
}
