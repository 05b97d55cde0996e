/**
 * What the two networks see of a crop: points as rows of features, and a vector about the question. The rows
 * and the occlusion features come from the crop grid (../crop-grid). `training/kernels/network_inputs.c`
 * and `training/questions/inputs.py` compute the same; `model/cases.json` holds cases that tie them together.
 */
import type { Box, Vec3 } from '../boxes/index.ts';
import type { ObjectClass } from '../classes/index.ts';
import { OBJECT_CLASSES } from '../classes/index.ts';
import { BOX_OCCLUSION, CLICK_OCCLUSION, type CropGrid, type SampledRows } from '../crop-grid/index.ts';
import type { SideClick } from '../fit/index.ts';
import type { GroundPlane } from '../ground/index.ts';
import { groundHeight } from '../ground/index.ts';
import type { Tensor } from './tensor.ts';

/**
 * Number of global values before the occlusion features, and the index of the first class value among them.
 */
const PROPOSE_BASIC = 20;
const PROPOSE_CLASS = 4;
const REFINE_BASIC = 21;
const REFINE_CLASS = 9;
/** Global values per question. */
export const PROPOSE_GLOBALS = PROPOSE_BASIC + CLICK_OCCLUSION;
export const REFINE_GLOBALS = REFINE_BASIC + BOX_OCCLUSION;

/** Assumed height of a click over an unknown ground, metres. */
const USUAL_CLICK_HEIGHT_METRES = 0.8;
/** Number of points in training; the networks are never told of more. */
const TRAINED_POINTS = 192;

/** A question to a network, in the crop's coordinates. */
export interface NetworkQuestion {
  /** Holds the crop's points. */
  readonly grid: CropGrid;
  /** The scanner's place; only x and y count. */
  readonly sensor: Vec3 | null;
  readonly ground: GroundPlane | null;
  /** All clicks, the first one first; empty for a drawn box. */
  readonly clicks: readonly SideClick[];
  /** Boxes whose points are left out. */
  readonly others: readonly Box[];
  readonly class: ObjectClass | null;
  readonly size: Vec3 | null;
  /** The project's convention; null for networks that take none. */
  readonly convention: Tensor | null;
}

/** Input of a network. The rows are views, valid until the next call to the grid. */
export interface Features extends SampledRows {
  readonly globals: Float32Array;
}

/**
 * Direction of the proposing network's x axis: away from the scanner, or the crop's own x where the scanner
 * is unknown.
 */
export function rayDirection(click: Vec3, sensor: Vec3 | null): number {
  return sensor ? Math.atan2(click[1] - sensor[1], click[0] - sensor[0]) : 0;
}

/** Points around a click, in the ray's frame; at most `most` of them. */
export function proposeFeatures(question: NetworkQuestion, click: Vec3, most: number): Features {
  const { grid, sensor, ground, clicks, others } = question;
  const [cx, cy, cz] = click;
  grid.exclude(others);
  const rows = grid.proposeRows(click, rayDirection(click, sensor), ground, clicks, most);
  const globals = new Float32Array(PROPOSE_GLOBALS);
  if (sensor) {
    globals[0] = 1;
    globals[1] = Math.log(Math.max(Math.hypot(cx - sensor[0], cy - sensor[1]), 1)) / 3 - 1;
  }
  if (ground) {
    globals[2] = 1;
    globals[3] = clamp(cz - groundHeight(ground, cx, cy) - USUAL_CLICK_HEIGHT_METRES, -2, 4);
  }
  setClass(globals, PROPOSE_CLASS, question.class);
  if (question.size) {
    globals[13] = 1;
    globals.set(logSize(question.size), 14);
  }
  if (clicks.length > 1) globals[17] = 1;
  if (clicks.some((k) => !k.inside)) globals[18] = 1;
  globals[19] = Math.min(rows.used, TRAINED_POINTS) / 512;
  globals.set(grid.clickOcclusion(click, sensor, ground), PROPOSE_BASIC);
  return { ...rows, globals };
}

/** The same features with another class. */
export function withClass(features: Features, name: ObjectClass | null): Features {
  const globals = features.globals.slice();
  globals.fill(0, PROPOSE_CLASS, PROPOSE_CLASS + OBJECT_CLASSES.length);
  setClass(globals, PROPOSE_CLASS, name);
  return { ...features, globals };
}

/** Points in and about a box, in its frame; at most `most` of them. */
export function refineFeatures(question: NetworkQuestion, box: Box, most: number): Features {
  const { grid, sensor, ground, clicks, others } = question;
  const [bx, by, bz] = box.center;
  const c = Math.cos(box.yaw);
  const s = Math.sin(box.yaw);
  grid.exclude(others);
  const rows = grid.refineRows(box, ground, clicks, most);
  const globals = new Float32Array(REFINE_GLOBALS);
  globals.set(logSize(box.size), 0);
  if (sensor) {
    const dx = bx - sensor[0];
    const dy = by - sensor[1];
    const d = Math.max(Math.hypot(dx, dy), 1e-6);
    globals[3] = 1;
    globals[4] = (dx * c + dy * s) / d;
    globals[5] = (dy * c - dx * s) / d;
    globals[6] = Math.log(Math.max(d, 1)) / 3 - 1;
  }
  if (ground) {
    globals[7] = 1;
    globals[8] = clamp(bz - box.size[2] / 2 - groundHeight(ground, bx, by), -1.5, 1.5);
  }
  setClass(globals, REFINE_CLASS, question.class);
  if (question.size) globals[18] = 1;
  if (clicks.length > 0) globals[19] = 1;
  globals[20] = Math.min(rows.used, TRAINED_POINTS) / 512;
  globals.set(grid.boxOcclusion(box, sensor, ground), REFINE_BASIC);
  return { ...rows, globals };
}

function logSize(size: Vec3): [number, number, number] {
  return [Math.log(size[0]) - 1.2, Math.log(size[1]) - 0.5, Math.log(size[2]) - 0.5];
}

function setClass(globals: Float32Array, at: number, name: ObjectClass | null): void {
  if (name) globals[at + OBJECT_CLASSES.indexOf(name)] = 1;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
