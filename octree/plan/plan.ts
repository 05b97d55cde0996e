/**
 * Finds the nodes whose cubes meet a region, with their ancestors, and loads only the hierarchy pages needed
 * for that.
 */

import type { ByteRange } from '../../cache/byte-source/index.ts';
import { inSlices, Limiter, NearboxError, type Sliced } from '../../cache/foundation/index.ts';
import type { FormatCloud } from '../formats/index.ts';
import { type Bounds, Key } from '../geometry/index.ts';
import { type HierarchyPage, OWN_PAGE } from '../hierarchy/index.ts';
import type { PointSet } from '../regions/index.ts';
import type { PlannedNode } from './planned-node.ts';
import { compareRanks, type OfferedNode, type Rank, type Room, takeWithin } from './point-budget.ts';

interface ReadLimits {
  /** Largest number of nodes of one answer. */
  readonly maxNodes: number;
  /** Largest number of points of these nodes, counted as whole nodes. */
  readonly maxPoints: number;
  /** Largest number of unpacked bytes of these nodes, where known before the read (records; not LAZ). */
  readonly maxBytes: number;
}

/** A link to a hierarchy page that is not loaded yet. */
export interface PageLink {
  readonly root: Key;
  readonly range: ByteRange | null;
}

export interface Plan {
  /** In the order of depth. */
  readonly nodes: readonly PlannedNode[];
  readonly points: number;
  /** True if nodes were left out for a budget. */
  readonly isTruncated: boolean;
}

export interface PlanOptions {
  readonly cloud: FormatCloud;
  readonly regions: readonly PointSet[];
  /** Wanted point spacing, metres: deeper nodes are left out. */
  readonly spacing?: number | undefined;
  /**
   * Wanted number of points, counted as whole nodes. Nodes are taken while they fit: near-first for sets that
   * are read so, otherwise coarse-first. If no other node is needed, at least one is taken.
   */
  readonly pointBudget?: number | undefined;
  readonly limits: ReadLimits;
  /** Planning rejects with its reason as soon as it aborts. */
  readonly signal?: AbortSignal | undefined;
  readonly loadPage: (link: PageLink) => Promise<HierarchyPage>;
}

/** A link with its place in the order; `order` null: the page is needed in any case. */
interface RankedLink extends PageLink {
  readonly order: number | null;
}

/** Pages loaded in parallel. */
const PAGES_AT_ONCE = 32;
/** The same with a budget, where later pages may turn out to be unneeded. */
const BUDGETED_PAGES_AT_ONCE = 16;
/**
 * Most hierarchy pages of one plan. Each page has at least one node, so ordinary large regions exceed the
 * limit of nodes first.
 */
const MAX_PAGES = 2_000;
/** Most hierarchy nodes that one plan visits, with or without points. */
const MAX_VISITED_NODES = 1_000_000;
/** Nodes visited in one step: far below a millisecond. */
const NODES_PER_STEP = 256;
/** With this many offers beyond the limit of nodes, those that do not fit are dropped. */
const MAX_SURPLUS_OFFERS = 10_000;

/**
 * The nodes that the regions need. The levels of an octree are additive (the points of a node are not in its
 * children), so every node on the way down is needed.
 *
 * Sets that are read near-first are read up to the limits or the budget, and cut off there. For all others a
 * limit that is exceeded is `region_too_large`, and so is a hierarchy that takes too many pages or nodes to
 * walk. Works in slices; rejects with the reason of the signal.
 */
export async function planNodes(options: PlanOptions): Promise<Plan> {
  const { cloud, spacing, limits, loadPage, signal } = options;
  const deepest = spacing === undefined ? Number.POSITIVE_INFINITY : depthFor(cloud.spacing, spacing);
  const found: Walked = { needed: [], offered: [], links: [], leftOut: null, visited: 0 };
  const turns = new Limiter(PAGES_AT_ONCE);
  let pages: readonly HierarchyPage[] = [cloud.rootPage];
  let loaded = 0;
  for (;;) {
    await inSlices(walkAll(pages, options, deepest, found), { signal });
    takeOffers(found, options);
    const due = dueLinks(found.links, found.leftOut);
    if (due.length === 0) {
      const nodes = [...found.needed, ...found.offered.map(({ node }) => node)];
      // Taking at least one node may exceed a limit.
      checkLimits(spentOn(cloud, nodes), limits);
      nodes.sort((a, b) => a.key.depth - b.key.depth);
      return { nodes, points: sum(nodes), isTruncated: found.leftOut !== null };
    }
    found.links = found.links.filter((link) => !due.includes(link));
    loaded += due.length;
    checkWalk('hierarchy pages', loaded, MAX_PAGES);
    pages = await Promise.all(due.map((link) => turns.run(() => loadPage(link), signal)));
  }
}

/** The result of the walk so far. */
interface Walked {
  readonly needed: PlannedNode[];
  /** Nodes that fit so far, and those offered since the last call of `takeOffers`. */
  offered: OfferedNode[];
  links: RankedLink[];
  /** The first node in order that does not fit. No node behind it is taken. */
  leftOut: OfferedNode | null;
  visited: number;
}

/**
 * Checks the limits and drops the offers that do not fit. They cannot fit later: more nodes only move the cut
 * forward.
 */
function takeOffers(found: Walked, { cloud, limits, pointBudget }: PlanOptions): void {
  const spent = spentOn(cloud, found.needed);
  checkLimits(spent, limits);
  const offered = found.leftOut === null ? found.offered : [...found.offered, found.leftOut];
  const taken = takeWithin(offered, roomLeft(limits, spent, pointBudget));
  found.offered = [...taken.nodes];
  found.leftOut = taken.leftOut;
}

/** All links that are needed, and of the others the first in order that lie before the cut. */
function dueLinks(links: readonly RankedLink[], leftOut: Rank | null): RankedLink[] {
  const needed = links.filter(({ order }) => order === null);
  const offered = links.flatMap((link) =>
    link.order === null ? [] : [{ link, order: link.order, key: link.root }],
  );
  const inTime = offered.filter((rank) => leftOut === null || compareRanks(rank, leftOut) < 0);
  const first = inTime.sort(compareRanks).slice(0, BUDGETED_PAGES_AT_ONCE);
  return [...needed, ...first.map(({ link }) => link)];
}

/** The depth at which points are at most `spacing` metres apart. */
function depthFor(rootSpacing: number, spacing: number): number {
  if (!(spacing > 0))
    throw new NearboxError('invalid_request', 'spacing must be a positive number of metres');
  return Math.max(0, Math.ceil(Math.log2(rootSpacing / spacing)));
}

function* walkAll(
  pages: readonly HierarchyPage[],
  options: PlanOptions,
  deepest: number,
  found: Walked,
): Sliced<void> {
  const visits = pages.reduce((total, { nodes }) => total + nodes.size, 0);
  for (const region of options.regions) yield* region.prepare(visits);
  for (const page of pages) yield* walk(page, options, deepest, found);
}

function* walk(page: HierarchyPage, options: PlanOptions, deepest: number, found: Walked): Sliced<void> {
  const { cloud, regions, pointBudget, limits } = options;
  const { needed, links } = found;
  const isOrdered = pointBudget !== undefined || regions.some(({ nearness }) => nearness !== undefined);
  const stack: Key[] = [page.root];
  for (let key = stack.pop(); key !== undefined; key = stack.pop()) {
    if (++found.visited % NODES_PER_STEP === 0) {
      yield;
      checkWalk('nodes of the hierarchy', found.visited, MAX_VISITED_NODES);
      if (needed.length > limits.maxNodes) checkLimits(spentOn(cloud, needed), limits);
      if (found.offered.length > limits.maxNodes + MAX_SURPLUS_OFFERS) takeOffers(found, options);
    }
    const name = Key.format(key);
    const points = page.nodes.get(name);
    if (points === undefined || key.depth > deepest) continue;
    const cube = Key.cube(key, cloud.cube, cloud.pad);
    const met: PointSet[] = [];
    for (const region of regions) if (region.meets(cube)) met.push(region);
    if (met.length === 0) continue;
    const order = isOrdered ? orderOf(met, cube, key, pointBudget !== undefined) : null;
    // The nodes below it come later in the order.
    if (order !== null && found.leftOut !== null && compareRanks({ order, key }, found.leftOut) > 0) continue;
    const range = page.ranges?.get(name) ?? null;
    if (points === OWN_PAGE) {
      links.push({ root: key, range, order });
      continue;
    }
    if (points > 0) {
      const node = { key, name, points, range };
      if (order === null) needed.push(node);
      else found.offered.push({ node, key, order, bytes: points * (cloud.bytesPerPoint ?? 0) });
    }
    stack.push(...Key.children(key));
  }
}

/** The place of a node in the order in which nodes are taken; null if the node is needed in any case. */
function orderOf(met: readonly PointSet[], cube: Bounds, key: Key, isBudgeted: boolean): number | null {
  let order = Number.POSITIVE_INFINITY;
  for (const region of met) {
    if (region.nearness === undefined && !isBudgeted) return null;
    order = Math.min(order, region.nearness?.(cube) ?? key.depth);
  }
  return order;
}

function roomLeft(limits: ReadLimits, spent: Spent, pointBudget: number | undefined): Room {
  const points = limits.maxPoints - spent.points;
  return {
    least: spent.nodes === 0 ? 1 : 0,
    nodes: limits.maxNodes - spent.nodes,
    points: Math.min(points, pointBudget ?? points),
    bytes: limits.maxBytes - spent.bytes,
  };
}

interface Spent {
  readonly nodes: number;
  readonly points: number;
  readonly bytes: number;
}

function spentOn(cloud: FormatCloud, nodes: readonly PlannedNode[]): Spent {
  const points = sum(nodes);
  return { nodes: nodes.length, points, bytes: points * (cloud.bytesPerPoint ?? 0) };
}

function checkLimits(spent: Spent, limits: ReadLimits): void {
  const needs = [
    ['nodes', spent.nodes, limits.maxNodes],
    ['points', spent.points, limits.maxPoints],
    ['bytes', spent.bytes, limits.maxBytes],
  ] as const;
  for (const [what, needed, limit] of needs) {
    if (needed <= limit) continue;
    throw new NearboxError(
      'region_too_large',
      `the region needs at least ${needed} ${what}, ${needed - limit} more than the limit of ${limit}`,
    );
  }
}

function checkWalk(what: string, needed: number, limit: number): void {
  if (needed > limit)
    throw new NearboxError('region_too_large', `the region takes more than ${limit} ${what} to read`);
}

function sum(nodes: readonly PlannedNode[]): number {
  return nodes.reduce((total, { points }) => total + points, 0);
}
