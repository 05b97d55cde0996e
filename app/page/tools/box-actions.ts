/** What keys and buttons do to the selected box. */
import type { Box, Vec3 } from '../../../inference/boxes/index.ts';
import {
  type ArrowDirection,
  type Axis,
  directionSteps,
  flipped,
  KEY_STEP,
  movedOwn,
  nudged,
  SIDE_AXES,
  type Side,
  shrunk,
  snapFace,
  standing,
  stretched,
  turned,
} from '../boxes/index.ts';
import type { PredictionController, Session } from '../session/index.ts';
import type { View } from '../viewer/index.ts';
import { boundsOf } from '../viewer/index.ts';
import { boxHint, groundAt, type Points } from './hints.ts';

/** Presses that come this soon after each other are undone together, milliseconds. */
const RUN_MS = 800;
const SNAP_MARGIN_METRES = 2;

export class BoxActions {
  readonly #session: Session;
  readonly #points: Points;
  readonly #predictions: PredictionController;
  #run = 0;
  #lastPress = { what: '', at: 0 };

  constructor(session: Session, points: Points, predictions: PredictionController) {
    this.#session = session;
    this.#points = points;
    this.#predictions = predictions;
  }

  /**
   * Moves in the directions of the view under the mouse: on the ground in the main view, along the box's axes
   * in the others.
   */
  nudge(view: View, direction: ArrowDirection): void {
    this.#press('move', (box) => {
      if (view.name !== 'main') return nudged(box, view.name, direction);
      const [right, up] = directionSteps(direction, KEY_STEP.move);
      return movedOwn({ ...box, yaw: view.groundAngle() }, [right, up, 0]).center;
    });
  }

  /** Moves the face that lies in a direction outwards; the opposite one stays. With `inwards` it comes in. */
  resize(view: View, direction: ArrowDirection, inwards: boolean): void {
    const name = view.name === 'main' ? 'top' : view.name;
    this.#press('resize', (box) => stretched(box, name, direction, inwards));
  }

  lift(by: 1 | -1): void {
    this.#press('move', ({ center: [x, y, z] }) => [x, y, z + by * KEY_STEP.resize]);
  }

  turn(by: 1 | -1): void {
    this.#press('turn', (box) => turned(box, by * KEY_STEP.turn));
  }

  flip(): void {
    this.#once('flip', flipped);
  }

  sitOnGround(): void {
    this.#once('sit on the ground', (box) => {
      const ground = groundAt(this.#points, box.center);
      if (ground === null) return 'There are too few points to tell where the ground is.';
      return standing(box, ground, this.#session.state.keepSize);
    });
  }

  snap(axis: Axis, side: Side): void {
    this.#once(
      'snap a face',
      (box) => snapFace(box, axis, side, this.#near(box)) ?? 'There are too few points to snap to.',
    );
  }

  /** Snaps the face that lies in a direction of a view. */
  snapTowards(view: View, direction: ArrowDirection): void {
    const axes = SIDE_AXES[view.name === 'main' ? 'top' : view.name];
    const { axis, side } = direction === 'left' || direction === 'right' ? axes.right : axes.up;
    this.snap(axis, (side * (direction === 'right' || direction === 'up' ? 1 : -1)) as Side);
  }

  shrink(): void {
    this.#once(
      'shrink to the points',
      (box) => shrunk(box, this.#near(box)) ?? 'There are too few points to tighten the box to.',
    );
  }

  /** Asks for a new fit that begins with the box as it now is. */
  async fitAgain(): Promise<void> {
    const label = this.#session.selected;
    if (label === undefined) return;
    await this.#predictions.ask({ ...boxHint(label.box), replaces: label.id, startedAt: performance.now() });
  }

  /** Fits the faces that no hand has placed; the others stay where they are. */
  async fitRest(): Promise<void> {
    const label = this.#session.selected;
    const { placed } = this.#session.state;
    if (label === undefined) return;
    if (placed.length === 0) {
      this.#session.say('Place a face first: drag an edge, snap it, or type a size.', 'warn');
      return;
    }
    const hint = { ...boxHint(label.box), keep: placed, replaces: label.id, startedAt: performance.now() };
    await this.#predictions.ask(hint);
  }

  #near(box: Box) {
    return this.#points.pointsIn(boundsOf(box, SNAP_MARGIN_METRES));
  }

  /** A change that a key may repeat: `change` gives the box, or only its new centre. */
  #press(what: string, change: (box: Box) => Box | Vec3): void {
    const label = this.#session.selected;
    if (label === undefined) return;
    const now = performance.now();
    if (what !== this.#lastPress.what || now - this.#lastPress.at > RUN_MS) this.#run += 1;
    this.#lastPress = { what, at: now };
    const result = change(label.box);
    const box = 'center' in result ? result : { ...label.box, center: result };
    this.#session.edit(box, what, `keys ${this.#run} ${label.id}`);
  }

  /** A change that is a step of its own, or the reason why there is none. */
  #once(what: string, change: (box: Box) => Box | string): void {
    const label = this.#session.selected;
    if (label === undefined) return;
    const result = change(label.box);
    if (typeof result === 'string') this.#session.say(result, 'warn');
    else this.#session.edit(result, what);
  }
}
