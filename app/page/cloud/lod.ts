/**
 * Which nodes to draw: best first, within a budget of points. A node is worth the more the larger its
 * parent's point distance is on the screen; what lies at the annotator's hand comes first whatever the camera
 * does.
 */
import { Bounds, type Vec3 } from '../../../octree/geometry/index.ts';
import type { BelowNode, NodeTree, TreeNode } from './node-tree.ts';

/** A camera, in the cloud's coordinates. */
export interface LodCamera {
  readonly position: Vec3;
  /** Inward planes: nx, ny, nz, and the signed distance of the origin `at`. */
  readonly planes: readonly (readonly [number, number, number, number])[];
  /** Origin that the planes are told from. */
  readonly at: Vec3;
  /** Pixels that a metre has at a distance of one metre. */
  readonly pixelsPerMetre: number;
}

export interface LodOptions {
  readonly camera: LodCamera;
  /** Most points. */
  readonly budget: number;
  /** Points nearer together than this on the screen are close enough, pixels. */
  readonly spacingPixels: number;
  /** Loaded to the full depth, ahead of everything else. */
  readonly focus: readonly Bounds[];
}

export interface LodChoice {
  /** Best first. */
  readonly nodes: readonly TreeNode[];
  readonly points: number;
  /** Nodes whose listings are needed to choose better. */
  readonly listings: readonly string[];
}

const FOCUS_PRIORITY = 1e6;

export function chooseNodes(tree: NodeTree, { camera, budget, spacingPixels, focus }: LodOptions): LodChoice {
  const heap = new Heap();
  const nodes: TreeNode[] = [];
  const listings: string[] = [];
  let points = 0;
  const consider = (node: TreeNode) => {
    const isFocus = focus.some((bounds) => Bounds.intersect(bounds, node.cube));
    if (!isFocus && !inFrustum(camera, node.cube)) return;
    const parentSpacing = 2 * tree.spacingOf(node);
    const pixels =
      (parentSpacing * camera.pixelsPerMetre) / Math.max(0.1, distance(camera.position, node.cube));
    if (!isFocus && node.key.depth > 0 && pixels < spacingPixels) return;
    heap.push(node, pixels + (isFocus ? FOCUS_PRIORITY - node.key.depth : 0));
  };
  const descend = ({ nodes: known, unlisted }: BelowNode) => {
    for (const { name, cube } of unlisted) if (sees(camera, cube, focus)) listings.push(name);
    for (const node of known) consider(node);
  };
  descend(tree.top());
  for (let node = heap.pop(); node !== undefined; node = heap.pop()) {
    if (points + node.count > budget && points > 0) break;
    points += node.count;
    if (node.count > 0) nodes.push(node);
    descend(tree.below(node));
  }
  return { nodes, points, listings };
}

function sees(camera: LodCamera, cube: Bounds, focus: readonly Bounds[]): boolean {
  return inFrustum(camera, cube) || focus.some((bounds) => Bounds.intersect(bounds, cube));
}

/** False only if the cube is outside. */
function inFrustum({ planes, at }: LodCamera, { min, max }: Bounds): boolean {
  for (const [nx, ny, nz, d] of planes) {
    const x = (nx >= 0 ? max[0] : min[0]) - at[0];
    const y = (ny >= 0 ? max[1] : min[1]) - at[1];
    const z = (nz >= 0 ? max[2] : min[2]) - at[2];
    if (nx * x + ny * y + nz * z + d < 0) return false;
  }
  return true;
}

/** From a place to the nearest point of a cube. */
function distance(from: Vec3, { min, max }: Bounds): number {
  let sum = 0;
  for (const k of [0, 1, 2] as const) {
    const by = Math.max(min[k] - from[k], 0, from[k] - max[k]);
    sum += by * by;
  }
  return Math.sqrt(sum);
}

/** A binary heap, the largest value first. */
class Heap {
  readonly #items: { node: TreeNode; value: number }[] = [];

  push(node: TreeNode, value: number): void {
    const items = this.#items;
    items.push({ node, value });
    let i = items.length - 1;
    while (i > 0) {
      const up = (i - 1) >> 1;
      if (items[up]!.value >= items[i]!.value) break;
      [items[up], items[i]] = [items[i]!, items[up]!];
      i = up;
    }
  }

  pop(): TreeNode | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (top === undefined || last === undefined) return undefined;
    if (items.length === 0) return top.node;
    items[0] = last;
    let i = 0;
    for (;;) {
      let best = i;
      for (const child of [2 * i + 1, 2 * i + 2])
        if (child < items.length && items[child]!.value > items[best]!.value) best = child;
      if (best === i) return top.node;
      [items[best], items[i]] = [items[i]!, items[best]!];
      i = best;
    }
  }
}
