import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DecodedNode } from '../../../octree/index.ts';
import { nodePayload } from '../../http/index.ts';
import { COLOUR_MODES, colourTable, valueRange } from './colour-map.ts';
import { chooseNodes, type LodCamera } from './lod.ts';
import { decodeNodePayload, encodeNodePayload } from './node-format.ts';
import { NodeTree } from './node-tree.ts';
import { PointPace } from './point-pace.ts';
import { collect, lassoed, pick, projectPoint } from './scan.ts';

/** A decoded node as the reader has it: millimetres from a UTM offset. */
function node(
  points: readonly (readonly [number, number, number])[],
  intensity: readonly number[] | null,
): DecodedNode {
  const axis = (k: 0 | 1 | 2) => Int32Array.from(points, (p) => Math.round(p[k] * 1000));
  const range = (k: 0 | 1 | 2, of: typeof Math.min) =>
    of(...points.map((p) => Math.round(p[k] * 1000) / 1000)) + [500_000, 5_400_000, 0][k]!;
  return {
    count: points.length,
    x: axis(0),
    y: axis(1),
    z: axis(2),
    scale: [0.001, 0.001, 0.001],
    offset: [500_000, 5_400_000, 0],
    bounds: {
      min: [range(0, Math.min), range(1, Math.min), range(2, Math.min)],
      max: [range(0, Math.max), range(1, Math.max), range(2, Math.max)],
    },
    intensity: intensity && { raw: Uint16Array.from(intensity), scale: 0.5, offset: 1 },
  };
}

const coordinate = (size: number) =>
  fc.tuple(...[0, 1, 2].map(() => fc.double({ min: -size, max: size, noNaN: true }))) as fc.Arbitrary<
    [number, number, number]
  >;

describe('node payload', () => {
  it.each([
    [30, 'u16'],
    [3000, 'f32'],
  ])('keeps points to a millimetre in a node of %d m (%s)', (size, kind) => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(coordinate(size), fc.nat(65_535)), { minLength: 1, maxLength: 50 }),
        (drawn) => {
          const stored = node(
            drawn.map(([p]) => p),
            drawn.map(([, i]) => i),
          );
          const back = decodeNodePayload(encodeNodePayload(nodePayload(stored)));
          if (kind === 'u16') expect(back.data).toBeInstanceOf(Uint16Array);
          expect(back.count).toBe(drawn.length);
          for (let i = 0; i < back.count; i++) {
            for (const [k, axis] of [stored.x, stored.y, stored.z].entries()) {
              const exact = axis[i]! * 0.001 + stored.offset[k]!;
              expect(Math.abs(back.origin[k]! + back.data[4 * i + k]! * back.step[k]! - exact)).toBeLessThan(
                0.001,
              );
            }
            const intensity = back.intensity.offset + back.data[4 * i + 3]! * back.intensity.scale;
            expect(Math.abs(intensity - (drawn[i]![1] * 0.5 + 1))).toBeLessThan(1);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('loses nothing where 16 bits of the stored step reach across', () => {
    const stored = node(
      [
        [0, 0, 0],
        [60.001, 12.345, 3.2],
      ],
      null,
    );
    const { origin, step, data, intensity } = nodePayload(stored);
    expect(origin[0] + data[4]! * step[0]).toBeCloseTo(500_060.001, 9);
    expect(intensity).toEqual({ offset: 0, scale: 0 });
  });

  it.each([
    ['nothing', new ArrayBuffer(0)],
    ['zeros', new ArrayBuffer(100)],
    [
      'a node cut short',
      encodeNodePayload(
        nodePayload(
          node(
            [
              [0, 0, 0],
              [1, 1, 1],
            ],
            null,
          ),
        ),
      ).slice(0, 90),
    ],
  ])('refuses %s', (_name, bytes) => {
    expect(() => decodeNodePayload(bytes)).toThrow();
  });
});

/** A camera straight above the origin that sees everything. */
const above = (height: number): LodCamera => ({
  position: [0, 0, height],
  planes: [],
  at: [0, 0, 0],
  pixelsPerMetre: 800,
});

function tree(depth: number): NodeTree {
  const made = new NodeTree({ min: [-64, -64, -64], max: [64, 64, 64] }, 2);
  const nodes: Record<string, number> = {};
  for (let d = 0; d <= depth; d++)
    for (let x = 0; x < 2 ** d; x++)
      for (let y = 0; y < 2 ** d; y++) nodes[`${d}-${x}-${y}-${(2 ** d) >> 1}`] = 1000;
  made.add({ nodes, more: [] });
  return made;
}

describe('level of detail', () => {
  it('stays in the budget, takes parents before children, and the root always', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 80_000 }),
        fc.double({ min: 1, max: 500, noNaN: true }),
        (budget, height) => {
          const { nodes, points } = chooseNodes(tree(4), {
            camera: above(height),
            budget,
            spacingPixels: 1,
            focus: [],
          });
          expect(nodes[0]!.name).toBe('0-0-0-0');
          expect(points).toBeLessThanOrEqual(Math.max(1000, budget));
          const seen = new Set<string>();
          for (const { key, name } of nodes) {
            if (key.depth > 0)
              expect(seen.has(`${key.depth - 1}-${key.x >> 1}-${key.y >> 1}-${key.z >> 1}`)).toBe(true);
            seen.add(name);
          }
        },
      ),
    );
  });

  it('looks deeper the nearer the camera', () => {
    const deepest = (height: number) =>
      Math.max(
        ...chooseNodes(tree(5), {
          camera: above(height),
          budget: 1e7,
          spacingPixels: 2,
          focus: [],
        }).nodes.map(({ key }) => key.depth),
      );
    expect(deepest(20)).toBeGreaterThan(deepest(2000));
  });

  it('loads what is in focus to the end before anything else', () => {
    const focus = [{ min: [50, 50, 1], max: [52, 52, 2] }] as const;
    const { nodes } = chooseNodes(tree(5), { camera: above(5000), budget: 8000, spacingPixels: 1, focus });
    expect(nodes.slice(0, 6).map(({ key }) => key.depth)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('leaves out what the camera does not see, and asks for listings that it needs', () => {
    const made = tree(1);
    made.add({ nodes: {}, more: ['1-0-0-0'] });
    const camera: LodCamera = { ...above(10), planes: [[1, 0, 0, 0]] };
    const { nodes, listings } = chooseNodes(made, { camera, budget: 1e6, spacingPixels: 0.01, focus: [] });
    expect(nodes.map(({ name }) => name).sort()).toEqual([
      '0-0-0-0',
      '1-0-0-1',
      '1-0-1-1',
      '1-1-0-1',
      '1-1-1-1',
    ]);
    expect(listings).toEqual(['1-0-0-0']);
    made.add({ nodes: { '1-0-0-0': 5, '2-1-0-0': 5 }, more: [] });
    const more = chooseNodes(made, { camera, budget: 1e6, spacingPixels: 0.01, focus: [] });
    expect(more.nodes.map(({ name }) => name)).toEqual(expect.arrayContaining(['1-0-0-0', '2-1-0-0']));
    expect(more.listings).toEqual([]);
    const away = chooseNodes(made, {
      camera: { ...camera, planes: [[1, 0, 0, -65]] },
      budget: 1e6,
      spacingPixels: 0.01,
      focus: [],
    });
    expect(away.nodes).toEqual([]);
  });
});

describe('scanning', () => {
  const payload = nodePayload(
    node(
      [
        [0, 0, 0],
        [1, 0, 0],
        [1, 0, 5],
        [3, 3, 0],
      ],
      null,
    ),
  );
  const cube = { min: [499_990, 5_399_990, -10], max: [500_010, 5_400_010, 10] } as const;
  const nodes = [{ name: '0-0-0-0', cube, payload }];
  /** Orthographic from above, 10 m wide: x right, y up, looking down. */
  const matrix = [0.2, 0, 0, 0, 0, 0.2, 0, 0, 0, 0, -0.1, 0, 0, 0, 0, 1];
  const view = { origin: [500_000, 5_400_000, 0], matrix, width: 100, height: 100 } as const;

  it('collects what lies in bounds, at UTM coordinates', () => {
    const found = collect(nodes, { min: [500_000.5, 5_399_999, -1], max: [500_001.5, 5_400_001, 1] });
    expect([...found.xyz].map((v, k) => v + found.origin[k % 3]!)).toEqual([500_001, 5_400_000, 0]);
  });

  it('picks the frontmost point under the cursor', () => {
    const pixel = projectPoint(view, [500_001, 5_400_000, 0])!;
    expect([pixel.x, pixel.y]).toEqual([60, 50]);
    expect(pick(nodes, view, [60, 50])).toEqual([500_001, 5_400_000, 5]);
    expect(pick(nodes, view, [5, 5])).toBeNull();
  });

  it('finds what is in a lasso', () => {
    const ring = [
      [55, 45],
      [65, 45],
      [65, 55],
      [55, 55],
    ] as const;
    expect(lassoed(nodes, view, ring)).toHaveLength(2);
  });
});

describe('the pace of pictures', () => {
  it('lowers the points until pictures are quick enough, and not further', () => {
    const pace = new PointPace();
    // A machine that draws a thousand points a millisecond.
    let points = 1_500_000;
    for (let i = 0; i < 10; i++) {
      pace.took(points, points / 1000);
      points = Math.min(1_500_000, pace.limit);
    }
    expect(points).toBe(600_000);
    pace.took(points, 1e6);
    expect(pace.limit).toBe(250_000);
  });

  it('leaves a quick machine alone, and gives points back when a machine is quick again', () => {
    const pace = new PointPace();
    expect(pace.took(1_500_000, 12)).toBe(false);
    expect(pace.limit).toBe(Number.POSITIVE_INFINITY);
    pace.took(1_000_000, 2000);
    expect(pace.limit).toBe(300_000);
    expect(pace.took(50_000, 5)).toBe(false);
    for (let i = 0; i < 12; i++) pace.took(pace.limit, 20);
    expect(pace.limit).toBeGreaterThan(1_500_000);
  });
});

describe('colours', () => {
  it('have tables for every mode and theme', () => {
    for (const mode of COLOUR_MODES)
      for (const dark of [true, false]) expect(colourTable(mode, dark)).toHaveLength(1024);
  });

  it('span most values and never nothing', () => {
    const [low, high] = valueRange([...Array.from({ length: 100 }, (_, i) => i), 10_000]);
    expect(low).toBeLessThan(5);
    expect(high).toBeLessThan(101);
    expect(valueRange([3, 3, 3])).toEqual([3, 4]);
    expect(valueRange([])).toEqual([0, 1]);
  });
});
