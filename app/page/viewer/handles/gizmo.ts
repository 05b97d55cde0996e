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

/** Parts that are not used: planes and the free ball are in the way of clicks. */
const LEFT_OUT = ['showXY', 'showYZ', 'showXZ', 'showXYZ', 'showXYZE', 'showE'] as const;

export class Gizmo {
  readonly #view: MainView;
  readonly #scene: THREE.Scene;
  readonly #target: HandleTarget;
  readonly #onDraw: () => void;
  readonly #proxy = new THREE.Object3D();
  /** Made for the first box, or when the page has time: opening does not wait for its many parts. */
  #controls: TransformControls | null = null;
  #mode: GizmoMode = 'translate';
  #isHeld = false;

  constructor(view: MainView, scene: THREE.Scene, target: HandleTarget, onDraw: () => void) {
    this.#view = view;
    this.#scene = scene;
    this.#target = target;
    this.#onDraw = onDraw;
    scene.add(this.#proxy);
  }

  get mode(): GizmoMode {
    return this.#mode;
  }

  set mode(mode: GizmoMode) {
    this.#mode = mode;
    if (this.#controls !== null) setMode(this.#controls, mode);
  }

  /** True while the pointer is on one of its parts. */
  get isUnderPointer(): boolean {
    return this.#controls?.object !== undefined && this.#controls.axis !== null;
  }

  /** Shows it in this picture, if it has a box. */
  show(isShown: boolean): void {
    if (this.#controls !== null) this.#controls.getHelper().visible = isShown;
  }

  follow(box: Box | null, [ox, oy, oz]: readonly [number, number, number]): void {
    if (box === null) {
      this.#letGo();
      return;
    }
    if (this.#isHeld) return;
    this.#proxy.position.set(box.center[0] - ox, box.center[1] - oy, box.center[2] - oz);
    this.#proxy.quaternion.setFromAxisAngle(new THREE.Vector3(0, 0, 1), box.yaw);
    this.#proxy.updateMatrixWorld(true);
    const controls = this.prepare();
    if (controls.object === this.#proxy) return;
    controls.attach(this.#proxy);
    this.#scene.add(controls.getHelper());
  }

  /** Makes what the first box needs. */
  prepare(): TransformControls {
    this.#controls ??= this.#makeControls();
    return this.#controls;
  }

  #letGo(): void {
    if (this.#controls === null) return;
    this.#controls.detach();
    // In the scene all of its parts are placed anew for every picture, also while none of them is shown.
    this.#scene.remove(this.#controls.getHelper());
  }

  #makeControls(): TransformControls {
    const view = this.#view;
    const controls = new TransformControls(view.camera, view.element);
    controls.setSpace('local');
    controls.setSize(0.7);
    for (const part of LEFT_OUT) Object.assign(controls, { [part]: false });
    setMode(controls, this.#mode);
    controls.addEventListener('change', this.#onDraw);
    controls.addEventListener('dragging-changed', ({ value }) => {
      this.#isHeld = value === true;
      view.controls.enabled = !this.#isHeld;
      if (this.#isHeld) this.#target.begin();
      else this.#target.end();
    });
    controls.addEventListener('objectChange', () => this.#change());
    return controls;
  }

  /** The box is where the gizmo is. */
  #change(): void {
    const box = this.#target.box();
    if (box === null) return;
    const { x, y, z } = this.#proxy.position;
    const [ox, oy, oz] = this.#view.sceneOrigin;
    const heading = new THREE.Vector3(1, 0, 0).applyQuaternion(this.#proxy.quaternion);
    const isTurn = this.#mode === 'rotate';
    this.#target.change(
      isTurn
        ? { ...box, yaw: wrapAngle(Math.atan2(heading.y, heading.x)) }
        : { ...box, center: [x + ox, y + oy, z + oz] },
      isTurn ? 'turn' : 'move',
    );
  }
}

function setMode(controls: TransformControls, mode: GizmoMode): void {
  controls.setMode(mode);
  // An upright box has one axis to turn about.
  controls.showX = controls.showY = mode === 'translate';
  controls.showZ = true;
}
