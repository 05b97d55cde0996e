/**
 * Simulated lassos: an outline around the object with a margin of 10 to 40 %, drawn with an unsteady hand,
 * from above or on the screen. Ground and parts of neighbours are inside.
 */
import { type Box, convexHull, corners, footprint, type Vec2, type Vec3 } from '../boxes/index.ts';

/** Least and largest margin on each side, as a share of the outline's size. */
const MARGIN = { least: 0.1, most: 0.4 };
/** The margin is at least this much: in metres from above, in shares of half the screen on it. */
const LEAST_MARGIN = { metres: 0.15, screen: 0.005 };
/** Each corner is off by up to this share of the margin. */
const SHAKE = 0.5;
const CORNERS = 12;
/** Where the camera of a screen lasso is: metres from the object, radians above the horizon. */
const CAMERA = { near: 8, far: 30, low: 0.3, high: 1.1 };
const FIELD_OF_VIEW = Math.PI / 3;

export interface PolygonLasso {
  readonly type: 'polygon';
  readonly ring: readonly Vec2[];
}
export interface FrustumLasso {
  readonly type: 'frustum';
  readonly viewProjection: readonly number[];
  readonly ring: readonly Vec2[];
}

/** A lasso around a box, drawn from above. */
export function drawPolygon(truth: Box, random: () => number): PolygonLasso {
  return { type: 'polygon', ring: loosely(footprint(truth), LEAST_MARGIN.metres, random) };
}

/**
 * A lasso on the screen. The camera is on the side of `viewer`, where the scanner stood: people look at the
 * side that has points.
 */
export function drawFrustum(truth: Box, viewer: Vec2, random: () => number): FrustumLasso {
  const towards = Math.atan2(viewer[1] - truth.center[1], viewer[0] - truth.center[0]) + (random() - 0.5) * 2;
  const rise = CAMERA.low + random() * (CAMERA.high - CAMERA.low);
  const away = CAMERA.near + random() * (CAMERA.far - CAMERA.near);
  const eye: Vec3 = [
    truth.center[0] + away * Math.cos(rise) * Math.cos(towards),
    truth.center[1] + away * Math.cos(rise) * Math.sin(towards),
    truth.center[2] + away * Math.sin(rise),
  ];
  const viewProjection = lookAt(eye, truth.center);
  const seen = corners(truth).map((corner) => onScreen(viewProjection, corner));
  return {
    type: 'frustum',
    viewProjection,
    ring: loosely(convexHull(seen), LEAST_MARGIN.screen, random),
  };
}

/** The outline, moved outward by a margin, with `CORNERS` corners that are slightly off. */
function loosely(outline: readonly Vec2[], least: number, random: () => number): Vec2[] {
  const margin = MARGIN.least + random() * (MARGIN.most - MARGIN.least);
  const middle: Vec2 = [mean(outline.map(([x]) => x)), mean(outline.map(([, y]) => y))];
  const ring: Vec2[] = [];
  for (let k = 0; k < CORNERS; k++) {
    const t = (k * outline.length) / CORNERS;
    const [a, b] = [outline[Math.floor(t)]!, outline[(Math.floor(t) + 1) % outline.length]!];
    const f = t - Math.floor(t);
    const [dx, dy] = [a[0] + f * (b[0] - a[0]) - middle[0], a[1] + f * (b[1] - a[1]) - middle[1]];
    const reach = Math.hypot(dx, dy) || 1;
    const out = 1 + Math.max(margin, least / reach) * (1 + SHAKE * (2 * random() - 1));
    ring.push([middle[0] + dx * out, middle[1] + dy * out]);
  }
  return ring;
}

/** World to clip, column-major: an OpenGL perspective from `eye` at `target`, +z up on the screen. */
function lookAt(eye: Vec3, target: Vec3): number[] {
  const back = unit([eye[0] - target[0], eye[1] - target[1], eye[2] - target[2]]);
  const right = unit([-back[1], back[0], 0]);
  const up: Vec3 = [
    back[1] * right[2] - back[2] * right[1],
    back[2] * right[0] - back[0] * right[2],
    back[0] * right[1] - back[1] * right[0],
  ];
  const dot = (a: Vec3) => -(a[0] * eye[0] + a[1] * eye[1] + a[2] * eye[2]);
  const [near, far] = [0.1, 1000];
  const f = 1 / Math.tan(FIELD_OF_VIEW / 2);
  const [a, b] = [(far + near) / (near - far), (2 * far * near) / (near - far)];
  const row = (axis: Vec3, scale: number) => [...axis, dot(axis)].map((v) => v * scale);
  const depth = [...back, dot(back)].map((v, k) => a * v + (k === 3 ? b : 0));
  const rows = [row(right, f), row(up, f), depth, row(back, -1)];
  return [0, 1, 2, 3].flatMap((column) => rows.map((values) => values[column]!));
}

function onScreen(m: readonly number[], [x, y, z]: Vec3): Vec2 {
  const at = (row: number) => m[row]! * x + m[row + 4]! * y + m[row + 8]! * z + m[row + 12]!;
  return [at(0) / at(3), at(1) / at(3)];
}

function unit([x, y, z]: Vec3): Vec3 {
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
