/**
 * What annotators ask for: nodes of octrees, in the order in which clicks need them.
 *
 * A sequence is a drive past things that stand and things that move, one cloud a frame. Its clouds are
 * octrees of points that get sparser with the distance from the scanner, in nodes of so many points, a node
 * taking its share and leaving the rest to its children, as builders of EPT, COPC and Potree do. An annotator
 * takes a sequence and goes through it object by object (one object through all frames that show it, then the
 * next), or frame by frame; now and then clicks again near the same place; and some sequences are gone
 * through once more, in part, by a reviewer. Several annotators work at a time, their clicks interleaved.
 */
import { mulberry32 } from '../../cache/foundation/index.ts';

export interface TraceOptions {
  readonly sequences: number;
  readonly frames: number;
  readonly objects: number;
  readonly annotators: number;
  /** Points of one cloud. */
  readonly points: number;
  /** Points that a node takes. */
  readonly nodePoints: number;
  /** Stored bytes of a point. */
  readonly pointBytes: number;
  /** Radius of what a click reads, metres. */
  readonly clickRadius: number;
  /** Share of the sequences that are annotated object by object; the others frame by frame. */
  readonly byObject: number;
  readonly seed: number;
}

export const DEFAULT_TRACE: TraceOptions = {
  sequences: 12,
  frames: 40,
  objects: 20,
  annotators: 4,
  points: 1_000_000,
  nodePoints: 16_384,
  pointBytes: 8,
  clickRadius: 5,
  byObject: 0.7,
  seed: 1,
};

/** One click: the nodes that it needs. */
export interface TracedClick {
  readonly cloud: string;
  readonly nodes: readonly TraceNode[];
}

export interface TraceNode {
  /** Cloud and node. */
  readonly key: string;
  readonly bytes: number;
}

export interface Trace {
  readonly clicks: readonly TracedClick[];
  /** Bytes of a whole cloud, by cloud. */
  readonly cloudBytes: ReadonlyMap<string, number>;
}

type Xy = readonly [x: number, y: number];

/** Half of a cloud's cube, metres. */
const HALF_EDGE_METRES = 100;
/** How many sampled points an octree is shaped by. */
const SAMPLES = 20_000;

interface TreeCell {
  readonly key: string;
  readonly bytes: number;
  /** West, south, side length. */
  readonly west: number;
  readonly south: number;
  readonly side: number;
  readonly children: readonly TreeCell[];
}

export function makeTrace(options: TraceOptions): Trace {
  const random = mulberry32(options.seed);
  const cloudBytes = new Map<string, number>();
  const tasks = Array.from({ length: options.sequences }, (_, i) => {
    // One shape for all frames of a sequence: what differs from frame to frame does not matter to a cache.
    const tree = makeTree(options, random);
    const bytes = treeBytes(tree);
    for (let frame = 0; frame < options.frames; frame += 1) cloudBytes.set(`${i}/${frame}`, bytes);
    return sequenceClicks(i, tree, options, random);
  });
  return { clicks: interleave(tasks, options.annotators, random), cloudBytes };
}

function sequenceClicks(
  sequence: number,
  tree: TreeCell,
  options: TraceOptions,
  random: () => number,
): TracedClick[] {
  const { frames, objects, clickRadius, byObject } = options;
  const visits: { readonly frame: number; readonly object: number; readonly at: Xy }[] = [];
  for (let object = 0; object < objects; object += 1) {
    // Seen for a part of the drive, passing by at some distance.
    const from = Math.floor(random() * frames * 0.7);
    const to = Math.min(frames, from + 5 + Math.floor(random() * frames * 0.6));
    const start: Xy = [(random() - 0.5) * 120, (random() - 0.5) * 60];
    const step: Xy = [(random() - 0.5) * 5, random() - 0.5];
    for (let frame = from; frame < to; frame += 1) {
      const t = frame - from;
      visits.push({ frame, object, at: [start[0] + t * step[0], start[1] + t * step[1]] });
    }
  }
  if (random() >= byObject) visits.sort((a, b) => a.frame - b.frame || a.object - b.object);
  const click = (frame: number, [x, y]: Xy): TracedClick => {
    const cloud = `${sequence}/${frame}`;
    const nodes: TraceNode[] = [];
    collect(tree, [x, y], clickRadius, (cell) =>
      nodes.push({ key: `${cloud}/${cell.key}`, bytes: cell.bytes }),
    );
    return { cloud, nodes };
  };
  const clicks = visits.flatMap(({ frame, at }) => {
    const again = random() < 0.25;
    return again ? [click(frame, at), click(frame, [at[0] + 0.3, at[1]])] : [click(frame, at)];
  });
  const isReviewed = random() < 0.3;
  const review = isReviewed
    ? visits.filter(() => random() < 0.2).map(({ frame, at }) => click(frame, at))
    : [];
  return [...clicks, ...review];
}

/** As the clicks come in when so many work at a time, each on a sequence of its own until that is done. */
function interleave(
  tasks: readonly TracedClick[][],
  annotators: number,
  random: () => number,
): TracedClick[] {
  const waiting = [...tasks];
  const desks = waiting.splice(0, annotators).map((clicks) => clicks[Symbol.iterator]());
  const order: TracedClick[] = [];
  while (desks.length > 0) {
    const desk = Math.floor(random() * desks.length);
    const next = desks[desk]!.next();
    if (!next.done) {
      order.push(next.value);
      continue;
    }
    const task = waiting.shift();
    if (task === undefined) desks.splice(desk, 1);
    else desks[desk] = task[Symbol.iterator]();
  }
  return order;
}

function makeTree(options: TraceOptions, random: () => number): TreeCell {
  const points = Array.from({ length: SAMPLES }, (): Xy => {
    // Density falls with the square of the distance, from 3 m on.
    const distance = 3 * (HALF_EDGE_METRES / 3) ** random();
    const angle = random() * 2 * Math.PI;
    return [distance * Math.cos(angle), distance * Math.sin(angle)];
  });
  return makeCell('0-0-0', points, -HALF_EDGE_METRES, -HALF_EDGE_METRES, 2 * HALF_EDGE_METRES, options);
}

/** A quadtree stands for the octree: what is annotated lies on the ground. */
function makeCell(
  key: string,
  points: readonly Xy[],
  west: number,
  south: number,
  side: number,
  options: TraceOptions,
): TreeCell {
  const weight = options.points / SAMPLES;
  const own = Math.max(1, Math.round(options.nodePoints / weight));
  // Every n-th point stays, as even over the cell as the points are; the others go to the children.
  const stride = points.length / own;
  const rest =
    points.length <= own
      ? []
      : points.filter((_, i) => Math.floor(i / stride) === Math.floor((i - 1) / stride));
  const half = side / 2;
  const [depth, x, y] = key.split('-').map(Number) as [number, number, number];
  const children = [0, 1, 2, 3].flatMap((i) => {
    const [left, bottom] = [west + (i & 1) * half, south + (i >> 1) * half];
    const inside = rest.filter(
      ([px, py]) => px >= left && px < left + half && py >= bottom && py < bottom + half,
    );
    if (inside.length === 0) return [];
    return [
      makeCell(`${depth + 1}-${2 * x + (i & 1)}-${2 * y + (i >> 1)}`, inside, left, bottom, half, options),
    ];
  });
  const bytes = Math.round((points.length - rest.length) * weight * options.pointBytes);
  return { key, bytes, west, south, side, children };
}

function collect(cell: TreeCell, [x, y]: Xy, radius: number, visit: (cell: TreeCell) => void): void {
  const dx = Math.max(cell.west - x, 0, x - cell.west - cell.side);
  const dy = Math.max(cell.south - y, 0, y - cell.south - cell.side);
  if (dx * dx + dy * dy > radius * radius) return;
  visit(cell);
  for (const child of cell.children) collect(child, [x, y], radius, visit);
}

function treeBytes(cell: TreeCell): number {
  return cell.children.reduce((sum, child) => sum + treeBytes(child), cell.bytes);
}
