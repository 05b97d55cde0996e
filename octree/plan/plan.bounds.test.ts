/**
 * Hierarchies that have no end, or would take long to walk: planning ends with a typed error, and lets the
 * thread do other work.
 */
import { describe, expect, test } from 'vitest';
import type { FormatCloud } from '../formats/index.ts';
import { Key } from '../geometry/index.ts';
import { type HierarchyPage, OWN_PAGE } from '../hierarchy/index.ts';
import { pointSet } from '../regions/index.ts';
import { CUBE, ORIGIN, SCALE } from '../testing/index.ts';
import { type PlanOptions, planNodes } from './plan.ts';

const EVERYTHING = pointSet({ type: 'sphere', center: ORIGIN, radius: 100 });
const LIMITS = { maxNodes: 1000, maxPoints: 1_000_000, maxBytes: 1_000_000_000 };

/** Its node, and eight links to pages below it; `points` in each node. */
function eightLinks(root: Key, points: number): HierarchyPage {
  const links = Key.children(root).map((key) => [Key.format(key), OWN_PAGE] as const);
  return { root, nodes: new Map([[Key.format(root), points], ...links]), storedBytes: 1 };
}

/** A full tree of so many levels, in one page. */
function fullPage(levels: number, points: number): HierarchyPage {
  const nodes = new Map<string, number>();
  let level: Key[] = [Key.root];
  for (let depth = 0; depth < levels; depth++) {
    for (const key of level) nodes.set(Key.format(key), points);
    level = level.flatMap((key) => Key.children(key));
  }
  return { root: Key.root, nodes, storedBytes: 1 };
}

function plan(rootPage: HierarchyPage, options: Partial<PlanOptions> = {}) {
  const cloud = {
    cube: CUBE,
    pad: [SCALE, SCALE, SCALE],
    spacing: 1,
    rootPage,
    bytesPerPoint: 1,
  } as unknown as FormatCloud;
  return planNodes({
    cloud,
    regions: [EVERYTHING],
    limits: LIMITS,
    loadPage: ({ root }) => Promise.resolve(eightLinks(root, 0)),
    ...options,
  });
}

describe('a hierarchy without an end', () => {
  test('of pages without points is refused after some of them', async () => {
    let loads = 0;
    const loadPage = ({ root }: { readonly root: Key }) => {
      loads += 1;
      return Promise.resolve(eightLinks(root, 0));
    };
    await expect(plan(eightLinks(Key.root, 0), { loadPage })).rejects.toMatchObject({
      code: 'region_too_large',
      message: expect.stringMatching(/more than 2000 hierarchy pages/),
    });
    expect(loads).toBeLessThanOrEqual(2000);
  });

  test('is loaded a few pages at a time', async () => {
    let atOnce = 0;
    let most = 0;
    const loadPage = async ({ root }: { readonly root: Key }) => {
      most = Math.max(most, ++atOnce);
      await new Promise((resolve) => setImmediate(resolve));
      atOnce -= 1;
      return eightLinks(root, 0);
    };
    await expect(plan(eightLinks(Key.root, 0), { loadPage })).rejects.toThrow();
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(32);
  });

  test.each([
    ['of all points', {}],
    ['up to a budget', { pointBudget: 10 }],
  ])('is given up as soon as nobody waits, %s', async (_, options) => {
    const controller = new AbortController();
    const reason = new Error('too late');
    let loads = 0;
    const loadPage = ({ root }: { readonly root: Key }) => {
      if (++loads === 3) controller.abort(reason);
      return Promise.resolve(eightLinks(root, 0));
    };
    const planning = plan(eightLinks(Key.root, 0), { loadPage, signal: controller.signal, ...options });
    await expect(planning).rejects.toBe(reason);
    expect(loads).toBeLessThan(100);
  });
});

describe('a page of very many nodes', () => {
  test('is walked in slices, whether or not its nodes have points', async () => {
    for (const points of [0, 1]) {
      let turns = 0;
      let isOver = false;
      const count = async () => {
        while (!isOver) {
          await new Promise((resolve) => setImmediate(resolve));
          turns += 1;
        }
      };
      const counting = count();
      const limits = { maxNodes: 50_000, maxPoints: 1e9, maxBytes: 1e9 };
      const { nodes } = await plan(fullPage(6, points), { limits });
      isOver = true;
      await counting;
      expect(nodes.length).toBe(points * ((8 ** 6 - 1) / 7));
      expect(turns).toBeGreaterThan(3);
    }
  });

  test('is not walked to its end where the limit is passed before', async () => {
    await expect(plan(fullPage(6, 1))).rejects.toMatchObject({
      code: 'region_too_large',
      message: expect.stringMatching(/at least 1\d\d\d nodes/),
    });
  });

  test('is cut to the budget, coarse nodes first', async () => {
    const { nodes, isTruncated } = await plan(fullPage(6, 1), { pointBudget: 73 });
    expect(nodes.length).toBe(73);
    expect(Math.max(...nodes.map(({ key }) => key.depth))).toBe(2);
    expect(isTruncated).toBe(true);
  });
});
