import { describe, expect, it } from 'vitest';
import type { Box } from '../../boxes/index.ts';
import type { Crop } from '../../fit/index.ts';
import { answerAsk } from './answer-ask.ts';
import type { FitAsk } from './frame-fits.ts';
import { shapeOf } from './shape.ts';

const box: Box = { center: [0, 0, 0.75], size: [4.4, 1.8, 1.5], yaw: 0 };

/** Rear and left side of a car in the box, moved along by some metres. */
function car(along: number): Crop {
  const points: number[] = [];
  for (let z = 0.4; z < 1.4; z += 0.3) {
    for (let u = -2.1; u <= 2.1; u += 0.1) points.push(u + along, -0.85, z);
    for (let v = -0.85; v <= 0.85; v += 0.1) points.push(-2.15 + along, v, z);
  }
  return { origin: [0, 0, 0], positions: Float32Array.from(points), count: points.length / 3 };
}

const reference = shapeOf(car(0), box, 0.3);

async function fitsAsked(crop: Crop, over: Partial<FitAsk>) {
  let asked = 0;
  const ask: FitAsk = { starts: [box], class: 'car', reference, atPlace: null, wantsShape: false, ...over };
  const reply = await answerAsk(crop, ask, [-10, 0, 1.8], async () => {
    asked++;
    return { box, score: 0.7 };
  });
  return { asked, reply };
}

describe('a standing object', () => {
  it.each<FitAsk['atPlace']>(['fit_if_moved', 'fit_if_unsure'])(
    'is not fitted where its points are in their place: %s',
    async (atPlace) => {
      const { asked, reply } = await fitsAsked(car(0), { atPlace });
      expect(asked).toBe(0);
      expect(reply.fits).toEqual([null]);
      expect(reply.start.registration!.overlap).toBeGreaterThan(0.9);
      expect(reply.start.inside).toBe(car(0).count);
    },
  );

  it.each<[string, Crop, FitAsk['atPlace']]>([
    ['its points have moved', car(0.4), 'fit_if_moved'],
    ['the fit is wanted anyway', car(0), 'fit'],
    ['most of the points are not its own', car(3), 'fit_if_moved'],
    ['its side slid along itself', car(0.8), 'fit_if_unsure'],
  ])('is fitted if %s', async (_, crop, atPlace) => {
    const { asked, reply } = await fitsAsked(crop, { atPlace });
    expect(asked).toBe(1);
    expect(reply.fits[0]).toMatchObject({ box, score: 0.7 });
  });
});

it('of a moving object, the start is not registered', async () => {
  const { asked, reply } = await fitsAsked(car(0), {});
  expect(asked).toBe(1);
  expect(reply.start.registration).toBeNull();
  expect(reply.fits[0]!.registration!.overlap).toBeGreaterThan(0.9);
});
