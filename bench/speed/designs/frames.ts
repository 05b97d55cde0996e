/** Frames and clicks for the benches: real frames where they are at hand, else the built-in demo. */

import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DEMO_CLOUDS } from '../../../app/services/index.ts';
import { mulberry32 } from '../../../cache/foundation/index.ts';
import { buildClouds } from '../../../octree/build/index.ts';

type Position = readonly [x: number, y: number, z: number];

/** A frame and where its objects are clicked. */
export interface BenchFrame {
  readonly id: string;
  readonly clicks: readonly Position[];
}

export interface BenchFrames {
  /** Folder of the clouds. */
  readonly root: string;
  readonly frames: readonly BenchFrame[];
  /** What they are, for the report. */
  readonly source: string;
  remove(): void;
}

interface FrameObject {
  readonly center: Position;
  readonly size: Position;
  readonly yaw: number;
  readonly numPoints: number;
}

interface FrameIndex {
  readonly frames: readonly {
    readonly id: string;
    readonly points?: string;
    readonly objects: readonly FrameObject[];
  }[];
}

/** Objects with fewer points are hardly seen, and hardly clicked. */
const MIN_POINTS = 20;
/** A click lies so far above the floor of its object, metres. */
const ABOVE_FLOOR_METRES = 0.25;

/**
 * `folder` holds labelled frames (`index.json` and float32 x, y, z, intensity files); where there is none,
 * the demo is taken.
 */
export async function benchFrames(folder: string): Promise<BenchFrames> {
  const root = mkdtempSync(path.join(tmpdir(), 'nearbox-bench-'));
  const isReal = existsSync(path.join(folder, 'index.json'));
  const index = isReal ? path.join(folder, 'index.json') : path.join(DEMO_CLOUDS, 'truth.json');
  const { frames } = JSON.parse(readFileSync(index, 'utf8')) as FrameIndex;
  if (isReal)
    await buildClouds(
      frames.map(({ points }) => path.join(folder, points!)),
      root,
      {},
    );
  else cpSync(DEMO_CLOUDS, root, { recursive: true });
  const random = mulberry32(7);
  const made = frames.map(({ id, points, objects }): BenchFrame => {
    const seen = objects.filter(({ numPoints }) => numPoints >= MIN_POINTS);
    if (points === undefined) return { id, clicks: seen.map(({ center }) => center) };
    const bytes = readFileSync(path.join(folder, points));
    const xyzi = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    const clicks = seen.flatMap((object) => {
      const inside = pointsInside(xyzi, object);
      return inside.length === 0 ? [] : [inside[Math.floor(random() * inside.length)]!];
    });
    return { id: path.basename(points, '.bin'), clicks };
  });
  return {
    root,
    frames: made.filter(({ clicks }) => clicks.length > 0),
    source: isReal ? `${frames.length} frames of ${path.basename(folder)}` : 'the built-in demo',
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function pointsInside(xyzi: Float32Array, { center, size, yaw }: FrameObject): Position[] {
  const [cos, sin] = [Math.cos(yaw), Math.sin(yaw)];
  const found: Position[] = [];
  for (let i = 0; i < xyzi.length; i += 4) {
    const [x, y, z] = [xyzi[i]! - center[0], xyzi[i + 1]! - center[1], xyzi[i + 2]! - center[2]];
    if (z > size[2] / 2 || z < ABOVE_FLOOR_METRES - size[2] / 2) continue;
    if (Math.abs(x * cos + y * sin) > size[0] / 2 || Math.abs(y * cos - x * sin) > size[1] / 2) continue;
    found.push([xyzi[i]!, xyzi[i + 1]!, xyzi[i + 2]!]);
  }
  return found;
}
