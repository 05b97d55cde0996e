/** From a gesture in a view to a hint: what was clicked, dragged or circled, in the cloud's coordinates. */
import type { Box, Vec2, Vec3 } from '../../../inference/boxes/index.ts';
import { estimateGround, groundHeight } from '../../../inference/ground/index.ts';
import { findInLasso, projectionOf } from '../../../inference/lassos/index.ts';
import type { Bounds } from '../../../octree/geometry/index.ts';
import type { WireRegion } from '../api/index.ts';
import { boxOverRectangle, MIN_DRAG, moved } from '../boxes/index.ts';
import { type LoadedNode, lassoed, type PointList, pick, pointList, simplified } from '../cloud/index.ts';
import type { AnnotatorHint } from '../session/index.ts';
import type { View } from '../viewer/index.ts';

export interface Points {
  loaded(): Iterable<LoadedNode>;
  pointsIn(bounds: Bounds): PointList;
}

type NewHint = Omit<AnnotatorHint, 'startedAt' | 'replaces'>;

/** Points up to here decide where the ground is, metres. */
const GROUND_REACH_METRES = 8;
/** A dragged rectangle is no larger, metres. */
const LARGEST_RECTANGLE_METRES = 40;
/** A lasso's corners lie so near the line that was drawn, pixels. */
const RING_TOLERANCE = 1;

export function clickHint(position: Vec3): NewHint {
  return { region: { type: 'click', position }, simpler: null, drawn: null, marker: position };
}

/** The drawn box as it is: for a rough box, and to fit again from an edited one. */
export function boxHint(box: Box): NewHint {
  return { region: { type: 'box', ...box }, simpler: null, drawn: box, marker: box.center };
}

/** Height of the ground at a place; null where there are too few points to tell. */
export function groundAt(points: Points, [x, y, z]: Vec3): number | null {
  const { origin, xyz } = points.pointsIn({
    min: [x - GROUND_REACH_METRES, y - GROUND_REACH_METRES, z - 6],
    max: [x + GROUND_REACH_METRES, y + GROUND_REACH_METRES, z + 6],
  });
  const around: Vec2 = [x - origin[0], y - origin[1]];
  const plane = estimateGround(xyz, xyz.length / 3, around);
  return plane && groundHeight(plane, ...around) + origin[2];
}

/** Around a click, points in this cylinder over the ground are an object: metres, and how many. */
const STANDING_OBJECT = { radius: 0.8, from: 0.3, to: 3, points: 3 };

/** True if a place is on the ground and nothing stands there; false where that cannot be told. */
export function isBareGround(points: Points, place: Vec3): boolean {
  const ground = groundAt(points, place);
  if (ground === null || Math.abs(place[2] - ground) > STANDING_OBJECT.from) return false;
  const { radius, from, to } = STANDING_OBJECT;
  const [x, y] = place;
  const { origin, xyz } = points.pointsIn({
    min: [x - radius, y - radius, ground + from],
    max: [x + radius, y + radius, ground + to],
  });
  let standing = 0;
  for (let i = 0; i < xyz.length; i += 3)
    if (Math.hypot(origin[0] + xyz[i]! - x, origin[1] + xyz[i + 1]! - y) <= radius) standing += 1;
  return standing < STANDING_OBJECT.points;
}

/** A box of a size over a place, on the ground there. */
export function standingBox(points: Points, place: Vec3, size: Vec3, yaw: number): Box {
  const ground = groundAt(points, place) ?? place[2];
  return { center: [place[0], place[1], ground + size[2] / 2], size, yaw };
}

/**
 * A rectangle that begins at a pixel of a view from above or askew; null where there is nothing to put it on.
 */
export class RoughRectangle {
  readonly #view: View;
  readonly #from: Vec3;
  readonly #nearby: PointList;
  readonly #largest: number;

  private constructor(view: View, from: Vec3, nearby: PointList, largest: number) {
    this.#view = view;
    this.#from = from;
    this.#nearby = nearby;
    this.#largest = largest;
  }

  /** @param largest the longest diagonal, metres */
  static begin(
    view: View,
    pixel: Vec2,
    points: Points,
    largest = LARGEST_RECTANGLE_METRES,
  ): RoughRectangle | null {
    const touched = pick(points.loaded(), view.projection(), pixel, 60);
    if (touched === null) return null;
    const ground = groundAt(points, touched) ?? touched[2];
    const from = view.onHeight(pixel, ground);
    if (from === null) return null;
    const reach = LARGEST_RECTANGLE_METRES / 2;
    const nearby = points.pointsIn({
      min: [from[0] - reach, from[1] - reach, ground - 1],
      max: [from[0] + reach, from[1] + reach, ground + 5],
    });
    return new RoughRectangle(view, from, nearby, largest);
  }

  /** The box up to another pixel; null if that is no place on the ground, or too near or far. */
  to(pixel: Vec2): Box | null {
    const [x, y, ground] = this.#from;
    const to = this.#view.onHeight(pixel, ground);
    if (to === null) return null;
    const length = Math.hypot(to[0] - x, to[1] - y);
    if (length < MIN_DRAG || length > this.#largest) return null;
    return boxOverRectangle([x, y], [to[0], to[1]], this.#view.groundAngle(), ground, this.#nearby);
  }
}

/**
 * What is in a ring drawn in any view; null if no point is. The server asks the same of all points that it
 * has there.
 */
export function lassoHint(view: View, drawn: readonly Vec2[], points: Points): NewHint | null {
  const ring = simplified(drawn, RING_TOLERANCE);
  if (ring.length < 3) return null;
  const found = lassoed(points.loaded(), view.projection(), ring);
  if (found.length === 0) return null;
  const { origin, xyz } = pointList(found[0]!, found);
  const region = lassoRegion(view, ring);
  const target = findInLasso(
    xyz,
    found.length,
    region.type === 'frustum' ? projectionOf(region, origin) : null,
  );
  if (target === null) return null;
  const around = moved(target.around, origin);
  const [x, y, z] = target.click;
  return {
    region,
    simpler: { type: 'box', ...around },
    drawn: around,
    marker: [x + origin[0], y + origin[1], z + origin[2]],
  };
}

type DrawnLasso = Extract<WireRegion, { type: 'polygon' | 'frustum' }>;

function lassoRegion(view: View, ring: readonly Vec2[]): DrawnLasso {
  if (view.name !== 'top')
    return {
      type: 'frustum',
      viewProjection: view.viewProjection(),
      ring: ring.map((pixel) => view.ndc(pixel)),
    };
  const corners = ring.map((pixel) => view.onHeight(pixel, view.sceneOrigin[2]));
  return { type: 'polygon', ring: corners.flatMap((at): Vec2[] => (at === null ? [] : [[at[0], at[1]]])) };
}
