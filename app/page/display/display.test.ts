/** Filters of boxes, clips of points, and the ground that is hidden. */
import { describe, expect, it } from 'vitest';
import type { LoadedNode } from '../cloud/index.ts';
import type { Label } from '../model/index.ts';
import {
  clipOf,
  groundGrid,
  groundUnder,
  INITIAL_DISPLAY,
  isShown,
  measuredText,
  parseFilter,
  shownLabels,
} from './index.ts';

const label = (id: string, change: Partial<Label> = {}): Label => ({
  id,
  box: { center: [0, 0, 0], size: [4, 2, 2], yaw: 0 },
  class: 'car',
  state: 'draft',
  method: 'model',
  score: 0.8,
  note: null,
  edited: false,
  prediction: null,
  ...change,
});
const CAR = label('1', { attributes: { parked: true, doors: 4 } });
const VAN = label('2', { class: 'van', ownClass: 'delivery', state: 'accepted', score: 0.4 });
const EDITED = label('3', { class: 'pedestrian', edited: true, state: 'accepted' });
const ALL = [CAR, VAN, EDITED];
const fitting = (text: string) => ALL.filter(parseFilter(text)!).map(({ id }) => id);

describe('a filter', () => {
  it.each([
    ['', ['1', '2', '3']],
    ['CAR', ['1']],
    ['deliv', ['2']],
    ['3', ['3']],
    ['class:van', []],
    ['id:2', ['2']],
    ['status:accepted', ['2', '3']],
    ['status:accepted -status:edited', ['2']],
    ['score<0.5', ['2']],
    ['score>=0.4', ['1', '2']],
    ['parked=true doors>3', ['1']],
    ['parked!=true', ['2', '3']],
  ])('"%s" shows %j', (text, ids) => {
    expect(fitting(text)).toEqual(ids);
  });

  it.each(['score<low', 'doors>', '-', 'status:'])(
    '"%s" cannot be read, and leaves out nothing',
    (filter) => {
      expect(parseFilter(filter)).toBeNull();
      expect(shownLabels(ALL, { ...INITIAL_DISPLAY, filter }, null)).toEqual(ALL);
    },
  );

  it('never leaves out the selected box; hidden objects are left out, and all others of an isolated one', () => {
    const shown = (change: object, selected: string | null) =>
      shownLabels(ALL, { ...INITIAL_DISPLAY, ...change }, selected).map(({ id }) => id);
    expect(shown({ filter: 'car' }, '2')).toEqual(['1', '2']);
    expect(shown({ hidden: ['1', '3'] }, null)).toEqual(['2']);
    expect(shown({ isIsolated: true }, '3')).toEqual(['3']);
    expect(shown({ isIsolated: true }, null)).toEqual(['1', '2', '3']);
  });
});

describe('points', () => {
  it('are shown between two heights, on a footprint, around an isolated box', () => {
    const region = { center: [10, 0, 0], size: [4, 4, 1], yaw: 0 } as const;
    const heights = clipOf({ ...INITIAL_DISPLAY, heights: [-1, 2] }, null);
    expect([-1.1, 0, 2.1].map((z) => isShown(heights, null, [0, 0, z]))).toEqual([false, true, false]);
    const footprint = clipOf({ ...INITIAL_DISPLAY, region }, null);
    expect([8.1, 7.9].map((x) => isShown(footprint, null, [x, 0, 50]))).toEqual([true, false]);
    const alone = clipOf({ ...INITIAL_DISPLAY, isIsolated: true }, CAR.box);
    expect([5.9, 6.1].map((x) => isShown(alone, null, [x, 0, 0]))).toEqual([true, false]);
  });
});

describe('a measure', () => {
  it('has the distance, the part on the level, and the height', () => {
    expect(
      measuredText([
        [1, 2, 3],
        [4, 6, 1],
      ]),
    ).toBe('5.39 m · 5.00 m level · 2.00 m down');
    expect(measuredText([[1, 2, 3]])).toBe('');
  });
});

describe('the ground', () => {
  /** A slope of 5 %, a car's roof that hides it, and a stray point below. */
  const points: number[][] = [];
  for (let x = 0; x < 30; x += 0.5)
    for (let y = 0; y < 20; y += 0.5) {
      const isCar = x >= 10 && x < 14 && y >= 8 && y < 10;
      points.push([x, y, 0.05 * x + (isCar ? 1.5 : 0)]);
    }
  points.push([20.2, 5.2, -3]);
  const node: LoadedNode = {
    name: '0-0-0-0',
    cube: { min: [0, 0, -5], max: [30, 30, 25] },
    payload: {
      count: points.length,
      origin: [0, 0, 0],
      step: [1, 1, 1],
      intensity: { offset: 0, scale: 0 },
      data: Float32Array.from(points.flatMap(([x, y, z]) => [x!, y!, z!, 0])),
    },
  };
  const grid = groundGrid([node], { min: [0, 0, -5], max: [30, 20, 5] });

  it('follows a slope, goes through under a car, and is not drawn down by a stray point', () => {
    for (const [x, y] of [
      [3.5, 3.5],
      [12.5, 9.2],
      [20.2, 5.2],
      [28.5, 18.5],
    ] as const)
      expect(Math.abs(groundUnder(grid, x, y) - 0.05 * x)).toBeLessThan(0.3);
    expect(groundUnder(grid, 99, 0)).toBeLessThan(-1000);
  });

  it('is hidden, and what stands on it is not', () => {
    const clip = clipOf(INITIAL_DISPLAY, null);
    const shown = points.filter((place) => isShown(clip, grid, place as [number, number, number]));
    const isCar = ([x, y]: number[]) => x! >= 10 && x! < 14 && y! >= 8 && y! < 10;
    expect(shown.filter(isCar)).toHaveLength(points.filter(isCar).length);
    expect(shown.filter((place) => !isCar(place))).toHaveLength(0);
  });
});
