/** What networks that take a project's convention are told, and what others are not. */
import { describe, expect, it } from 'vitest';
import { OBJECT_CLASSES } from '../classes/index.ts';
import { carBlocks, scan } from '../geometric/testing/index.ts';
import type { Profile } from '../profiles/index.ts';
import { CONVENTION_SHAPE, conventionTensor } from './convention.ts';
import { PROPOSE_OUT, REFINE_OUT } from './decode.ts';
import { NetworkFit } from './network.ts';
import type { NetworkInputs } from './run-network.ts';

const REFERENCE: Profile['classes'] = {
  car: { objects: 1000, size: [4.5, 1.9, 1.6], padding: { ends: 0.1, sides: 0, top: 0.05, floor: 0 } },
};
const OWN: Profile['classes'] = {
  car: {
    objects: 30,
    seen: { ends: 10, sides: 0, top: 30, floor: 30 },
    size: [4.5 * Math.exp(0.1), 1.9, 1.6],
    padding: { ends: 0.25, sides: 0.3, top: -9, floor: 0 },
  },
  van: { objects: 5, size: [5, 2, 2], padding: { ends: 0, sides: 0, top: 0, floor: 0 } },
};
const width = CONVENTION_SHAPE[1];
const rowOf = (name: (typeof OBJECT_CLASSES)[number], data: Float32Array) => {
  const k = OBJECT_CLASSES.indexOf(name);
  return [...data.subarray(k * width, (k + 1) * width)].map((value) => Math.round(value * 1e4) / 1e4);
};

describe('conventionTensor', () => {
  it('has differences to the reference and how sure each is, class by class', () => {
    const { data, dims } = conventionTensor(OWN, REFERENCE);
    expect(dims).toEqual([1, OBJECT_CLASSES.length, 14]);
    // A padding that nobody saw is unknown; one out of bounds is cut off.
    expect(rowOf('car', data)).toEqual([0.5, 0, 0, 1.5, 0, -5, 0, 0.75, 0.75, 0.75, 0.5, 0, 0.75, 0.75]);
    // The reference does not know vans.
    expect(rowOf('van', data)).toEqual(Array(14).fill(0));
  });

  it('is zero where the project is unknown', () => {
    expect(conventionTensor(null, REFERENCE).data.every((value) => value === 0)).toBe(true);
  });

  it('grows surer with the boxes of a profile', () => {
    const sureOf = (objects: number) =>
      rowOf('car', conventionTensor({ car: { ...OWN.car!, objects } }, REFERENCE).data)[7]!;
    expect(sureOf(1)).toBeLessThan(sureOf(10));
    expect(sureOf(10)).toBeLessThan(sureOf(100));
  });
});

describe('NetworkFit', () => {
  const truth = { center: [10, 3, 0.78], size: [4.4, 1.85, 1.56], yaw: 0.3 } as const;
  const positions = scan({ blocks: carBlocks(truth), azimuths: 900 });
  const request = {
    crop: { origin: [0, 0, 0], positions, count: positions.length / 3 },
    hint: { type: 'click', position: [8, 2.4, 0.8], also: [] },
    class: null,
    size: null,
    sensor: null,
    others: [],
  } as const;

  /** Networks that note what they are asked. */
  function noting(reference: Profile['classes'] | null): { network: NetworkFit; asked: NetworkInputs[] } {
    const asked: NetworkInputs[] = [];
    const run = (out: Float32Array) => async (feeds: NetworkInputs) => {
      asked.push(feeds);
      const rows = feeds.points.dims[1]!;
      return {
        out: { data: out, dims: [1, out.length] },
        mask: { data: new Float32Array(rows), dims: [1, rows] },
      };
    };
    const proposal = new Float32Array(PROPOSE_OUT);
    proposal.set([0, 0, 0, 4.5, 1.9, 1.6]);
    const refined = new Float32Array(REFINE_OUT);
    refined[REFINE_OUT - 1] = 3;
    return { network: new NetworkFit(run(proposal), run(refined), reference), asked };
  }

  it('tells every pass of both networks the profile, zeros without one', async () => {
    for (const [profile, classes] of [
      [{ own: OWN, trainingProfile: {} }, OWN],
      [null, null],
    ] as const) {
      const { network, asked } = noting(REFERENCE);
      expect(network.heedsProfile).toBe(true);
      await network.fit({ ...request, profile });
      expect(asked.length).toBe(3);
      for (const { convention } of asked) expect(convention).toEqual(conventionTensor(classes, REFERENCE));
    }
  });

  it('gives networks that take no convention what they took before', async () => {
    const { network, asked } = noting(null);
    expect(network.heedsProfile).toBe(false);
    await network.fit({ ...request, profile: { own: OWN, trainingProfile: {} } });
    for (const feeds of asked) expect(Object.keys(feeds)).toEqual(['points', 'globals']);
  });
});
