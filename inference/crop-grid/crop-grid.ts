/**
 * A crop's points in a grid, in WebAssembly memory: ground, occlusion features and the networks' inputs are
 * computed from it without a pass over all points for each (wasm/crop.c). One instance holds one crop at a
 * time; buffers are reused.
 */

import { readFileSync } from 'node:fs';
import { atOnce, type Sliced, WebAssembly } from '../../cache/foundation/index.ts';
import type { Box, Vec3 } from '../boxes/index.ts';
import type { SideClick } from '../fit/index.ts';
import type { GroundPlane } from '../ground/index.ts';

/** The exports of crop.c, which says what they do. Pointers are bytes in `memory`. */
interface CropExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  reserve(count: number): number;
  start_load(count: number): void;
  find_cells(from: number, to: number): void;
  order_cells(): void;
  place_points(from: number, to: number): void;
  exclude_none(): void;
  exclude_box(
    x: number,
    y: number,
    z: number,
    length: number,
    width: number,
    height: number,
    cos: number,
    sin: number,
  ): void;
  count_near(x: number, y: number, z: number, radius: number, floor: number): number;
  find_ground(x: number, y: number): number;
  plane(): number;
  set_plane(a: number, b: number, c: number): void;
  clicks(): number;
  most_clicks(): number;
  set_click_count(count: number): void;
  rows(): number;
  chosen(): number;
  most_rows(): number;
  occlusion(): number;
  propose(most: number, hasGround: number, x: number, y: number, z: number, cos: number, sin: number): number;
  refine(
    most: number,
    hasGround: number,
    x: number,
    y: number,
    z: number,
    length: number,
    width: number,
    height: number,
    cos: number,
    sin: number,
  ): number;
  occlusion_at_click(x: number, y: number, sensorX: number, sensorY: number): void;
  occlusion_at_box(
    x: number,
    y: number,
    length: number,
    width: number,
    cos: number,
    sin: number,
    sensorX: number,
    sensorY: number,
  ): void;
}

/** Values per point. */
export const PROPOSE_POINT = 8;
export const REFINE_POINT = 14;
/**
 * Occlusion values: the hidden and the free fraction of each of 30 places around a click, of 24 around a box.
 */
export const CLICK_OCCLUSION = 60;
export const BOX_OCCLUSION = 48;
/**
 * Memory that an instance may keep for the next crop, bytes. One that needed more is dropped: its memory
 * cannot shrink.
 */
const MOST_KEPT_BYTES = 48 * 2 ** 20;

/** Rows of a network's input. Both arrays are views that the next call overwrites. */
export interface SampledRows {
  /**
   * `rows` times the values per point; rows from `used` on repeat earlier ones with 0 in their mask column.
   */
  readonly points: Float32Array;
  readonly rows: number;
  readonly used: number;
  /** Which point of the crop each of the first `used` rows is. */
  readonly index: Int32Array;
}

/** Points that are loaded between two pauses: a millisecond or two. A multiple of 4, as crop.c asks for. */
const PIECE_POINTS = 65_536;

function* pieces(count: number): Generator<readonly [from: number, to: number]> {
  for (let from = 0; from < count; from += PIECE_POINTS) yield [from, Math.min(count, from + PIECE_POINTS)];
}

let compiled: object | null = null;

function compile(): object {
  compiled ??= new WebAssembly.Module(readFileSync(new URL('./wasm/crop.wasm', import.meta.url)));
  return compiled;
}

export class CropGrid {
  readonly #exports = new WebAssembly.Instance(compile()).exports as CropExports;
  #views = this.#makeViews();
  #excluded: readonly Box[] = [];
  #clicks: readonly SideClick[] | null = null;

  /**
   * Takes the place of the crop before.
   * @param positions x, y, z interleaved, metres from the crop's origin; they are copied
   * @throws RangeError if there is no memory for so many points
   */
  load(positions: Float32Array, count: number): void {
    atOnce(this.loading(positions, count));
  }

  /** As `load`, in slices; nothing may be asked before it has ended. */
  *loading(positions: Float32Array, count: number): Sliced<void> {
    const pointer = this.#exports.reserve(count);
    if (pointer === 0 && count > 0) throw new RangeError(`no memory for a crop of ${count} points`);
    const { buffer } = this.#exports.memory;
    if (this.#views.rows.buffer !== buffer) this.#views = this.#makeViews();
    this.#excluded = [];
    this.#clicks = null;
    const into = new Float32Array(buffer, pointer, 3 * count);
    for (const [from, to] of pieces(count)) {
      into.set(positions.subarray(3 * from, 3 * to), 3 * from);
      yield;
    }
    this.#exports.start_load(count);
    for (const [from, to] of pieces(count)) {
      this.#exports.find_cells(from, to);
      yield;
    }
    this.#exports.order_cells();
    for (const [from, to] of pieces(count)) {
      this.#exports.place_points(from, to);
      yield;
    }
  }

  /** Whether the instance is small enough to be kept for another crop. */
  get isReusable(): boolean {
    return this.#exports.memory.buffer.byteLength <= MOST_KEPT_BYTES;
  }

  /** Points of these boxes are not sampled from now on. The same array again costs nothing. */
  exclude(boxes: readonly Box[]): void {
    if (boxes === this.#excluded || (boxes.length === 0 && this.#excluded.length === 0)) return;
    this.#exports.exclude_none();
    for (const { center, size, yaw } of boxes)
      this.#exports.exclude_box(...center, ...size, Math.cos(yaw), Math.sin(yaw));
    this.#excluded = boxes;
  }

  /** How many points lie within `radius` of a place and higher than `floor`, metres. */
  countNear([x, y, z]: Vec3, radius: number, floor = Number.NEGATIVE_INFINITY): number {
    return this.#exports.count_near(x, y, z, radius, floor);
  }

  /**
   * The plane of the ground around a place, as `estimateGround` finds it; null where there are too few points
   * to tell.
   */
  estimateGround([x, y]: readonly [number, number]): GroundPlane | null {
    if (this.#exports.find_ground(x, y) === 0) return null;
    const [a, b, c] = this.#views.plane;
    return { a: a!, b: b!, c: c! };
  }

  /**
   * Points about a click as rows for the proposing network; x of the rows points to `direction` (radians).
   */
  proposeRows(
    click: Vec3,
    direction: number,
    ground: GroundPlane | null,
    clicks: readonly SideClick[],
    most: number,
  ): SampledRows {
    this.#setClicks(clicks);
    const hasGround = this.#setPlane(ground);
    const packed = this.#exports.propose(most, hasGround, ...click, Math.cos(direction), Math.sin(direction));
    return this.#sampled(packed, PROPOSE_POINT);
  }

  /** Points in and about a box as rows for the refining network. */
  refineRows(
    { center, size, yaw }: Box,
    ground: GroundPlane | null,
    clicks: readonly SideClick[],
    most: number,
  ): SampledRows {
    this.#setClicks(clicks);
    const hasGround = this.#setPlane(ground);
    const packed = this.#exports.refine(most, hasGround, ...center, ...size, Math.cos(yaw), Math.sin(yaw));
    return this.#sampled(packed, REFINE_POINT);
  }

  /**
   * The hidden and the free fraction of each place around a click, from 0 to 1; all 0 if the scanner's place
   * or the ground is unknown. The next call overwrites the view.
   */
  clickOcclusion([x, y]: Vec3, sensor: Vec3 | null, ground: GroundPlane | null): Float32Array {
    if (sensor === null || ground === null) return this.#views.clickOcclusion.fill(0);
    this.#setPlane(ground);
    this.#exports.occlusion_at_click(x, y, sensor[0], sensor[1]);
    return this.#views.clickOcclusion;
  }

  /** The same of each place around a box. */
  boxOcclusion({ center, size, yaw }: Box, sensor: Vec3 | null, ground: GroundPlane | null): Float32Array {
    if (sensor === null || ground === null) return this.#views.boxOcclusion.fill(0);
    this.#setPlane(ground);
    this.#exports.occlusion_at_box(
      center[0],
      center[1],
      size[0],
      size[1],
      Math.cos(yaw),
      Math.sin(yaw),
      sensor[0],
      sensor[1],
    );
    return this.#views.boxOcclusion;
  }

  #setPlane(ground: GroundPlane | null): 0 | 1 {
    if (ground === null) return 0;
    this.#exports.set_plane(ground.a, ground.b, ground.c);
    return 1;
  }

  #setClicks(clicks: readonly SideClick[]): void {
    if (clicks === this.#clicks) return;
    const { clicks: into, mostClicks } = this.#views;
    if (clicks.length > mostClicks) throw new RangeError(`more than ${mostClicks} clicks`);
    for (const [k, { position, inside }] of clicks.entries()) {
      into[4 * k] = inside ? 1 : 0;
      into.set(position, 4 * k + 1);
    }
    this.#exports.set_click_count(clicks.length);
    this.#clicks = clicks;
  }

  #sampled(packed: number, width: number): SampledRows {
    const used = packed & 0xffff;
    const rows = packed >>> 16;
    const { rows: values, chosen } = this.#views;
    return {
      points: values.subarray(0, rows * width),
      rows,
      used,
      index: chosen.subarray(0, used),
    };
  }

  #makeViews() {
    const { memory, plane, clicks, most_clicks, rows, chosen, most_rows, occlusion } = this.#exports;
    const { buffer } = memory;
    return {
      plane: new Float64Array(buffer, plane(), 3),
      clicks: new Float64Array(buffer, clicks(), 4 * most_clicks()),
      mostClicks: most_clicks(),
      rows: new Float32Array(buffer, rows(), most_rows() * REFINE_POINT),
      chosen: new Int32Array(buffer, chosen(), most_rows()),
      clickOcclusion: new Float32Array(buffer, occlusion(), CLICK_OCCLUSION),
      boxOcclusion: new Float32Array(buffer, occlusion(), BOX_OCCLUSION),
    };
  }
}
