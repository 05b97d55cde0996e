/** Copies selected points out of their nodes. */
import { atOnce, type Sliced } from '../../../cache/foundation/index.ts';
import type { Vec3 } from '../../geometry/index.ts';
import { type AxisArray, type Dimension, valuesPerPoint } from '../../points/index.ts';
import { copyAround } from '../../regions/scan/index.ts';
import type { SelectedNode, Selection } from './selection.ts';

/** Points that one step copies: far below a millisecond. */
const POINTS_PER_STEP = 65_536;

/** Consecutive selected points of a node: `length` of them, after the first `skip`. */
export interface SelectedRun {
  readonly selected: SelectedNode;
  readonly skip: number;
  readonly length: number;
}

/** The selection in runs of at most `most` points, in its order. */
export function* runsOf({ nodes }: Pick<Selection, 'nodes'>, most: number): Generator<SelectedRun> {
  for (const selected of nodes)
    for (let skip = 0; skip < selected.length; skip += most)
      yield { selected, skip, length: Math.min(most, selected.length - skip) };
}

/** Writes x, y, z minus `origin` (subtracted in float64) of all points, interleaved. */
export function copyPositions(selection: Selection, origin: Vec3, out: Float32Array | Float64Array): void {
  atOnce(copyingPositions(selection, origin, out));
}

/** The same in slices. */
export function* copyingPositions(
  selection: Selection,
  origin: Vec3,
  out: Float32Array | Float64Array,
): Sliced<void> {
  let at = 0;
  for (const run of runsOf(selection, POINTS_PER_STEP)) {
    copyRunPositions(run, selection.indices, origin, out, 3 * at);
    at += run.length;
    yield;
  }
}

export function copyRunPositions(
  run: SelectedRun,
  indices: Int32Array,
  origin: Vec3,
  out: Float32Array | Float64Array,
  at: number,
): void {
  const { node } = run.selected;
  const { skip, length } = run;
  const chosen = chosenOf(run, indices);
  if (out instanceof Float32Array && copyAround(node, chosen, origin, out, at, skip, skip + length)) return;
  const columns = [node.x, node.y, node.z] as const;
  for (const axis of [0, 1, 2] as const) {
    const { [axis]: scale } = node.scale;
    const { [axis]: offset } = node.offset;
    copyAxis(columns[axis], scale, offset, origin[axis], chosen, run, out, at + axis);
  }
}

/** Writes one coordinate of the run's points to every third place of `out`, from `at` on. */
function copyAxis(
  raw: AxisArray,
  scale: number,
  offset: number,
  center: number,
  chosen: Int32Array | null,
  { skip, length }: SelectedRun,
  out: Float32Array | Float64Array,
  at: number,
): void {
  if (chosen === null) {
    for (let i = skip, to = at; i < skip + length; i++, to += 3) out[to] = raw[i]! * scale + offset - center;
  } else {
    for (let k = 0, to = at; k < length; k++, to += 3) out[to] = raw[chosen[k]!]! * scale + offset - center;
  }
}

/** Writes the intensity of all points; 0 where their node has none. */
export function copyIntensity(selection: Selection, out: Float32Array): void {
  let at = 0;
  for (const run of runsOf(selection, POINTS_PER_STEP)) {
    copyRunIntensity(run, selection.indices, out, at);
    at += run.length;
  }
}

export function copyRunIntensity(run: SelectedRun, indices: Int32Array, out: Float32Array, at: number): void {
  const channel = run.selected.node.intensity;
  if (channel === null) return;
  const { raw, scale, offset } = channel;
  const { skip, length } = run;
  const chosen = chosenOf(run, indices);
  for (let k = 0; k < length; k++)
    out[at + k] = raw[chosen === null ? skip + k : chosen[k]!]! * scale + offset;
}

/** A dimension of all points; null if no node has it. */
export function copyValues(selection: Selection, dimension: Dimension): Uint16Array<ArrayBuffer> | null {
  if (!hasDimension(selection, dimension)) return null;
  const width = valuesPerPoint(dimension);
  const out = new Uint16Array(width * selection.count);
  let at = 0;
  for (const run of runsOf(selection, POINTS_PER_STEP)) {
    copyRunValues(run, selection.indices, dimension, out, width * at);
    at += run.length;
  }
  return out;
}

export function copyRunValues(
  run: SelectedRun,
  indices: Int32Array,
  dimension: Dimension,
  out: Uint16Array,
  at: number,
): void {
  const channel = run.selected.node.dimensions?.[dimension];
  if (channel === undefined) return;
  const width = valuesPerPoint(dimension);
  const { raw, scale, offset } = channel;
  const { skip, length } = run;
  const chosen = chosenOf(run, indices);
  for (let k = 0; k < length; k++) {
    const i = chosen === null ? skip + k : chosen[k]!;
    for (let j = 0; j < width; j++) out[at + width * k + j] = raw[width * i + j]! * scale + offset;
  }
}

/** True if any of the nodes has it. */
export function hasDimension({ nodes }: Pick<Selection, 'nodes'>, dimension: Dimension): boolean {
  return nodes.some(({ node }) => node.dimensions?.[dimension] !== undefined);
}

/** The indices of the points of the run; null if they are `skip` and those that follow it. */
function chosenOf({ selected, skip, length }: SelectedRun, indices: Int32Array): Int32Array | null {
  if (selected.isWhole) return null;
  return indices.subarray(selected.from + skip, selected.from + skip + length);
}
