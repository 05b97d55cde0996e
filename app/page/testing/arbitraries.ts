/** Random boxes and labels for property tests. */
import fc from 'fast-check';
import type { Box } from '../../../inference/boxes/index.ts';
import { OBJECT_CLASSES } from '../../../inference/classes/index.ts';
import type { Label } from '../model/index.ts';

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });

export const anyBox: fc.Arbitrary<Box> = fc.record({
  center: fc.tuple(number(-200, 200), number(-200, 200), number(-20, 20)),
  size: fc.tuple(number(0.2, 15), number(0.2, 4), number(0.2, 5)),
  yaw: number(-Math.PI + 1e-6, Math.PI),
});

export const anyLabel: fc.Arbitrary<Label> = fc.record({
  id: fc.integer({ min: 1, max: 1_000_000 }).map(String),
  box: anyBox,
  class: fc.constantFrom(...OBJECT_CLASSES),
  state: fc.constantFrom('draft', 'accepted'),
  method: fc.constantFrom('model', 'geometric', 'local', 'drawn', 'copied'),
  score: fc.option(number(0, 1)),
  note: fc.constant(null),
  edited: fc.boolean(),
  prediction: fc.constant(null),
});

/** Frames `a/0`, `a/1`, ... with labels of distinct ids. */
export const anyFrames = fc
  .array(fc.uniqueArray(anyLabel, { maxLength: 6, selector: (label) => label.id }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((frames) => frames.map((labels, i) => ({ frame: `a/${i}`, labels })));
