/** From regions to nodes: exactly those whose cubes meet a region, ancestors included, read from as few hierarchy pages as that takes. */
import type { ByteRange } from '../cache/byte-source.ts';
import { NearboxError } from '../cache/errors.ts';
import type { FormatCloud } from './format.ts';
import { type HierarchyPage, OWN_PAGE } from './hierarchy-page.ts';
import { Key } from './key.ts';
import { mayMeet, type PointSet } from './region.ts';

export interface ReadLimits {
  /** Nodes that one answer may need. */
  readonly maxNodes: number;
  /** Points of those nodes, taken whole. */
  readonly maxPoints: number;
  /** Unpacked bytes of those nodes, where they are known before the read (records; not LAZ). */
  readonly maxBytes: number;
}

export interface PlannedNode {
  readonly key: Key;
  readonly points: number;
  /** Its stretch of the file that many nodes share; null where each has a file of its own. */
  readonly range: ByteRange | null;
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
}

export interface PlanOptions {
  readonly cloud: FormatCloud;
  readonly regions: readonly PointSet[];
  /** Point distance that is enough, metres: deeper nodes are left out. */
  readonly spacing?: number | undefined;
  readonly limits: ReadLimits;
  readonly loadPage: (link: PageLink) => Promise<HierarchyPage>;
}

/**
 * Levels of the octree are additive: a node's points are not in its children, so every node on the way down is needed.
 * Pages of one round are loaded side by side. Throws `region_too_large` as soon as a limit is passed.
 */
export async function planNodes({ cloud, regions, spacing, limits, loadPage }: PlanOptions): Promise<Plan> {
  const deepest = spacing === undefined ? Number.POSITIVE_INFINITY : depthFor(cloud.spacing, spacing);
  const nodes: PlannedNode[] = [];
  let pages: readonly HierarchyPage[] = [cloud.rootPage];
  while (pages.length > 0) {
    const links: PageLink[] = [];
    for (const page of pages) walk(page, cloud, regions, deepest, nodes, links);
    checkLimits(cloud, nodes, limits);
    pages = await Promise.all(links.map(loadPage));
  }
  nodes.sort((a, b) => a.key.depth - b.key.depth);
  return { nodes, points: sum(nodes) };
}

/** The depth at which points are at most `spacing` metres apart. */
export function depthFor(rootSpacing: number, spacing: number): number {
  if (!(spacing > 0))
    throw new NearboxError('invalid_request', 'spacing must be a positive number of metres');
  return Math.max(0, Math.ceil(Math.log2(rootSpacing / spacing)));
}

function walk(
  page: HierarchyPage,
  cloud: FormatCloud,
  regions: readonly PointSet[],
  deepest: number,
  nodes: PlannedNode[],
  links: PageLink[],
): void {
  const stack: Key[] = [page.root];
  for (let key = stack.pop(); key !== undefined; key = stack.pop()) {
    const id = Key.format(key);
    const points = page.nodes.get(id);
    if (points === undefined || key.depth > deepest) continue;
    const cube = Key.cube(key, cloud.cube);
    if (!regions.some((region) => mayMeet(region, cube, cloud.pad))) continue;
    const range = page.ranges?.get(id) ?? null;
    if (points === OWN_PAGE) {
      links.push({ root: key, range });
      continue;
    }
    if (points > 0) nodes.push({ key, points, range });
    stack.push(...Key.children(key));
  }
}

function checkLimits(cloud: FormatCloud, nodes: readonly PlannedNode[], limits: ReadLimits): void {
  const bytes = nodes.reduce(
    (total, { key, points, range }) => total + (cloud.locate(key, points, range).unpackedBytes ?? 0),
    0,
  );
  const needs = [
    ['nodes', nodes.length, limits.maxNodes],
    ['points', sum(nodes), limits.maxPoints],
    ['bytes', bytes, limits.maxBytes],
  ] as const;
  for (const [what, needed, limit] of needs) {
    if (needed <= limit) continue;
    throw new NearboxError(
      'region_too_large',
      `the region needs at least ${needed} ${what}, ${needed - limit} more than the limit of ${limit}`,
    );
  }
}

function sum(nodes: readonly PlannedNode[]): number {
  return nodes.reduce((total, { points }) => total + points, 0);
}
