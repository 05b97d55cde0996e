/** Points in the nodes of an octree, made up but repeatable: what the test clouds of all formats hold. */
import { mulberry32 } from '../../cache/foundation/index.ts';
import type { Bounds } from '../geometry/index.ts';
import { Key } from '../geometry/index.ts';

/** Steps of `SCALE` from the cube's least corner, and an intensity. */
interface ScatteredPoint {
  readonly steps: readonly [number, number, number];
  readonly intensity: number;
}

export interface ScatteredNode {
  readonly key: Key;
  readonly points: readonly ScatteredPoint[];
}

/**
 * Metres of a step: a power of two, so that all coordinates are exact and regions of testing/regions.ts hit
 * points on their borders.
 */
export const SCALE = 1 / 64;
/** Steps of the cube's edge: 16 m. */
export const EDGE = 1024;

/** The cube, around the origin of testing/regions.ts: coordinates as large as UTM's. */
export const CUBE: Bounds = { min: [637282, 4851201, 92], max: [637298, 4851217, 108] };

/**
 * A tree down to `depth`: every node has about a third of its possible children. Nodes have up to `most`
 * points, now and then one or none (but leaves have at least one), which may lie on any border of their cube.
 */
export function scatterNodes(seed: number, depth: number, most: number): ScatteredNode[] {
  const random = mulberry32(seed);
  const whole = (end: number) => Math.floor(random() * end);
  const nodes: ScatteredNode[] = [];
  const visit = (key: Key) => {
    const children = key.depth < depth ? Key.children(key).filter(() => random() < 0.35) : [];
    if (key.depth === 0 && children.length === 0) children.push(Key.child(key, 5));
    const least = children.length === 0 ? 1 : 0;
    const count = random() < 0.2 ? least : Math.max(least, whole(most + 1));
    const edge = EDGE >> key.depth;
    const step = (place: number) => place * edge + whole(edge + 1);
    const points = Array.from({ length: count }, () => ({
      steps: [step(key.x), step(key.y), step(key.z)] as const,
      intensity: whole(65536),
    }));
    nodes.push({ key, points });
    for (const child of children) visit(child);
  };
  visit(Key.root);
  return nodes;
}

/** What the test clouds that have such a thing say of a point, made of its intensity. */
export const classOf = (intensity: number) => intensity & 31;
export const colourOf = (intensity: number) => [intensity, intensity ^ 0x5a5a, 65535 - intensity] as const;

/** A point in the cloud's coordinates. */
export interface PlainPoint {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly intensity: number;
}

/** The points of all nodes, where positions are stored relative to the cube's corner. */
export function plainPoints(nodes: readonly ScatteredNode[]): PlainPoint[] {
  return nodes.flatMap(({ points }) =>
    points.map(({ steps: [x, y, z], intensity }) => ({
      x: x * SCALE + CUBE.min[0],
      y: y * SCALE + CUBE.min[1],
      z: z * SCALE + CUBE.min[2],
      intensity,
    })),
  );
}
