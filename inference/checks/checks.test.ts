import { describe, expect, it } from 'vitest';
import type { Box } from '../boxes/index.ts';
import { yawQuaternion } from '../boxes/index.ts';
import { checkBoxes } from './check-boxes.ts';
import { evidenceOf } from './evidence.ts';
import { type CheckedFrame, type CheckedObject, findingText } from './finding.ts';

const at = (x: number, y = 0, change: Partial<Box> = {}): Box => ({
  center: [x, y, 0],
  size: [4.4, 1.8, 1.5],
  yaw: 0,
  ...change,
});
const seen = { inside: 200, beside: 3, ground: -0.75 };
const object = (id: string, box: Box, change: Partial<CheckedObject> = {}): CheckedObject => ({
  id,
  class: 'car',
  box,
  evidence: seen,
  ...change,
});
const frame = (k: number, ...objects: CheckedObject[]): CheckedFrame => ({
  id: `f${k}`,
  sequence: '',
  timestamp: k / 10,
  pose: null,
  objects,
});
const kinds = (...frames: CheckedFrame[]) =>
  checkBoxes(frames).map(({ kind, frame: name, id }) => `${name} ${id} ${kind}`);

describe('checks of finished boxes', () => {
  it('find nothing where all is well', () => {
    expect(
      kinds(...[0, 1, 2, 3].map((k) => frame(k, object('1', at(k * 1.4)), object('2', at(0, 5))))),
    ).toEqual([]);
  });

  it('boxes that overlap, float, are sunk, empty, or have points outside', () => {
    expect(kinds(frame(0, object('1', at(0)), object('2', at(1))))).toEqual(['f0 1 overlap']);
    const one = (evidence: CheckedObject['evidence']) => kinds(frame(0, object('1', at(0), { evidence })));
    expect(one({ ...seen, ground: -1.4 })).toEqual(['f0 1 floating']);
    expect(one({ ...seen, ground: 0 })).toEqual(['f0 1 sunk']);
    expect(one({ ...seen, inside: 0 })).toEqual(['f0 1 empty']);
    expect(one({ ...seen, beside: 90 })).toEqual(['f0 1 points_outside']);
    expect(one(null)).toEqual([]);
  });

  it('sizes that are off for the class and for the track, and ids that change class', () => {
    const odd = at(0, 0, { size: [9, 1.8, 1.5] });
    expect(kinds(frame(0, object('1', odd)))).toEqual(['f0 1 size_of_class']);
    const breathes = at(0, 0, { size: [4.7, 1.8, 1.5] });
    expect(
      kinds(frame(0, object('1', at(0))), frame(1, object('1', at(0))), frame(2, object('1', breathes))),
    ).toEqual(['f2 1 size_of_track']);
    const van = object('1', at(0, 0, { size: [4.4, 1.8, 1.7] }), { class: 'van' });
    expect(kinds(frame(0, object('1', van.box)), frame(1, object('1', van.box)), frame(2, van))).toEqual([
      'f2 1 class_changes',
    ]);
  });

  it('jumps in speed and in the heading, in the world and not in the scanner’s frame', () => {
    const way = [0, 1.4, 2.8, 5.4, 5.6, 7].map((x, k) => frame(k, object('1', at(x))));
    expect(kinds(...way)).toEqual(['f3 1 speed_jump']);
    expect(kinds(frame(0, object('1', at(0))), frame(1, object('1', at(0, 0, { yaw: 3 }))))).toEqual([
      'f1 1 heading_jump',
    ]);
    const moving = [0, 1, 2, 3].map((k) => ({
      ...frame(k, object('1', at(20 - k * k, 3, { yaw: -0.02 * k }))),
      pose: { position: [k * k, 0, 0] as const, rotation: yawQuaternion(0) },
    }));
    expect(kinds(...moving)).toEqual([]);
  });

  it('what the points say: inside, beside and not of a neighbour, and the ground below', () => {
    const points: number[] = [];
    // A street 0.75 m below the middle of the box, and a side whose last 15 cm the box leaves out.
    for (let x = -6; x <= 6; x += 0.4) for (let y = -6; y <= 6; y += 0.4) points.push(x, y, -0.75);
    for (let x = -2.35; x <= 2.2; x += 0.05) for (let z = -0.4; z <= 0.7; z += 0.1) points.push(x, 0.85, z);
    const cloud = new Float32Array(points);
    const short = evidenceOf(at(100, 20), cloud, []);
    expect(short.inside).toBeGreaterThan(800);
    expect(short.beside).toBeGreaterThan(10);
    expect(short.ground).toBeCloseTo(-0.75, 1);
    const neighbour = at(100 - 2.3, 20.85, { size: [0.4, 0.4, 2] });
    expect(evidenceOf(at(100, 20), cloud, [neighbour]).beside).toBe(0);
  });

  it('are told in words', () => {
    const [found] = checkBoxes([frame(0, object('1', at(0)), object('2', at(1)))]);
    expect(findingText(found!)).toMatch(/^overlaps 2 by \d+ % of the smaller box$/);
  });
});
