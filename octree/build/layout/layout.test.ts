import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../../cache/foundation/index.ts';
import { Key } from '../../geometry/index.ts';
import { BuildColumns } from '../points/index.ts';
import { byPlace } from './by-place.ts';
import { CellOrder } from './cell-order.ts';
import { chooseCube, placesPerStep, type StepCube } from './cube.ts';
import { deepestLevel, type LayoutOptions, layOut } from './layout.ts';

interface Scene {
  readonly columns: BuildColumns;
  readonly cube: StepCube;
}

/** Points on a few scales at once, so that some crowd together, and UTM-size places. */
const scene: fc.Arbitrary<Scene> = fc
  .tuple(
    fc.constantFrom(1, 100, 10_000, 1_000_000),
    fc.integer({ min: -(2 ** 30), max: 2 ** 30 }),
    fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.nat(999), fc.nat(999), fc.nat(99)), {
      minLength: 1,
      maxLength: 400,
    }),
  )
  .map(([spread, origin, parts]) => {
    const columns = BuildColumns.allocate(parts.length, null);
    for (const [crowd, x, y, z] of parts) {
      const at = columns.count++;
      const step = Math.ceil(spread / 10 ** crowd);
      columns.x[at] = origin + x * step;
      columns.y[at] = -origin + y * step;
      columns.z[at] = z * step;
    }
    return { columns, cube: cubeOf(columns) };
  });

const options: fc.Arbitrary<LayoutOptions> = fc.record({
  span: fc.constantFrom(2, 4, 16),
  maxNodePoints: fc.integer({ min: 1, max: 60 }),
  minNodePoints: fc.integer({ min: 1, max: 8 }),
});

function cubeOf({ count, x, y, z }: BuildColumns): StepCube {
  const range = (column: Int32Array) =>
    [Math.min(...column.subarray(0, count)), Math.max(...column.subarray(0, count))] as const;
  const [xs, ys, zs] = [range(x), range(y), range(z)];
  return chooseCube({ min: [xs[0], ys[0], zs[0]], max: [xs[1], ys[1], zs[1]] });
}

function nodesOf({ columns, cube }: Scene, layout: LayoutOptions): { key: Key; points: number[] }[] {
  return [...layOut(columns, cube, layout)].map(({ key, points }) => ({ key, points: [...points] }));
}

describe('layOut', () => {
  it('puts every point into exactly one node, and no node is empty', () => {
    fc.assert(
      fc.property(scene, options, (input, layout) => {
        const nodes = nodesOf(input, layout);
        const all = nodes.flatMap(({ points }) => points).toSorted((a, b) => a - b);
        expect(all).toEqual(Array.from({ length: input.columns.count }, (_, index) => index));
        expect(nodes.every(({ points }) => points.length > 0)).toBe(true);
      }),
    );
  });

  it('names each node once, and its parent before it', () => {
    fc.assert(
      fc.property(scene, options, (input, layout) => {
        const seen = new Set<string>();
        for (const { key } of nodesOf(input, layout)) {
          const parent = Key.parent(key);
          if (parent !== null) expect(seen).toContain(Key.format(parent));
          expect(seen).not.toContain(Key.format(key));
          seen.add(Key.format(key));
        }
      }),
    );
  });

  it('keeps points within the cube of their node', () => {
    fc.assert(
      fc.property(scene, options, ({ columns, cube }, layout) => {
        for (const { key, points } of nodesOf({ columns, cube }, layout)) {
          const edge = cube.edge / 2 ** key.depth;
          for (const point of points) {
            const place = [columns.x, columns.y, columns.z].map((column, axis) =>
              Math.floor((column[point]! - cube.low[axis]! + 0.5) / edge),
            );
            expect(place).toEqual([key.x, key.y, key.z]);
          }
        }
      }),
    );
  });

  it('has no node that could be a leaf and is split, and no small leaf below another node', () => {
    fc.assert(
      fc.property(scene, options, (input, layout) => {
        const nodes = nodesOf(input, layout);
        for (const { key } of nodes) {
          const within = nodes.filter((node) => Key.isWithin(node.key, key));
          const points = within.reduce((sum, node) => sum + node.points.length, 0);
          if (within.length > 1) expect(points).toBeGreaterThan(layout.maxNodePoints);
          if (key.depth > 0) expect(points).toBeGreaterThanOrEqual(layout.minNodePoints);
        }
      }),
    );
  });

  it('takes of each cell the point nearest to its centre', () => {
    const columns = BuildColumns.allocate(64, null);
    for (let i = 0; i < 64; i++) {
      columns.x[i] = (i % 8) * 128;
      columns.y[i] = Math.floor(i / 8) * 128;
      columns.count++;
    }
    const cube = { low: [0, 0, 0], edge: 1024 } as const;
    const [root] = nodesOf({ columns, cube }, { span: 4, maxNodePoints: 1, minNodePoints: 1 });
    // Cells are 256 steps wide, with points at 0 and 128 of each: the latter are nearer.
    for (const point of root!.points)
      expect([columns.x[point]! % 256, columns.y[point]! % 256]).toEqual([128, 128]);
    expect(root!.points).toHaveLength(16);
  });
});

/** The nodes by the words of layout.ts, a node at a time: slow, and without the order of cells. */
function plainNodes({ columns, cube }: Scene, { span, maxNodePoints, minNodePoints }: LayoutOptions) {
  const nodes = new Map<string, number[]>();
  const place = (point: number) =>
    [columns.x, columns.y, columns.z].map((axis, a) =>
      Math.floor((axis[point]! - cube.low[a]! + 0.5) * placesPerStep(cube)),
    );
  const visit = (key: Key, points: readonly number[]) => {
    if (points.length <= maxNodePoints || key.depth >= deepestLevel(span)) {
      nodes.set(Key.format(key), [...points]);
      return;
    }
    const cell = 2 ** (31 - key.depth) / span;
    const best = new Map<string, { readonly point: number; readonly distance: number }>();
    for (const point of points) {
      const at = place(point);
      const of = at.map((value) => Math.floor(value / cell)).join();
      const distance = at.reduce((sum, value) => sum + ((value % cell) - (cell - 1) / 2) ** 2, 0);
      if (distance < (best.get(of)?.distance ?? Infinity)) best.set(of, { point, distance });
    }
    const kept = new Set([...best.values()].map(({ point }) => point));
    const below: number[][] = Array.from({ length: 8 }, () => []);
    for (const point of points) {
      if (kept.has(point)) continue;
      const [x, y, z] = place(point).map((value) => Math.floor(value / (cell * (span / 2))) % 2);
      below[x! + 2 * y! + 4 * z!]!.push(point);
    }
    const small = below.filter((rest) => rest.length < minNodePoints);
    for (const point of small.flat()) kept.add(point);
    nodes.set(
      Key.format(key),
      [...kept].toSorted((a, b) => a - b),
    );
    for (const [child, rest] of below.entries())
      if (rest.length >= minNodePoints) visit(Key.child(key, child), rest);
  };
  visit(Key.root, [...columns.x.subarray(0, columns.count).keys()]);
  return nodes;
}

describe('layOut beside a plain layout', () => {
  it('puts the same points into the same nodes, also far below the first cells', () => {
    fc.assert(
      fc.property(scene, options, (input, layout) => {
        const nodes = nodesOf(input, layout).map(({ key, points }) => [Key.format(key), points] as const);
        expect(new Map(nodes)).toEqual(plainNodes(input, layout));
      }),
    );
  });

  it('tells points apart at all depths', () => {
    const next = mulberry32(11);
    const columns = BuildColumns.allocate(1500, null);
    // Ever closer around a corner, so that the nodes reach from the first level nearly to the last.
    for (let i = 0; i < 1500; i++) {
      const size = 2 ** (30 * (i / 1500));
      [columns.x[i], columns.y[i], columns.z[i]] = [next() * size, next() * size, next() * size];
      columns.count++;
    }
    const input = { columns, cube: cubeOf(columns) };
    for (const span of [2, 16, 256]) {
      const layout = { span, maxNodePoints: 20, minNodePoints: 3 };
      const nodes = nodesOf(input, layout);
      expect(Math.max(...nodes.map(({ key }) => key.depth))).toBeGreaterThan(10);
      expect(new Map(nodes.map(({ key, points }) => [Key.format(key), points]))).toEqual(
        plainNodes(input, layout),
      );
    }
  });

  it('uses memory again for other points', () => {
    const cells = new CellOrder();
    const layout = { span: 4, maxNodePoints: 8, minNodePoints: 1 };
    fc.assert(
      fc.property(scene, (input) => {
        const { columns, cube } = input;
        const nodes = [...layOut(columns, cube, layout, Key.root, cells)];
        expect(nodes.map(({ points }) => [...points])).toEqual(
          nodesOf(input, layout).map(({ points }) => points),
        );
      }),
      { numRuns: 20 },
    );
  });
});

describe('a small cloud', () => {
  it('is one node; one with more points is laid out as an octree', () => {
    fc.assert(
      fc.property(scene, options, (input, layout) => {
        const count = input.columns.count;
        const single = { ...layout, maxSingleNodePoints: count };
        expect(nodesOf(input, single).map(({ key }) => Key.format(key))).toEqual(
          count === 0 ? [] : ['0-0-0-0'],
        );
        const larger = { ...layout, maxSingleNodePoints: count - 1 };
        expect(nodesOf(input, larger)).toEqual(nodesOf(input, layout));
      }),
    );
  });
});

describe('chooseCube', () => {
  it('holds the points, and no border of a larger node runs through one', () => {
    fc.assert(
      fc.property(scene, ({ columns, cube }) => {
        expect((cube.edge - 0.5) * placesPerStep(cube)).toBeLessThan(2 ** 31);
        for (const [axis, column] of [columns.x, columns.y, columns.z].entries()) {
          for (let i = 0; i < columns.count; i++) {
            const step = column[i]! - cube.low[axis]!;
            expect(step).toBeGreaterThanOrEqual(0);
            expect(step).toBeLessThan(cube.edge);
          }
        }
        // Borders lie half a step below whole steps for as many levels as the edge can be halved.
        expect(cube.edge % 2 ** Math.floor(Math.log2(cube.edge / 64))).toBe(0);
      }),
    );
  });
});

describe('byPlace', () => {
  it('keeps all points, those of a node next to each other and in their order, and lays out the same', () => {
    const next = mulberry32(3);
    const columns = BuildColumns.allocate(70_000, 'float32', [{ name: 'Ring', type: 'uint16' }]);
    for (let i = 0; i < 70_000; i++) {
      columns.x[i] = Math.floor(next() * 100_000);
      columns.y[i] = Math.floor(next() ** 3 * 100_000);
      columns.z[i] = Math.floor(next() * 1000);
      columns.intensity![i] = i;
      columns.attributes[0]![i] = i % 1000;
      columns.count++;
    }
    const cube = cubeOf(columns);
    const sorted = byPlace(columns, cube);
    expect(sorted.count).toBe(columns.count);
    expect([...sorted.intensity!].toSorted((a, b) => a - b)).toEqual([...columns.intensity!]);
    const eighth = (i: number) =>
      [sorted.x, sorted.y, sorted.z]
        .map((axis, a) => Math.floor((axis[i]! - cube.low[a]! + 0.5) / (cube.edge / 2)))
        .join();
    const changes = Array.from({ length: sorted.count - 1 }, (_, i) => eighth(i) !== eighth(i + 1));
    expect(changes.filter(Boolean).length).toBeLessThan(8);
    for (let i = 0; i < sorted.count; i++) {
      const from = sorted.intensity![i]!;
      expect(sorted.x[i] === columns.x[from] && sorted.attributes[0]![i] === from % 1000).toBe(true);
    }
    const layout = { span: 16, maxNodePoints: 500, minNodePoints: 20 };
    const contents = (of: BuildColumns) =>
      new Map(
        [...layOut(of, cube, layout)].map(({ key, points }) => [
          Key.format(key),
          Array.from(points, (point) => `${of.x[point]} ${of.y[point]} ${of.z[point]}`).sort(),
        ]),
      );
    const [before, after] = [contents(columns), contents(sorted)];
    expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
    expect([...after.values()].flat().sort()).toEqual([...before.values()].flat().sort());
  });

  it('returns few points as they are', () => {
    const columns = BuildColumns.allocate(100, null);
    columns.count = 100;
    expect(byPlace(columns, cubeOf(columns))).toBe(columns);
  });
});
