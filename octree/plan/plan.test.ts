import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FormatCloud } from '../formats/index.ts';
import { Bounds, Key } from '../geometry/index.ts';
import { type HierarchyPage, OWN_PAGE } from '../hierarchy/index.ts';
import { pointSet } from '../regions/index.ts';
import { CUBE, frustums, ORIGIN, regions, SCALE, scatterNodes } from '../testing/index.ts';
import { type PlanOptions, planNodes } from './plan.ts';

const RECORD_BYTES = 14;
const LIMITS = { maxNodes: 1000, maxPoints: 1_000_000, maxBytes: 1_000_000_000 };
const EVERYTHING = pointSet({ type: 'sphere', center: ORIGIN, radius: 100 });

/** A cloud that has a hierarchy and no points: its pages are as deep as `step`. */
function hierarchy(seed: number, step: number) {
  const nodes = scatterNodes(seed, 4, 20);
  const pages = new Map<string, Map<string, number>>();
  for (const { key, points } of nodes) {
    const depth = Math.floor(key.depth / step) * step;
    const levels = key.depth - depth;
    const root = Key.format({ depth, x: key.x >> levels, y: key.y >> levels, z: key.z >> levels });
    const page = pages.get(root) ?? new Map<string, number>();
    pages.set(root, page.set(Key.format(key), points.length));
    const parent = Key.parent(key);
    if (levels > 0 || parent === null) continue;
    const above = step - 1;
    const outer = Key.format({
      depth: depth - step,
      x: parent.x >> above,
      y: parent.y >> above,
      z: parent.z >> above,
    });
    pages.get(outer)!.set(Key.format(key), OWN_PAGE);
  }
  const page = (root: Key): HierarchyPage => ({ root, nodes: pages.get(Key.format(root))!, storedBytes: 1 });
  const cloud = {
    cube: CUBE,
    pad: [SCALE, SCALE, SCALE],
    spacing: 1,
    rootPage: page(Key.root),
    bytesPerPoint: RECORD_BYTES,
  } as unknown as FormatCloud;
  const loaded: string[] = [];
  const loadPage = async ({ root }: { readonly root: Key }) => {
    loaded.push(Key.format(root));
    return page(root);
  };
  return { nodes: nodes.filter(({ points }) => points.length > 0), pages, cloud, loaded, loadPage };
}

const plan = (made: ReturnType<typeof hierarchy>, options: Partial<PlanOptions>) =>
  planNodes({
    cloud: made.cloud,
    loadPage: made.loadPage,
    regions: [EVERYTHING],
    limits: LIMITS,
    ...options,
  });

const padded = (key: Key) => Bounds.pad(Key.cube(key, CUBE), [SCALE, SCALE, SCALE]);

const clouds = fc.tuple(fc.nat(40), fc.constantFrom(1, 2, 3, 9)).map(([seed, step]) => hierarchy(seed, step));

describe('a plan', () => {
  test('has every node that meets a region, and those above it', async () => {
    await fc.assert(
      fc.asyncProperty(clouds, fc.array(regions, { minLength: 1, maxLength: 2 }), async (made, asked) => {
        const sets = asked.map((region) => pointSet(region));
        const { nodes, points, isTruncated } = await plan(made, { regions: sets });
        const expected = made.nodes.filter(({ key }) => sets.some((set) => set.meets(padded(key))));
        expect(new Set(nodes.map(({ key }) => Key.format(key)))).toEqual(
          new Set(expected.map(({ key }) => Key.format(key))),
        );
        expect(points).toBe(expected.reduce((sum, node) => sum + node.points.length, 0));
        expect(isTruncated).toBe(false);
      }),
    );
  });

  test('with a budget takes the nearest nodes of a frustum, the coarsest of anything else, and says so', async () => {
    await fc.assert(
      fc.asyncProperty(
        clouds,
        fc.oneof(frustums, regions),
        fc.nat(600),
        async (made, region, pointBudget) => {
          const set = pointSet(region);
          const all = (await plan(made, { regions: [set] })).nodes;
          const { nodes, isTruncated } = await plan(made, { regions: [set], pointBudget });
          const taken = new Set(nodes.map(({ key }) => Key.format(key)));
          const left = all.filter(({ key }) => !taken.has(Key.format(key)));
          expect(isTruncated).toBe(left.length > 0);
          expect(nodes.length + left.length).toBe(all.length);

          const total = nodes.reduce((sum, { points }) => sum + points, 0);
          if (nodes.length > 1) expect(total).toBeLessThanOrEqual(pointBudget);
          if (all.length > 0) expect(nodes.length).toBeGreaterThan(0);
          const order = (key: Key) => set.nearness?.(padded(key)) ?? key.depth;
          const last = Math.max(...nodes.map(({ key }) => order(key)));
          const next = left.sort((a, b) => order(a.key) - order(b.key))[0];
          if (next === undefined) return;
          expect(order(next.key)).toBeGreaterThanOrEqual(last);
          const ties = left.filter(({ key }) => order(key) === order(next.key)).map(({ points }) => points);
          expect(total + Math.max(...ties)).toBeGreaterThan(pointBudget);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('of a frustum ends at the limits, where other regions are refused', async () => {
    const made = hierarchy(3, 9);
    const behind = pointSet({
      type: 'frustum',
      // From 100 m below straight up: w is the height above the eye.
      viewProjection: [
        1,
        0,
        0,
        0,
        0,
        1,
        0,
        0,
        0,
        0,
        1,
        1,
        -ORIGIN[0],
        -ORIGIN[1],
        -ORIGIN[2] + 90,
        -ORIGIN[2] + 100,
      ],
      ring: [
        [-1, -1],
        [1, -1],
        [1, 1],
        [-1, 1],
      ],
    });
    for (const [limit, value] of [
      ['maxNodes', 5],
      ['maxPoints', 100],
      ['maxBytes', 100 * RECORD_BYTES],
    ] as const) {
      const limits = { ...LIMITS, [limit]: value };
      const { nodes, points, isTruncated } = await plan(made, { regions: [behind], limits });
      expect(isTruncated).toBe(true);
      expect(nodes.length).toBeGreaterThan(0);
      expect(nodes.length).toBeLessThanOrEqual(limits.maxNodes);
      expect(points).toBeLessThanOrEqual(Math.min(limits.maxPoints, limits.maxBytes / RECORD_BYTES));
      await expect(plan(made, { limits })).rejects.toMatchObject({ code: 'region_too_large' });
    }
    const none = { ...LIMITS, maxPoints: 1 };
    await expect(plan(made, { regions: [behind], limits: none })).rejects.toMatchObject({
      code: 'region_too_large',
    });
  });

  test('does not load the pages of what lies behind a full budget', async () => {
    const made = hierarchy(5, 1);
    await plan(made, {});
    const all = made.loaded.splice(0).length;
    await plan(made, { pointBudget: 1 });
    expect(made.loaded.length).toBeLessThan(all / 4);
  });

  test('with a frustum beside another region needs that in full', async () => {
    await fc.assert(
      fc.asyncProperty(clouds, frustums, regions, async (made, frustum, region) => {
        if (region.type === 'frustum') return;
        const needed = await plan(made, { regions: [pointSet(region)] });
        // Where nothing else is needed, one node is taken in any case.
        if (needed.points === 0) return;
        const limits = { ...LIMITS, maxPoints: needed.points + 10 };
        const { nodes, points } = await plan(made, {
          regions: [pointSet(frustum), pointSet(region)],
          limits,
        });
        const taken = new Set(nodes.map(({ key }) => Key.format(key)));
        expect(needed.nodes.every(({ key }) => taken.has(Key.format(key)))).toBe(true);
        expect(points).toBeLessThanOrEqual(limits.maxPoints);
      }),
    );
  });
});
