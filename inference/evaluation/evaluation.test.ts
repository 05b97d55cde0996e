import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pointSet } from '../../octree/index.ts';
import { type Box, wrapAngle } from '../boxes/index.ts';
import { type LabelledFrame, offsetsInside } from '../frames/index.ts';
import { carBlocks, scan } from '../geometric/testing/index.ts';
import {
  breakdown,
  compareBoxes,
  drawHint,
  drawQuestion,
  type EvaluationPredictor,
  type EvaluationRegion,
  type EvaluationRow,
  evaluateFrames,
  HINT_KINDS,
  type HintKind,
  jsonReport,
  markdownReport,
  oracles,
  summarise,
} from './index.ts';

const SCORER = new URL('../../../shared/tools/scorer.mjs', import.meta.url);
const near: Box = { center: [10, 3, 0.78], size: [4.4, 1.85, 1.56], yaw: 0.3 };
const far: Box = { center: [34, -8, 0.78], size: [4.2, 1.8, 1.56], yaw: -1.4 };
let folder = '';
let frames: LabelledFrame[] = [];
let points = new Float32Array();

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'evaluation-'));
  const seen = scan({ blocks: [...carBlocks(near), ...carBlocks(far)], azimuths: 1200 });
  points = new Float32Array((seen.length / 3) * 4);
  for (let i = 0; i < seen.length / 3; i++) points.set(seen.subarray(3 * i, 3 * i + 3), 4 * i);
  const file = path.join(folder, 'one.bin');
  await writeFile(file, new Uint8Array(points.buffer));
  const labelled = (box: Box, id: string | null, name: string) => ({
    ...box,
    id,
    class: name,
    numPoints: offsetsInside(points, box).length,
  });
  const frame = (id: string, source: string): LabelledFrame => ({
    id,
    file,
    source,
    scene: 'street',
    pose: null,
    objects: [
      labelled({ ...near, center: [0, 60, 0] }, 'empty', 'Car'),
      labelled(near, 'a', 'Car'),
      labelled(far, null, 'Car'),
      { ...labelled(near, 'p', 'Pedestrian'), numPoints: null },
    ],
  });
  frames = [frame('one', 'left'), frame('two', 'right')];
});
afterAll(() => rm(folder, { recursive: true }));

function placeOf(region: EvaluationRegion): readonly [number, number, ...number[]] {
  if (region.type === 'click') return region.position;
  if (region.type === 'box' || region.type === 'sphere') return region.center;
  if (region.type === 'polygon') return region.ring[0]!;
  throw new TypeError('not asked here');
}

/** Answers the truth, moved. */
const moved = (name: string, by: number): EvaluationPredictor => ({
  name,
  predict: (_frame, { region }) => {
    const at = placeOf(region);
    const truth = Math.abs(at[0] - near.center[0]) < 6 ? near : far;
    const center = [truth.center[0] + by, truth.center[1], truth.center[2]] as const;
    return { box: { ...truth, center }, score: 0.5, method: 'model' };
  },
});

describe('compareBoxes', () => {
  it('measures each part of the difference', () => {
    const answer: Box = { center: [10, 3, 0.88], size: [4.5, 1.85, 1.76], yaw: wrapAngle(0.3 + Math.PI) };
    const result = compareBoxes(answer, near);
    expect(result.flipped).toBe(true);
    expect(result.yawError).toBeCloseTo(0, 9);
    expect(result.sizeError.map((v) => Math.round(v * 100) / 100)).toEqual([0.1, 0, 0.2]);
    expect(result.zError).toBeCloseTo(0.1, 9);
    expect(result.bottomError).toBeCloseTo(0, 9);
    expect(result.topError).toBeCloseTo(0.2, 9);
    expect(result.faceError).toBeCloseTo(0.2, 9);
    expect(compareBoxes(near, near)).toMatchObject({ flipped: false, centerError: 0 });
    expect(compareBoxes(near, near).faceError).toBeCloseTo(0, 9);
  });
});

describe('oracles', () => {
  it('put right one part each, and name another object', () => {
    const answer: Box = { center: [10.5, 3.1, 0.9], size: [4.9, 1.85, 1.9], yaw: 0.3 };
    const found = oracles(answer, near);
    const { iou } = compareBoxes(answer, near);
    for (const name of ['height', 'ends', 'sides', 'yaw'] as const)
      expect(found[name]).toBeGreaterThanOrEqual(iou - 1e-9);
    expect(found.height).toBeGreaterThan(iou + 0.1);
    expect(found.isOther).toBe(false);
    const whole: Box = { ...answer, center: near.center, size: near.size };
    expect(oracles({ ...whole, yaw: 0.9 }, near).yaw).toBeCloseTo(1, 9);
    // A box whose width was taken for its length is turned, not longer and narrower.
    const turned: Box = { ...near, size: [1.85, 4.4, 1.56], yaw: 0.3 + Math.PI / 2 };
    expect(oracles(turned, near).ends).toBeCloseTo(1, 9);
    expect(oracles(far, near)).toMatchObject({ isOther: true });
  });
});

describe('drawQuestion', () => {
  const truth = { ...near, class: 'Car' };
  const inside = () => offsetsInside(points, near);
  const draw = { frameId: 'one', index: 1, numPoints: 300, seed: 2, jitter: 0.05 };
  it.each(HINT_KINDS)('%s: the same twice, another for another seed, and about the object', (kind) => {
    const ask = (seed: number) => drawQuestion(kind, points, inside(), truth, { ...draw, seed }, [0, 0, 1]);
    expect(ask(2)).toEqual(ask(2));
    expect(ask(2).region).not.toEqual(ask(3).region);
    const { region, sensor } = ask(2);
    expect(sensor).toEqual(kind === 'click-sensor' ? null : [0, 0, 1]);
    const set = pointSet(region, { clickRadius: 5 });
    const found = inside().filter((i) => set.contains(points[i]!, points[i + 1]!, points[i + 2]!));
    expect(found.length / inside().length).toBeGreaterThan(0.6);
  });

  it('says class and size where the kind does', () => {
    const ask = (kind: HintKind) => drawQuestion(kind, points, inside(), truth, draw, undefined);
    expect(ask('click+class')).toMatchObject({ class: 'car', size: null });
    expect(ask('click+size')).toMatchObject({ class: null, size: near.size });
    expect(ask('click').region).toEqual(ask('click+class').region);
    const { region } = ask('clicks');
    const also = region.type === 'click' && 'also' in region ? region.also : [];
    expect(also[0]).toMatchObject({ inside: true });
  });
});

describe('evaluateFrames', () => {
  it('puts the same hints to every predictor and leaves out what does not count', async () => {
    const seen = new Map<string, EvaluationRegion[]>();
    const spy = (name: string): EvaluationPredictor => ({
      name,
      predict: (frame, question, signal) => {
        seen.set(name, [...(seen.get(name) ?? []), question.region]);
        return moved(name, 0).predict(frame, question, signal);
      },
    });
    const progress: number[] = [];
    const rows = await evaluateFrames(
      frames,
      [spy('a'), spy('b')],
      { seeds: 2, hints: ['click', 'box'] },
      (at) => progress.push(at.frame),
    );
    expect(rows.length).toBe(2 * 2 * 2 * 2 * 2); // frames, objects, hints, seeds, predictors
    expect(seen.get('a')).toEqual(seen.get('b'));
    expect(progress).toEqual([1, 2]);
    expect(rows.every((row) => row.group === 'car' && row.answer!.iou > 0.999)).toBe(true);
    expect(new Set(rows.map((row) => row.object))).toEqual(
      new Set(['street/a', 'street/one#2', 'street/two#2']),
    );
  });

  it('counts points where the labels do not', async () => {
    const rows = await evaluateFrames(frames, [moved('a', 0)], { groups: ['pedestrian'], seeds: 1 });
    expect(rows.length).toBe(2);
    expect(rows[0]!.numPoints).toBe(offsetsInside(points, near).length);
  });

  it('takes a refusal and a throw as no answer', async () => {
    const refuses: EvaluationPredictor = { name: 'refuses', predict: () => ({ error: 'region_empty' }) };
    const throws: EvaluationPredictor = { name: 'throws', predict: () => Promise.reject(new Error('broke')) };
    const rows = await evaluateFrames(frames.slice(0, 1), [refuses, throws], { seeds: 1 });
    expect(rows.map((row) => row.error)).toEqual(['region_empty', 'broke', 'region_empty', 'broke']);
    const summary = summarise(rows);
    expect(summary).toMatchObject({ answered: 0, bev: 0, at50: 0, yawError: null, sizeError: null });
    expect(summary.iou.value).toBe(0);
  });

  it('ends with its signal', async () => {
    const control = new AbortController();
    const run = evaluateFrames(
      frames,
      [moved('a', 0)],
      {},
      () => control.abort(new Error('enough')),
      control.signal,
    );
    await expect(run).rejects.toThrow('enough');
  });
});

describe('summary and report', () => {
  const rowsOf = async (): Promise<EvaluationRow[]> => [
    ...(await evaluateFrames(frames, [moved('model', 0.1), moved('geometric', 0.8)], {
      hints: ['click', 'box'],
    })),
  ];

  it('averages, with intervals over objects that hold the value', async () => {
    const rows = (await rowsOf()).filter((row) => row.predictor === 'model');
    const summary = summarise(rows);
    expect(summary.objects).toBe(3);
    expect(summary.answered).toBe(1);
    expect(summary.iou.interval[0]).toBeLessThanOrEqual(summary.iou.value);
    expect(summary.iou.interval[1]).toBeGreaterThanOrEqual(summary.iou.value);
    expect(summary.centerError).toBeCloseTo(0.1, 9);
    expect(summary.at70.value).toBe(1);
    expect(summarise(rows)).toEqual(summary);
  });

  it('cuts by hint, group, source, points and range', async () => {
    const parts = breakdown(await rowsOf());
    const all = parts.filter((part) => part.hint === 'click' && !part.points && !part.range);
    expect(all.map((part) => part.source)).toEqual([null, 'left', 'right']);
    expect(all[0]!.summaries.map(({ predictor }) => predictor)).toEqual(['model', 'geometric']);
    const bands = parts.filter((part) => part.hint === 'click' && part.source === null && part.points);
    expect(bands.reduce((sum, part) => sum + part.summaries[0]!.summary.rows, 0)).toBe(
      all[0]!.summaries[0]!.summary.rows,
    );
  });

  it('prints Markdown tables of even width with the line of people, and JSON', async () => {
    const rows = await rowsOf();
    const text = markdownReport(rows);
    expect(text).toContain('### car, click');
    expect(text).toContain('### car, box');
    const table = text.split('\n').filter((line) => line.startsWith('|'));
    expect(new Set(table.map((line) => line.split('|').length)).size).toBe(1);
    expect(table.filter((line) => line.includes('people')).length).toBe(2);
    expect(text).toContain('0.809');
    expect(text).not.toContain('NaN');
    const json = jsonReport(rows);
    expect(JSON.parse(JSON.stringify(json)).rows.length).toBe(rows.length);
    expect(json.human.iou).toBeCloseTo(0.81, 2);
  });
});

describe.skipIf(!existsSync(SCORER))('beside the reference scorer', () => {
  type Scorer = {
    rng(seed: number): () => number;
    inside(points: Float32Array, box: Box): number[];
    iou(a: Box, b: Box): { bev: number; d3: number };
    wrap(angle: number): number;
  };

  it('draws the same hints', async () => {
    const scorer = (await import(SCORER.href)) as Scorer;
    for (const [k, truth] of [near, far].entries()) {
      const all = scorer.inside(points, truth);
      expect(offsetsInside(points, truth)).toEqual(all);
      for (let seed = 1; seed <= 3; seed++) {
        const draw = { frameId: 'frame-07', index: k, numPoints: all.length, seed, jitter: 0.05 };
        // The lines of scorer.mjs, clickAll.
        const upper = all.filter((i) => points[i + 2]! > truth.center[2] - truth.size[2] / 2 + 0.2);
        const from = upper.length ? upper : all;
        const start = () => scorer.rng(seed * 7919 + k * 104729 + 'frame-07'.length * 31 + all.length);
        let R = start();
        const i = from[Math.floor(R() * from.length)]!;
        const j = () => (R() - 0.5) * 2 * 0.05;
        expect(drawHint('click', points, all, truth, draw)).toEqual({
          type: 'click',
          position: [points[i]! + j(), points[i + 1]! + j(), points[i + 2]! + j()],
        });
        R = start();
        R();
        expect(drawHint('box', points, all, truth, draw)).toEqual({
          type: 'box',
          center: truth.center.map((v) => v + (R() - 0.5) * 0.7),
          size: truth.size.map((v) => v * Math.exp((R() - 0.5) * 0.52)),
          yaw: scorer.wrap(truth.yaw + (R() - 0.5) * 0.7),
        });
      }
    }
  });

  it('finds the same overlaps', async () => {
    const scorer = (await import(SCORER.href)) as Scorer;
    for (let k = 0; k < 40; k++) {
      const other: Box = { ...near, center: [10 + 0.1 * k, 3 - 0.03 * k, 0.8], yaw: 0.3 + 0.2 * k };
      const { bev, iou } = compareBoxes(other, near);
      expect(bev).toBeCloseTo(scorer.iou(other, near).bev, 9);
      expect(iou).toBeCloseTo(scorer.iou(other, near).d3, 9);
    }
  });
});
