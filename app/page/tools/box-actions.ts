/** What keys and buttons do to the selected box. */
import type { Box, Vec3 } from '../../../inference/boxes/index.ts';
import {
  type Axis,
  faceMoved,
  flipped,
  movedOwn,
  SIDE_AXES,
  type Side,
  shrunk,
  snapFace,
  standing,
  turned,
} from '../boxes/index.ts';
import type { PredictionController, Session } from '../session/index.ts';
import type { View } from '../viewer/index.ts';
import { boundsOf } from '../viewer/index.ts';
import { boxHint, groundAt, type Points } from './hints.ts';

/** One press of a key: metres and radians. */
const STEP = { move: 0.1, resize: 0.05, turn: Math.PI / 180 };
/** Presses that come this soon after each other are undone together, milliseconds. */
const RUN_MS = 800;
const NEARBY = 2;

export type ArrowDirection = 'up' | 'down' | 'left' | 'right';

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
      const [right, up] = offset(direction, STEP.move);
      if (view.name === 'main') {
        const angle = view.groundAngle();
        return movedOwn({ ...box, yaw: angle }, [right, up, 0]).center;
      }
      const axes = SIDE_AXES[view.name];
      const own: [number, number, number] = [0, 0, 0];
      own[axes.right.axis] += right * axes.right.side;
      own[axes.up.axis] += up * axes.up.side;
      return movedOwn(box, own).center;
    });
  }

  /** Moves the face that lies in a direction outwards; the opposite one stays. With `inwards` it comes in. */
  resize(view: View, direction: ArrowDirection, inwards: boolean): void {
    const name = view.name === 'main' ? 'top' : view.name;
    const axes = SIDE_AXES[name];
    const isHorizontal = direction === 'left' || direction === 'right';
    const { axis, side } = isHorizontal ? axes.right : axes.up;
    const sign = direction === 'right' || direction === 'up' ? 1 : -1;
    this.#press('resize', (box) =>
      faceMoved(box, axis, (side * sign) as Side, inwards ? -STEP.resize : STEP.resize),
    );
  }

  lift(by: 1 | -1): void {
    this.#press('move', ({ center: [x, y, z] }) => [x, y, z + by * STEP.resize]);
  }

  turn(by: 1 | -1): void {
    this.#press('turn', (box) => turned(box, by * STEP.turn));
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
    return this.#points.pointsIn(boundsOf(box, NEARBY));
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

function offset(direction: ArrowDirection, step: number): readonly [number, number] {
  return { up: [0, step], down: [0, -step], left: [-step, 0], right: [step, 0] }[direction] as [
    number,
    number,
  ];
}
