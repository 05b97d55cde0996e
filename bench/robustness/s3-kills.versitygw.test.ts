/** The bench, in its short form. */
import { expect, it } from 'vitest';
import { findComponent } from '../../cache/testing/index.ts';
import { killAndResume } from './s3-kills.ts';

it.skipIf(findComponent('versitygw') === null)(
  'killed and resumed, a build ends with the same objects',
  async () => {
    const { objects, different } = await killAndResume(20, 2, 400);
    expect(objects).toBe(80);
    expect(different).toEqual([]);
  },
  180_000,
);
