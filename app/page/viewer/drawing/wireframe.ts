/** A box as lines on a view: pure projection, clipped at the camera. */
import type { Box, Vec3 } from '../../../../inference/boxes/index.ts';
import { movedOwn, tiltedCorners, withTilt } from '../../boxes/index.ts';
import type { ScreenProjection } from '../../cloud/index.ts';
import type { Tilt } from '../../model/index.ts';

/**
 * Pairs of corners; the order of `corners`: bottom front left, rear left, rear right, front right, then the
 * top.
 */
const EDGES = [
  [0, 1],
  [1, 2],
  [2, 3],
  [3, 0],
  [4, 5],
  [5, 6],
  [6, 7],
  [7, 4],
  [0, 4],
  [1, 5],
  [2, 6],
  [3, 7],
] as const;
const FRONT_CORNERS = [0, 3, 7, 4] as const;
const NEAREST_W = 0.05;

/** SVG path of the edges and of an arrow from the front; empty if all of it is behind the camera. */
export function wirePath(box: Box, view: ScreenProjection, tilt?: Tilt): string {
  const all = tiltedCorners(box, tilt).map((corner) => clip(view, corner));
  let path = EDGES.map(([a, b]) => segment(all[a]!, all[b]!, view)).join('');
  const nose = withTilt(box, tilt, movedOwn(box, [box.size[0] / 2, 0, 0]).center);
  const reach = box.size[0] / 2 + Math.min(1, box.size[0] * 0.25);
  const tip = withTilt(box, tilt, movedOwn(box, [reach, 0, 0]).center);
  path += segment(clip(view, nose), clip(view, tip), view);
  return path;
}

/** SVG path of the front face, closed; empty if a corner is behind the camera. */
export function frontPath(box: Box, view: ScreenProjection, tilt?: Tilt): string {
  const all = tiltedCorners(box, tilt);
  const points = FRONT_CORNERS.map((index) => toPixel(clip(view, all[index]!), view));
  return points.some((point) => point === null)
    ? ''
    : `M${points.map((p) => `${f(p![0])} ${f(p![1])}`).join('L')}Z`;
}

/** The pixels that the corners take up, or null if one is behind the camera. */
export function extentOf(
  box: Box,
  view: ScreenProjection,
): { left: number; top: number; right: number; bottom: number } | null {
  const points = tiltedCorners(box, undefined).map((corner) => toPixel(clip(view, corner), view));
  if (points.some((point) => point === null)) return null;
  const xs = points.map((p) => p![0]);
  const ys = points.map((p) => p![1]);
  return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) };
}

type ClipPlace = readonly [number, number, number];

/** ClipPlace x, y, w. */
function clip({ origin, matrix: m }: ScreenProjection, [px, py, pz]: Vec3): ClipPlace {
  const [x, y, z] = [px - origin[0], py - origin[1], pz - origin[2]];
  return [
    m[0]! * x + m[4]! * y + m[8]! * z + m[12]!,
    m[1]! * x + m[5]! * y + m[9]! * z + m[13]!,
    m[3]! * x + m[7]! * y + m[11]! * z + m[15]!,
  ];
}

function toPixel(
  [x, y, w]: ClipPlace,
  { width, height }: ScreenProjection,
): readonly [number, number] | null {
  if (w < NEAREST_W) return null;
  return [((x / w + 1) / 2) * width, ((1 - y / w) / 2) * height];
}

function segment(a: ClipPlace, b: ClipPlace, view: ScreenProjection): string {
  if (a[2] < NEAREST_W && b[2] < NEAREST_W) return '';
  const from = toPixel(a[2] < NEAREST_W ? cut(a, b) : a, view)!;
  const to = toPixel(b[2] < NEAREST_W ? cut(b, a) : b, view)!;
  return `M${f(from[0])} ${f(from[1])}L${f(to[0])} ${f(to[1])}`;
}

/** The point of the line that lies just before the camera. */
function cut(behind: ClipPlace, before: ClipPlace): ClipPlace {
  const t = (NEAREST_W - behind[2]) / (before[2] - behind[2]);
  return [behind[0] + t * (before[0] - behind[0]), behind[1] + t * (before[1] - behind[1]), NEAREST_W];
}

function f(value: number): string {
  return String(Math.round(Math.max(-1e5, Math.min(1e5, value)) * 10) / 10);
}
