/** Motion of objects: the state of an object in the world, its prediction and the uncertainty. */
import { type Box, type Vec2, type Vec3, wrapAngle } from '../../boxes/index.ts';
import type { ObjectClass } from '../../classes/index.ts';
import { type Measurement, predict, type StateEstimate, smooth, update } from './kalman.ts';

/** Standard deviations of the motion of a kind of object. */
export interface MotionModel {
  /** Speed along the heading while it is unknown, m/s, and across it. */
  readonly along: number;
  readonly across: number;
  /** Spectral density of the acceleration, m^2/s^3, along the keyframe's heading and across. */
  readonly acceleration: number;
  readonly sideways: number;
  /** The same of the turn, rad^2/s^3. */
  readonly turning: number;
}

const VEHICLE: MotionModel = { along: 12, across: 1, acceleration: 2, sideways: 2, turning: 0.3 };
const TWO_WHEELS: MotionModel = { along: 6, across: 1, acceleration: 2, sideways: 2, turning: 0.6 };
const PEDESTRIAN: MotionModel = { along: 1.5, across: 1, acceleration: 1, sideways: 1, turning: 1.5 };

export function motionOf(name: ObjectClass | null): MotionModel {
  if (name === 'pedestrian') return PEDESTRIAN;
  return name === 'cyclist' || name === 'motorcyclist' ? TWO_WHEELS : VEHICLE;
}

/** Heights change slowly: spectral density of the vertical acceleration, m^2/s^3. */
const LIFTING = 0.02;
const START = { turnRate: 0.2, liftRate: 0.3 };

/** Place and heading of a keyframe: origin and axes of the object's motion. */
export interface MotionAxes {
  readonly origin: Vec3;
  readonly yaw: number;
}

/** The state in a keyframe's axes. */
export interface MotionState {
  readonly along: StateEstimate;
  readonly across: StateEstimate;
  readonly up: StateEstimate;
  readonly turn: StateEstimate;
}

/**
 * A place and heading in the world, with standard deviations: metres from above, metres in height, radians.
 */
export interface Placed {
  readonly box: Pick<Box, 'center' | 'yaw'>;
  readonly sigma: { readonly place: number; readonly height: number; readonly turn: number };
}

export function toAxes({ origin, yaw }: MotionAxes, center: Vec3): Vec3 {
  const [x, y] = [center[0] - origin[0], center[1] - origin[1]];
  const [c, s] = [Math.cos(yaw), Math.sin(yaw)];
  return [x * c + y * s, y * c - x * s, center[2] - origin[2]];
}

function fromAxes({ origin, yaw }: MotionAxes, [u, v, w]: Vec3): Vec3 {
  const [c, s] = [Math.cos(yaw), Math.sin(yaw)];
  return [origin[0] + u * c - v * s, origin[1] + u * s + v * c, origin[2] + w];
}

/**
 * The state at a keyframe: the place is known, the speed is not. `speed`: from another keyframe, in the axes.
 */
export function startOf(model: MotionModel, speed: { mean: Vec2; sigma: Vec2 } | null = null): MotionState {
  const known = 1e-6;
  const axis = (rate: number, sigma: number): StateEstimate => ({
    value: 0,
    rate,
    vv: known,
    vr: 0,
    rr: sigma * sigma,
  });
  const [along, across] = speed?.mean ?? [0, 0];
  const [sigmaAlong, sigmaAcross] = speed?.sigma ?? [model.along, model.across];
  return {
    along: axis(along, sigmaAlong),
    across: axis(across, sigmaAcross),
    up: axis(0, START.liftRate),
    turn: axis(0, START.turnRate),
  };
}

export function ahead(state: MotionState, model: MotionModel, dt: number): MotionState {
  return {
    along: predict(state.along, dt, model.acceleration),
    across: predict(state.across, dt, model.sideways),
    up: predict(state.up, dt, LIFTING),
    turn: predict(state.turn, dt, model.turning),
  };
}

export function measured(state: MotionState, axes: MotionAxes, sighting: Placed): MotionState {
  const [along, across, up, turn] = inAxes(axes, sighting, state.turn.value);
  return {
    along: update(state.along, along),
    across: update(state.across, across),
    up: update(state.up, up),
    turn: update(state.turn, turn),
  };
}

export function boxOf(state: MotionState, axes: MotionAxes, size: Vec3): Box {
  return {
    center: fromAxes(axes, [state.along.value, state.across.value, state.up.value]),
    size,
    yaw: wrapAngle(axes.yaw + state.turn.value),
  };
}

/** Metres a second, in the world. */
export function velocityOf(state: MotionState, { yaw }: MotionAxes): Vec3 {
  const [c, s] = [Math.cos(yaw), Math.sin(yaw)];
  const [u, v] = [state.along.rate, state.across.rate];
  return [u * c - v * s, u * s + v * c, state.up.rate];
}

type AxisMeasurements = readonly [Measurement, Measurement, Measurement, Measurement];

/** @param near a turn; of all equal headings, the nearest to it is returned */
function inAxes(axes: MotionAxes, { box: { center, yaw }, sigma }: Placed, near: number): AxisMeasurements {
  const [u, v, w] = toAxes(axes, center);
  const turn = near + wrapAngle(yaw - axes.yaw - near);
  return [
    { value: u, variance: sigma.place ** 2 },
    { value: v, variance: sigma.place ** 2 },
    { value: w, variance: sigma.height ** 2 },
    { value: turn, variance: sigma.turn ** 2 },
  ];
}

/** The states at all times from all sightings, forward and back. The first time is that of the start. */
export function smoothMotion(
  times: readonly number[],
  sightings: readonly (Placed | null)[],
  axes: MotionAxes,
  start: MotionState,
  model: MotionModel,
): MotionState[] {
  const all: (AxisMeasurements | null)[] = [];
  let turn = start.turn.value;
  for (const sighting of sightings) {
    const found = sighting && inAxes(axes, sighting, turn);
    if (found) turn = found[3].value;
    all.push(found);
  }
  const along = smooth(
    times,
    all.map((each) => each?.[0] ?? null),
    start.along,
    model.acceleration,
  );
  const across = smooth(
    times,
    all.map((each) => each?.[1] ?? null),
    start.across,
    model.sideways,
  );
  const up = smooth(
    times,
    all.map((each) => each?.[2] ?? null),
    start.up,
    LIFTING,
  );
  const turned = smooth(
    times,
    all.map((each) => each?.[3] ?? null),
    start.turn,
    model.turning,
  );
  return times.map((_, k) => ({ along: along[k]!, across: across[k]!, up: up[k]!, turn: turned[k]! }));
}
