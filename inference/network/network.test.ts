import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { OBJECT_CLASSES } from '../classes/index.ts';
import { CropGrid } from '../crop-grid/index.ts';
import type { FitRequest, Hint } from '../fit/index.ts';
import type { Profile } from '../profiles/index.ts';
import { PROPOSE_OUT, REFINE_OUT } from './decode.ts';
import { proposeFeatures, refineFeatures } from './features.ts';
import { warmUp } from './load-network.ts';
import { readDescription } from './model-files.ts';
import { CONTEXT_RADIUS_METRES, NetworkFit } from './network.ts';
import { NoNetworkAnswer } from './no-network-answer.ts';
import { PASSES } from './refinement.ts';
import type { RunNetwork } from './run-network.ts';
import { PROPOSAL_POINTS } from './starts/index.ts';

interface Pass {
  ground: [number, number, number] | null;
  used: number;
  index: string;
  /** Left out of the last passes, to keep the file small. */
  points: string | null;
  globals: number[];
  out: number[];
  mask: string;
}
interface Case {
  name: string;
  positions: string;
  count: number;
  request: { hint: Hint; profile?: Profile } & Pick<FitRequest, 'class' | 'size' | 'sensor' | 'others'>;
  passes: Pass[];
  answer: {
    center: number[];
    size: number[];
    yaw: number;
    class: string;
    score: number;
    ground: number | null;
  };
}

const folder = new URL('../model/', import.meta.url);
const read = (name: string) => JSON.parse(fs.readFileSync(new URL(name, folder), 'utf8'));
const stored = read('cases.json') as {
  tolerance: number;
  points: number;
  passes: typeof PASSES;
  cases: Case[];
};

const floats = (text: string) => {
  const b = Buffer.from(text, 'base64');
  return new Float32Array(b.buffer.slice(b.byteOffset, b.byteOffset + b.length));
};
const integers = (text: string) => {
  const b = Buffer.from(text, 'base64');
  return new Int32Array(b.buffer.slice(b.byteOffset, b.byteOffset + b.length));
};

async function load(file: string): Promise<RunNetwork> {
  const bytes = fs.readFileSync(new URL(file, folder));
  const session = await ort.InferenceSession.create(bytes, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
  });
  return async (feeds) => {
    const tensor = (t: { data: Float32Array; dims: readonly number[] }) =>
      new ort.Tensor('float32', t.data, t.dims);
    const found = await session.run({
      points: tensor(feeds.points),
      globals: tensor(feeds.globals),
      ...(feeds.convention && { convention: tensor(feeds.convention) }),
    });
    const plain = (t: ort.Tensor | undefined) => ({ data: t!.data as Float32Array, dims: t!.dims });
    return { out: plain(found.out), mask: plain(found.mask) };
  };
}

const { reference } = readDescription(fileURLToPath(folder)).convention!;

const request = ({ positions, count, request: { profile, ...asked } }: Case): FitRequest => ({
  crop: { origin: [0, 0, 0], positions: floats(positions), count },
  ...asked,
  ...(profile && { profile: { own: profile.classes, trainingProfile: reference } }),
});

const clickOf = (hint: Extract<Hint, { type: 'click' | 'lasso' }>) =>
  hint.type === 'click' ? hint.position : hint.click;

/** The largest difference of two rows. */
const apart = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  expect(a.length).toBe(b.length);
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!));
  return most;
};

let propose: RunNetwork;
let refine: RunNetwork;
beforeAll(async () => {
  propose = await load('propose.onnx');
  refine = await load('refine.onnx');
});

describe('the stored cases', () => {
  it('were asked as this code asks', () => {
    expect(stored.points).toBe(PROPOSAL_POINTS);
    expect(stored.passes).toEqual(PASSES);
  });
});

describe.each(stored.cases)('the stored case "$name"', (each) => {
  it('sees what the training pipeline saw, and answers what it answered', async () => {
    const asked: { points: Float32Array; globals: Float32Array; out: Float32Array; mask: Float32Array }[] =
      [];
    const watch =
      (run: RunNetwork): RunNetwork =>
      async (feeds) => {
        const found = await run(feeds);
        asked.push({
          points: feeds.points.data.slice(),
          globals: feeds.globals.data,
          out: found.out.data,
          mask: found.mask.data,
        });
        return found;
      };
    const answer = await new NetworkFit(watch(propose), watch(refine), reference).fit(request(each));
    expect(asked.length).toBe(each.passes.length);
    for (const [i, pass] of each.passes.entries()) {
      // Later passes start from the box before, so that the tolerance of that box is in their features.
      const slack = i === 0 ? 1e-5 : stored.tolerance;
      const points = pass.points === null ? asked[i]!.points.subarray(0, 0) : floats(pass.points);
      expect(apart(asked[i]!.points.subarray(0, points.length), points)).toBeLessThan(slack);
      expect(apart(asked[i]!.globals, pass.globals)).toBeLessThan(slack);
      // A pass on few points may answer inputs that differ by 5e-7 with boxes that differ by 7e-4.
      expect(apart(asked[i]!.out, pass.out)).toBeLessThan(10 * stored.tolerance);
      expect(apart(asked[i]!.mask.subarray(0, pass.used), floats(pass.mask))).toBeLessThan(
        20 * stored.tolerance,
      );
    }
    expect(apart(answer.box.center, each.answer.center)).toBeLessThan(5 * stored.tolerance);
    expect(apart(answer.box.size, each.answer.size)).toBeLessThan(5 * stored.tolerance);
    expect(Math.abs(answer.box.yaw - each.answer.yaw)).toBeLessThan(5 * stored.tolerance);
    expect(Math.abs(answer.score - each.answer.score)).toBeLessThan(5 * stored.tolerance);
    expect(answer.class).toBe(each.answer.class);
    if (each.answer.ground === null) expect(answer.ground).toBeNull();
    else expect(Math.abs(answer.ground! - each.answer.ground)).toBeLessThan(1e-4);
  });

  it('finds the same ground and picks the same points', () => {
    const { crop, hint, sensor, others, size } = request(each);
    const at = hint.type === 'box' ? hint.box.center : hint.type === 'sphere' ? hint.center : clickOf(hint);
    const grid = new CropGrid();
    grid.load(crop.positions, crop.count);
    const ground = grid.estimateGround([at[0], at[1]]);
    const first = each.passes[0]!;
    if (first.ground === null) expect(ground).toBeNull();
    else expect(apart([ground!.a, ground!.b, ground!.c], first.ground)).toBeLessThan(1e-7);
    const question = {
      grid,
      sensor,
      ground,
      clicks: [],
      others,
      class: each.request.class,
      size,
      convention: null,
    };
    const features =
      hint.type === 'box'
        ? refineFeatures(question, hint.box, PASSES.firstPoints)
        : proposeFeatures(question, at, stored.points);
    expect([...features.index]).toEqual([...integers(first.index)]);
  });
});

/**
 * Networks that propose a car and then say the same in every pass: how far the front moved (metres) and the
 * logit of the score; another one from refining run `later.run` on.
 */
function made(
  runs: { propose: number; refine: number },
  says: { moved: number; score: number; later?: { run: number; score: number } },
): NetworkFit {
  const answer = (rows: number, out: Float32Array) => ({
    out: { data: out, dims: [1, out.length] },
    mask: { data: new Float32Array(rows), dims: [1, rows] },
  });
  return new NetworkFit(
    async ({ points }) => {
      runs.propose++;
      const out = new Float32Array(PROPOSE_OUT);
      out.set([4.5, 1.9, 1.6], 3);
      return answer(points.dims[1]!, out);
    },
    async ({ points }) => {
      const out = new Float32Array(REFINE_OUT);
      out[0] = says.moved;
      const { later, score } = says;
      runs.refine++;
      out[REFINE_OUT - 1] = later && runs.refine >= later.run ? later.score : score;
      return answer(points.dims[1]!, out);
    },
  );
}

describe('NetworkFit', () => {
  const fit = () => new NetworkFit(propose, refine, reference);
  const base = request(stored.cases[0]!);
  const click = base.hint.type === 'click' ? base.hint.position : ([0, 0, 0] as const);

  it('gives the same answer twice, and for the points in another order', async () => {
    const one = await fit().fit(base);
    const turned = new Float32Array(base.crop.positions.length);
    for (let i = 0; i < base.crop.count; i++)
      turned.set(base.crop.positions.subarray(3 * i, 3 * i + 3), 3 * (base.crop.count - 1 - i));
    const two = await fit().fit(base);
    const three = await fit().fit({ ...base, crop: { ...base.crop, positions: turned } });
    expect(two.box).toEqual(one.box);
    expect(apart(three.box.center, one.box.center)).toBeLessThan(1e-3);
    expect(apart(three.box.size, one.box.size)).toBeLessThan(1e-3);
  });

  it('is warmed at every padded size', async () => {
    const seen = { propose: new Set<number>(), refine: new Set<number>() };
    const watch =
      (run: RunNetwork, sizes: Set<number>): RunNetwork =>
      (feeds) => {
        sizes.add(feeds.points.dims[1]!);
        return run(feeds);
      };
    await warmUp(new NetworkFit(watch(propose, seen.propose), watch(refine, seen.refine), reference));
    for (const sizes of [seen.propose, seen.refine])
      expect([...sizes].sort((a, b) => a - b)).toEqual([64, 128, 256]);
  });

  it('keeps a size that the caller fixed', async () => {
    const answer = await fit().fit({ ...base, size: [4.2, 1.81, 1.53] });
    expect(answer.box.size).toEqual([4.2, 1.81, 1.53]);
  });

  it('keeps a class that the caller chose', async () => {
    expect((await fit().fit({ ...base, class: 'van' })).class).toBe('van');
  });

  it('is not moved by a class that it finds by itself', async () => {
    const { box, class: found } = await fit().fit(base);
    expect((await fit().fit({ ...base, class: found })).box).toEqual(box);
  });

  it('leaves a drawn box as it would be, whatever class is told', async () => {
    const drawn = request(stored.cases.find(({ request: { hint } }) => hint.type === 'box')!);
    const { box } = await fit().fit(drawn);
    for (const told of OBJECT_CLASSES) {
      const answer = await fit().fit({ ...drawn, class: told });
      expect([answer.class, answer.box]).toEqual([told, box]);
    }
  });

  it('makes two passes over a box that stays, three over one that moves', async () => {
    const box: Hint = { type: 'box', box: { center: click, size: [4, 2, 2], yaw: 0 } };
    for (const [hint, moved, proposals, passes] of [
      [base.hint, 0, 1, 2],
      [base.hint, 0.2, 1, 3],
      [box, 0, 0, 2],
      [box, 0.2, 0, 3],
    ] as const) {
      const runs = { propose: 0, refine: 0 };
      await made(runs, { moved, score: 3 }).fit({ ...base, hint });
      expect(runs).toEqual({ propose: proposals, refine: passes });
    }
  });

  it('looks again at a doubtful click: one pass from each of three other starts, and on from a better one', async () => {
    const runs = { propose: 0, refine: 0 };
    await made(runs, { moved: 0, score: -1 }).fit(base);
    expect(runs).toEqual({ propose: 3, refine: 2 + 1 + 1 + 1 });
    const better = { propose: 0, refine: 0 };
    await made(better, { moved: 0, score: -1, later: { run: 3, score: 1 } }).fit(base);
    expect(better).toEqual({ propose: 3, refine: 2 + 1 + 1 + 1 + 1 });
  });

  it('answers a sphere about the object', async () => {
    const answer = await fit().fit({ ...base, hint: { type: 'sphere', center: click, radius: 1.5 } });
    expect(Math.hypot(answer.box.center[0] - click[0], answer.box.center[1] - click[1])).toBeLessThan(
      CONTEXT_RADIUS_METRES,
    );
  });

  it.each([
    ['one point', new Float32Array([0.1, 0.1, 0.1])],
    ['equal points', new Float32Array(3000).fill(0.1)],
    [
      'points that are not finite among good ones',
      Float32Array.of(0.1, 0.1, 0.1, Number.NaN, 0, 0, Infinity, 0, 0, 3e38, 0, 0),
    ],
  ])('gives a sane box for %s', async (_name, positions) => {
    const answer = await fit().fit({
      ...base,
      hint: { type: 'click', position: [0, 0, 0], also: [] },
      crop: { origin: [0, 0, 0], positions, count: positions.length / 3 },
    });
    for (const v of [...answer.box.center, ...answer.box.size, answer.box.yaw, answer.score])
      expect(Number.isFinite(v)).toBe(true);
    for (const v of answer.box.size) expect(v).toBeGreaterThan(0);
    expect(Math.hypot(...answer.box.center)).toBeLessThan(15);
  });

  it.each<[string, Hint]>([
    ['a click on nothing', { type: 'click', position: [300, 0, 0], also: [] }],
    ['a click that is not finite', { type: 'click', position: [Number.NaN, 0, 0], also: [] }],
    ['an empty sphere', { type: 'sphere', center: [300, 0, 0], radius: 1 }],
    ['an empty box', { type: 'box', box: { center: [300, 0, 0], size: [4, 2, 1.5], yaw: 0 } }],
  ])('says so where there is nothing to go by: %s', async (_name, hint) => {
    await expect(fit().fit({ ...base, hint })).rejects.toBeInstanceOf(NoNetworkAnswer);
  });

  it('stays quick on a large crop', async () => {
    const count = 200_000;
    const positions = new Float32Array(3 * count);
    let s = 1;
    for (let i = 0; i < positions.length; i++) {
      s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
      positions[i] = (s / 4294967296 - 0.5) * (i % 3 === 2 ? 3 : 24);
    }
    const answer = await fit().fit({
      ...base,
      hint: { type: 'click', position: [0, 0, 0], also: [] },
      crop: { origin: [0, 0, 0], positions, count },
    });
    expect(answer.mask.index.length).toBeLessThanOrEqual(256);
  });
});
