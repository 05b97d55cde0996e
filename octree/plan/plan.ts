/** From regions to nodes: exactly those whose cubes meet a region, ancestors included, read from as few hierarchy pages as that takes. */

import type { ByteRange } from '../../cache/byte-source/index.ts';
import { inSlices, Limiter, NearboxError, type Sliced } from '../../cache/foundation/index.ts';
import type { FormatCloud } from '../formats/index.ts';
import { Bounds, Key } from '../geometry/index.ts';
import { type HierarchyPage, OWN_PAGE } from '../hierarchy/index.ts';
import { meets, type PointSet } from '../regions/index.ts';
import type { PlannedNode } from './planned-node.ts';
import { compareRanks, type OfferedNode, type Rank, type Room, takeWithin } from './point-budget.ts';

export interface ReadLimits {
  /** Nodes that one answer may need. */
  readonly maxNodes: number;
  /** Points of those nodes, taken whole. */
  readonly maxPoints: number;
  /** Unpacked bytes of those nodes, where they are known before the read (records; not LAZ). */
  readonly maxBytes: number;
}

/** A hierarchy page that is still to be loaded. */
export interface PageLink {
  readonly root: Key;
  readonly range: ByteRange | null;
}

export interface Plan {
  /** Shallow ones first. */
  readonly nodes: readonly PlannedNode[];
  readonly points: number;
  /** True if nodes were left out for a budget. */
  readonly isTruncated: boolean;
}

export interface PlanOptions {
  readonly cloud: FormatCloud;
  readonly regions: readonly PointSet[];
  /** Point distance that is enough, metres: deeper nodes are left out. */
  readonly spacing?: number | undefined;
  /**
   * Points that are enough, counted as those of whole nodes: nodes are then taken while they fit, near-first for sets that are read so,
   * else coarse-first, instead of being refused. Where nothing else is needed, one is taken in any case.
   */
  readonly pointBudget?: number | undefined;
  readonly limits: ReadLimits;
  /** Once it aborts, planning ends with its reason, whether or not there are pages to wait for. */
  readonly signal?: AbortSignal | undefined;
  readonly loadPage: (link: PageLink) => Promise<HierarchyPage>;
}

/** A page whose nodes are needed whatever the budget (`order` null), or while there is room. */
interface RankedLink extends PageLink {
  readonly order: number | null;
}

/** Pages that are loaded at once. */
const PAGES_AT_ONCE = 32;
/** The same where there is a budget: those behind may turn out not to be needed. */
const BUDGETED_PAGES_AT_ONCE = 16;
/** Hierarchy pages that one plan may load. Each has a node at least, so that large regions pass the limit of nodes first. */
const MAX_PAGES = 2_000;
/** Nodes of the hierarchy that one plan may look at, with points or without. */
const MAX_VISITED_NODES = 1_000_000;
/** Nodes that are looked at in one step: well below a millisecond. */
const NODES_PER_STEP = 256;
/** Once so many more nodes are offered than may be taken, those that do not fit are forgotten. */
const MAX_SURPLUS_OFFERS = 10_000;

/**
 * Levels of the octree are additive: a node's points are not in its children, so every node on the way down is needed.
 * Pages of one round are loaded side by side. Sets that are read near-first are read up to the limits (or the budget, if that is less) and
 * cut off there. For all others it throws `region_too_large` as soon as a limit is passed; so it does for a hierarchy that takes too many
 * pages or nodes to walk. Pages are walked in slices; rejects with the signal's reason.
 */
export async function planNodes(options: PlanOptions): Promise<Plan> {
  const { cloud, spacing, limits, loadPage, signal } = options;
  const deepest = spacing === undefined ? Number.POSITIVE_INFINITY : depthFor(cloud.spacing, spacing);
  const found: Found = { needed: [], offered: [], links: [], leftOut: null, visited: 0 };
  const turns = new Limiter(PAGES_AT_ONCE);
  let pages: readonly HierarchyPage[] = [cloud.rootPage];
  let loaded = 0;
  for (;;) {
    await inSlices(walkAll(pages, options, deepest, found), { signal });
    takeOffers(found, options);
    const due = dueLinks(found.links, found.leftOut);
    if (due.length === 0) {
      const nodes = [...found.needed, ...found.offered.map(({ node }) => node)];
      // One is taken if there is no other: that may be one too many.
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

/** What walking pages has brought to light so far. */
interface Found {
  readonly needed: PlannedNode[];
  /** Those that fit so far, and those that were offered since `takeOffers`. */
  offered: OfferedNode[];
  links: RankedLink[];
  /** The first in order that does not fit: neither it nor what is behind it is taken. */
  leftOut: OfferedNode | null;
  visited: number;
}

/** Checks the limits, and forgets the offers that do not fit. What does not fit now never will: more nodes only move the end forward. */
function takeOffers(found: Found, { cloud, limits, pointBudget }: PlanOptions): void {
  const spent = spentOn(cloud, found.needed);
  checkLimits(spent, limits);
  const offered = found.leftOut === null ? found.offered : [...found.offered, found.leftOut];
  const taken = takeWithin(offered, roomLeft(limits, spent, pointBudget));
  found.offered = [...taken.nodes];
  found.leftOut = taken.leftOut;
}

/** All that are needed, and of the others the first in order, if they are not behind the end of what is taken. */
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
export function depthFor(rootSpacing: number, spacing: number): number {
  if (!(spacing > 0))
    throw new NearboxError('invalid_request', 'spacing must be a positive number of metres');
  return Math.max(0, Math.ceil(Math.log2(rootSpacing / spacing)));
}

function* walkAll(
  pages: readonly HierarchyPage[],
  options: PlanOptions,
  deepest: number,
  found: Found,
): Sliced<void> {
  const visits = pages.reduce((total, { nodes }) => total + nodes.size, 0);
  for (const region of options.regions) yield* region.prepare(visits);
  for (const page of pages) yield* walk(page, options, deepest, found);
}

function* walk(page: HierarchyPage, options: PlanOptions, deepest: number, found: Found): Sliced<void> {
  const { cloud, regions, pointBudget, limits } = options;
  const { needed, links } = found;
  const stack: Key[] = [page.root];
  for (let key = stack.pop(); key !== undefined; key = stack.pop()) {
    if (++found.visited % NODES_PER_STEP === 0) {
      yield;
      checkWalk('nodes of the hierarchy', found.visited, MAX_VISITED_NODES);
      if (needed.length > limits.maxNodes) checkLimits(spentOn(cloud, needed), limits);
      if (found.offered.length > limits.maxNodes + MAX_SURPLUS_OFFERS) takeOffers(found, options);
    }
    const id = Key.format(key);
    const points = page.nodes.get(id);
    if (points === undefined || key.depth > deepest) continue;
    const cube = Bounds.pad(Key.cube(key, cloud.cube), cloud.pad);
    const met = regions.filter((region) => meets(region, cube));
    if (met.length === 0) continue;
    const order = orderOf(met, cube, key, pointBudget !== undefined);
    // Nothing below it comes before it.
    if (order !== null && found.leftOut !== null && compareRanks({ order, key }, found.leftOut) > 0) continue;
    const range = page.ranges?.get(id) ?? null;
    if (points === OWN_PAGE) {
      links.push({ root: key, range, order });
      continue;
    }
    if (points > 0) {
      const node = { key, points, range };
      if (order === null) needed.push(node);
      else found.offered.push({ node, key, order, bytes: unpackedBytes(cloud, node) });
    }
    stack.push(...Key.children(key));
  }
}

/** Where a node stands in the order in which nodes are taken; null if it is needed in any case. */
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
  const bytes = nodes.reduce((total, node) => total + unpackedBytes(cloud, node), 0);
  return { nodes: nodes.length, points: sum(nodes), bytes };
}

function unpackedBytes(cloud: FormatCloud, { key, points, range }: PlannedNode): number {
  return cloud.locate(key, points, range).unpackedBytes ?? 0;
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
