/** Profiles of five boxes on real frames, where these are present. */

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../cache/foundation/index.ts';
import { loadNetwork, SHIPPED_MODEL } from '../../inference/network/index.ts';
import { DEFAULT_PROFILE_FILE, readProfile } from '../../inference/profiles/index.ts';
import { labelledClicks } from '../kit/index.ts';
import { answerClicks, drawProfile, meanOf, type ProfileDraw, shareAt70 } from './few-box-profiles.ts';

const folderOf = (name: string) => fileURLToPath(new URL(`../../../shared/real/${name}`, import.meta.url));
const SETS = [
  ['kitti-dev', 1],
  ['pandaset-001', 2],
  ['pandaset-002', 5],
  ['mixed-dev', 1],
] as const;

describe.skipIf(!existsSync(folderOf('kitti-dev')))('a profile of five boxes', () => {
  it.each(SETS)(
    'makes the other cars of %s no worse',
    async (name, every) => {
      const network = await loadNetwork({ modelFolder: SHIPPED_MODEL, threads: 1 });
      const trainingProfile = await readProfile(DEFAULT_PROFILE_FILE);
      const clicks = await labelledClicks(folderOf(name), {
        group: 'car',
        hint: 'click',
        seeds: 1,
        minPoints: 20,
        every,
      });
      const answered = await answerClicks(network, clicks);
      const random = mulberry32(1);
      const draws: ProfileDraw[] = [];
      for (let k = 0; k < 20; k++)
        draws.push(await drawProfile(network, answered, 5, trainingProfile, random));
      const gain = (measure: (ious: readonly number[]) => number) =>
        meanOf(draws.map(({ before, after }) => measure(after) - measure(before)));
      expect(gain(meanOf)).toBeGreaterThan(0);
      expect(gain(shareAt70)).toBeGreaterThanOrEqual(0);
    },
    120_000,
  );
});
