/**
 * three's transform gizmo on the selected box in the main view: arrows move it along its own axes, the ring
 * turns it.
 */
import * as THREE from 'three';
import { TransformControls } from 'three/addons/controls/TransformControls.js';
import { type Box, wrapAngle } from '../../../../inference/boxes/index.ts';
import type { MainView } from '../views/index.ts';
import type { HandleTarget } from './side-handles.ts';

export type GizmoMode = 'translate' | 'rotate';

export class Gizmo {
  readonly helper: THREE.Object3D;
  readonly #controls: TransformControls;
  readonly #proxy = new THREE.Object3D();
  #isHeld = false;

  constructor(view: MainView, scene: THREE.Scene, target: HandleTarget, onDraw: () => void) {
    this.#controls = new TransformControls(view.camera, view.element);
    this.helper = this.#controls.getHelper();
    this.#controls.setSpace('local');
    this.#controls.setSize(0.7);
    // Only arrows and the ring: planes and the free ball are in the way of clicks.
    for (const part of ['showXY', 'showYZ', 'showXZ', 'showXYZ', 'showXYZE', 'showE'])
      Object.assign(this.#controls, { [part]: false });
    scene.add(this.#proxy, this.helper);
    this.mode = 'translate';
    this.#controls.addEventListener('change', onDraw);
    this.#controls.addEventListener('dragging-changed', ({ value }) => {
      this.#isHeld = value === true;
      view.controls.enabled = !this.#isHeld;
      if (this.#isHeld) target.begin();
      else target.end();
    });
    this.#controls.addEventListener('objectChange', () => {
      const box = target.box();
      if (box === null) return;
      const { x, y, z } = this.#proxy.position;
      const [ox, oy, oz] = view.sceneOrigin;
      const heading = new THREE.Vector3(1, 0, 0).applyQuaternion(this.#proxy.quaternion);
      const isTurn = this.mode === 'rotate';
      target.change(
        isTurn
          ? { ...box, yaw: wrapAngle(Math.atan2(heading.y, heading.x)) }
          : { ...box, center: [x + ox, y + oy, z + oz] },
        isTurn ? 'turn' : 'move',
      );
    });
  }

  get mode(): GizmoMode {
    return this.#controls.mode === 'rotate' ? 'rotate' : 'translate';
  }

  set mode(mode: GizmoMode) {
    this.#controls.setMode(mode);
    // An upright box has one axis to turn about.
    this.#controls.showX = this.#controls.showY = mode === 'translate';
    this.#controls.showZ = true;
  }

  /** True while the pointer is on one of its parts. */
  get isUnderPointer(): boolean {
    return this.#controls.object !== undefined && this.#controls.axis !== null;
  }

  /** Shows it in this picture, if it has a box. */
  show(isShown: boolean): void {
    this.helper.visible = isShown && this.#controls.object !== undefined;
  }

  follow(box: Box | null, [ox, oy, oz]: readonly [number, number, number]): void {
    if (box === null) {
      this.#controls.detach();
      return;
    }
    if (this.#isHeld) return;
    this.#proxy.position.set(box.center[0] - ox, box.center[1] - oy, box.center[2] - oz);
    this.#proxy.quaternion.setFromAxisAngle(new THREE.Vector3(0, 0, 1), box.yaw);
    this.#proxy.updateMatrixWorld(true);
    if (this.#controls.object !== this.#proxy) this.#controls.attach(this.#proxy);
  }
}
