/**
 * The key of an octree node: its depth and its grid position at that depth, written `D-X-Y-Z`.
 * EPT and COPC use this form (entwine-point-tile.md, "Hierarchy"); Potree names are converted.
 */
import type { Bounds, Vec3 } from './bounds.ts';

export interface Key {
  /** 0 is the root; a node of depth d has an edge of (root edge) / 2^d. */
  readonly depth: number;
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** Deepest level: the grid positions fit into a signed 32-bit integer. */
export const MAX_KEY_DEPTH = 30;

const FORM = /^(\d{1,2})-(\d{1,10})-(\d{1,10})-(\d{1,10})$/;

const NO_PAD: Vec3 = [0, 0, 0];

const ROOT: Key = Object.freeze({ depth: 0, x: 0, y: 0, z: 0 });

export const Key = {
  root: ROOT,

  /** Creates a key. Throws a RangeError if the position is outside of the grid of that depth. */
  create(depth: number, x: number, y: number, z: number): Key {
    if (!isKey(depth, x, y, z)) throw new RangeError(`${depth}-${x}-${y}-${z} is not a node of an octree`);
    return { depth, x, y, z };
  },

  /**
   * Parses a key; null if the text is not one. Only the canonical form is accepted: no sign, leading zero or
   * space.
   */
  parse(text: string): Key | null {
    const parts = FORM.exec(text);
    if (parts === null) return null;
    const [depth, x, y, z] = [Number(parts[1]), Number(parts[2]), Number(parts[3]), Number(parts[4])];
    const key = { depth, x, y, z };
    return isKey(depth, x, y, z) && Key.format(key) === text ? key : null;
  },

  format(key: Key): string {
    return `${key.depth}-${key.x}-${key.y}-${key.z}`;
  },

  /**
   * Child 0..7 of a node: bit 0 of the index is x, bit 1 is y, bit 2 is z (EPT, COPC; Potree has the opposite
   * order).
   */
  child(key: Key, index: number): Key {
    return {
      depth: key.depth + 1,
      x: 2 * key.x + (index & 1),
      y: 2 * key.y + ((index >> 1) & 1),
      z: 2 * key.z + ((index >> 2) & 1),
    };
  },

  children(key: Key): Key[] {
    return [0, 1, 2, 3, 4, 5, 6, 7].map((index) => Key.child(key, index));
  },

  /** The node above, or null for the root. */
  parent(key: Key): Key | null {
    if (key.depth === 0) return null;
    return { depth: key.depth - 1, x: key.x >> 1, y: key.y >> 1, z: key.z >> 1 };
  },

  /** True if `key` is `ancestor` or lies below it. */
  isWithin(key: Key, ancestor: Key): boolean {
    const levels = key.depth - ancestor.depth;
    if (levels < 0) return false;
    return key.x >> levels === ancestor.x && key.y >> levels === ancestor.y && key.z >> levels === ancestor.z;
  },

  /**
   * The cube of a node, extended on both sides of each axis by `pad`, metres. Writers compute its corners by
   * repeated halving, so the last bits may differ: a pad of one scale step holds all points.
   */
  cube(key: Key, root: Bounds, pad: Vec3 = NO_PAD): Bounds {
    const cells = 2 ** key.depth;
    const place = [key.x, key.y, key.z] as const;
    const corner = (axis: 0 | 1 | 2, step: 0 | 1) => {
      const low = root.min[axis];
      return low + ((root.max[axis] - low) * (place[axis] + step)) / cells;
    };
    return {
      min: [corner(0, 0) - pad[0], corner(1, 0) - pad[1], corner(2, 0) - pad[2]],
      max: [corner(0, 1) + pad[0], corner(1, 1) + pad[1], corner(2, 1) + pad[2]],
    };
  },
} as const;

function isKey(depth: number, x: number, y: number, z: number): boolean {
  if (!Number.isInteger(depth) || depth < 0 || depth > MAX_KEY_DEPTH) return false;
  const cells = 2 ** depth;
  const inGrid = (index: number) => Number.isInteger(index) && index >= 0 && index < cells;
  return inGrid(x) && inGrid(y) && inGrid(z);
}
