import { expect, it } from 'vitest';
import { follow } from '../follow.ts';
import type { FrameFits } from '../frames/index.ts';
import { boxAt, collect, fakeFrames, requestOf, type Truth } from '../testing/index.ts';

const FRAMES = 24;
/** Points of the object 60 m away. */
const POINTS = 40;

/** Statuses of a car whose fits have few partners among the points of its keyframe from some frame on. */
async function statuses(truth: Truth, from: number): Promise<string[]> {
  const inside = (frame: number) => POINTS * (60 / Math.hypot(...truth(frame)!.center.slice(0, 2))) ** 2;
  const fits = fakeFrames([truth]);
  const frames: FrameFits = {
    ...fits,
    async ask(frame, asks, signal) {
      const answer = await fits.ask(frame, asks, signal);
      const overlap = frame < from ? 0.9 : 0.1;
      const registration = { move: [0, 0], weight: [0, 0], overlap, partners: 20 } as const;
      const replies = answer.replies.map((reply) => ({
        ...reply,
        fits: reply.fits.map((fit) => fit && { ...fit, inside: inside(frame), registration }),
        start: { ...reply.start, inside: reply.start.inside > 0 ? inside(frame) : 0 },
      }));
      return { ...answer, replies };
    },
  };
  const request = requestOf([{ keyframes: [{ frame: 0, box: truth(0)!, confirmed: true }] }], FRAMES);
  const { final } = await collect(follow(request, frames, { signal: new AbortController().signal }));
  return [...final('object-0')]
    .sort(([a], [b]) => a - b)
    .map(([, line]) => ('box' in line ? line.status : 'lost'));
}

it('takes points that the keyframe did not show for the object where it has come close', async () => {
  const coming: Truth = (frame) => boxAt(-60 + 2.2 * frame, 3);
  expect((await statuses(coming, 14)).slice(1)).toEqual(Array(FRAMES - 1).fill('measured'));
});

it('does not take other points for the object where it is as far away as in the keyframe', async () => {
  const passing: Truth = (frame) => boxAt(60, -10 + 0.8 * frame, Math.PI / 2);
  const found = await statuses(passing, 14);
  expect(found.slice(1, 14)).toEqual(Array(13).fill('measured'));
  expect(found.slice(14)).not.toContain('measured');
});
