/** From the cloud to the pixels of a camera's image, and back along lines of sight. */
import {
  type Box,
  corners,
  inversePose,
  type Pose,
  transformPoint,
  type Vec2,
  type Vec3,
} from '../boxes/index.ts';
import type { Camera } from './camera.ts';
import { Lens } from './lens.ts';

/** A pixel, and how far ahead of the camera its place is, metres. */
export interface ImagePlace {
  readonly x: number;
  readonly y: number;
  readonly depth: number;
}

/** What is nearer to the camera's plane is not drawn, metres. */
const NEAR = 0.1;
/** A straight edge is bent by a lens: it is drawn in so many pieces. */
const PIECES = 12;
/** Corners of `corners` that are joined: around the bottom, around the top, from one to the other. */
const JOINED = [0, 1, 2, 3].flatMap((k) => [
  [k, (k + 1) % 4],
  [4 + k, 4 + ((k + 1) % 4)],
  [k, 4 + k],
]) as readonly (readonly [number, number])[];
/** The corners of the front, around it. */
const FRONT_CORNERS = [0, 3, 7, 4] as const;

export class CameraProjection {
  readonly camera: Camera;
  readonly #toCamera: Pose;
  readonly #rectify: readonly number[] | undefined;
  readonly #lens: Lens;

  constructor(camera: Camera) {
    this.camera = camera;
    this.#toCamera = inversePose(camera.pose);
    this.#rectify = camera.rectification;
    this.#lens = new Lens(camera.distortion);
  }

  /** The pixel of a place in the cloud; null behind the camera, or where its lens shows nothing. */
  project(place: Vec3): ImagePlace | null {
    return this.#pixelOf(this.#inCamera(place));
  }

  /**
   * The line of sight through a pixel, in the cloud's coordinates: where it begins, and a direction of which
   * one unit is a metre ahead of the camera. null where the lens shows nothing.
   */
  ray([x, y]: Vec2): { readonly from: Vec3; readonly direction: Vec3 } | null {
    const { focal, centre, pose } = this.camera;
    const seen = this.#lens.undistort([(x - centre[0]) / focal[0], (y - centre[1]) / focal[1]]);
    if (seen === null) return null;
    const ahead: Vec3 = [seen[0], seen[1], 1];
    // The inverse of a rotation is its transpose.
    const own = this.#rectify === undefined ? ahead : turned(transposed(this.#rectify), ahead);
    const direction = transformPoint({ position: [0, 0, 0], rotation: pose.rotation }, own);
    return { from: pose.position, direction };
  }

  /**
   * The edges of a box as lines of pixels, each cut where it comes too near; and its front, if all of it is
   * seen.
   */
  outline(box: Box): { readonly lines: readonly (readonly Vec2[])[]; readonly front: readonly Vec2[] } {
    const all = corners(box).map((corner) => this.#inCamera(corner));
    const lines = JOINED.flatMap(([a, b]) => this.#line(all[a]!, all[b]!));
    const ring = FRONT_CORNERS.flatMap((corner, k) => {
      const next = FRONT_CORNERS[(k + 1) % FRONT_CORNERS.length]!;
      return all[corner]![2] < NEAR || all[next]![2] < NEAR ? [] : this.#line(all[corner]!, all[next]!);
    });
    return { lines, front: ring.length === FRONT_CORNERS.length ? ring.flat() : [] };
  }

  #inCamera(place: Vec3): Vec3 {
    const own = transformPoint(this.#toCamera, place);
    return this.#rectify === undefined ? own : turned(this.#rectify, own);
  }

  #pixelOf([x, y, z]: Vec3): ImagePlace | null {
    if (z < NEAR * (1 - 1e-9)) return null;
    const shown = this.#lens.distort([x / z, y / z]);
    if (shown === null) return null;
    const { focal, centre } = this.camera;
    return { x: centre[0] + focal[0] * shown[0], y: centre[1] + focal[1] * shown[1], depth: z };
  }

  /** One line, or none, or several where the lens shows parts of it only. */
  #line(a: Vec3, b: Vec3): Vec2[][] {
    if (a[2] < NEAR && b[2] < NEAR) return [];
    const [from, to] = [a[2] < NEAR ? cut(a, b) : a, b[2] < NEAR ? cut(b, a) : b];
    const pieces = this.#lens.isPlain ? 1 : PIECES;
    const lines: Vec2[][] = [];
    let line: Vec2[] = [];
    for (let k = 0; k <= pieces; k++) {
      const pixel = this.#pixelOf(between(from, to, k / pieces));
      if (pixel !== null) line.push([pixel.x, pixel.y]);
      if ((pixel === null || k === pieces) && line.length > 0) {
        if (line.length > 1) lines.push(line);
        line = [];
      }
    }
    return lines;
  }
}

function turned(m: readonly number[], [x, y, z]: Vec3): Vec3 {
  const row = (k: number) => m[k]! * x + m[k + 1]! * y + m[k + 2]! * z;
  return [row(0), row(3), row(6)];
}

function transposed(m: readonly number[]): readonly number[] {
  return [0, 3, 6, 1, 4, 7, 2, 5, 8].map((k) => m[k]!);
}

function between(a: Vec3, b: Vec3, share: number): Vec3 {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share];
}

/** The point of the line that lies just far enough ahead. */
function cut(behind: Vec3, ahead: Vec3): Vec3 {
  return between(behind, ahead, (NEAR - behind[2]) / (ahead[2] - behind[2]));
}
