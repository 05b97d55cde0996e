/**
 * What an accepted box of the same object in another frame adds to a click: its size, and the place that it
 * foresees (`previous`).
 *
 *   npx tsx bench/accuracy/previous.ts FOLDER [--every 1] [--seeds 1]
 *
 * FOLDER is a sequence of labelled frames with object ids. The earlier boxes are the true ones of up to three
 * frames before.
 */
import { parseArgs } from 'node:util';
import type { Box } from '../../inference/boxes/index.ts';
import { readLabelledFrames } from '../../inference/frames/index.ts';
import { loadNetwork, SHIPPED_MODEL } from '../../inference/network/index.ts';
import { foresee, type PreviousBox } from '../../inference/predictor/index.ts';
import { labelledClicks, meanIou } from '../kit/index.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { every: { type: 'string', default: '1' }, seeds: { type: 'string', default: '1' } },
});
const [folder] = positionals;
if (folder === undefined) throw new Error('give a folder of labelled frames');
/** Frames of a sequence that does not say its times are so far apart, seconds. */
const FRAME_SECONDS = 0.1;

const frames = await readLabelledFrames(folder);
const numberOf = new Map(frames.map(({ id }, k) => [id, k]));
const clicks = (
  await labelledClicks(folder, {
    group: 'car',
    hint: 'click',
    seeds: Number(values.seeds),
    minPoints: 20,
    every: Number(values.every),
  })
).filter(({ frame }) => numberOf.get(frame)! > 0);
const network = await loadNetwork({ modelFolder: SHIPPED_MODEL, threads: 1 });

/** The object's true boxes in the frames before, the latest last. */
function earlier(object: string, frame: string, most: number): PreviousBox[] {
  const found: PreviousBox[] = [];
  for (let k = numberOf.get(frame)! - 1; k >= 0 && found.length < most; k--) {
    const { id, pose, scene, objects } = frames[k]!;
    const box = objects.find((each) => `${scene}/${each.id}` === object);
    if (box !== undefined)
      found.unshift({ cloud: id, box, timestamp: k * FRAME_SECONDS, ...(pose !== null && { pose }) });
  }
  return found;
}

const WAYS = [
  ['a click alone', 0, false],
  ['size of one box before', 1, false],
  ['size and place of one box before', 1, true],
  ['size and place of three boxes before', 3, true],
] as const;
console.log('| told | clicks | mean 3D IoU | >= 0.7 | box backwards |\n| --- | ---: | ---: | ---: | ---: |');
for (const [name, most, withPlace] of WAYS) {
  const pairs: [Box, Box][] = [];
  let backwards = 0;
  for (const { request, truth, object, frame, pose } of clicks) {
    const previous = earlier(object, frame, most);
    if (earlier(object, frame, 1).length === 0) continue;
    const now = { pose, timestamp: numberOf.get(frame)! * FRAME_SECONDS };
    const told = previous.length > 0 ? foresee(previous, now) : null;
    const { origin } = request.crop;
    const answer = await network.fit({
      ...request,
      size: told?.size ?? null,
      expected: (withPlace ? (told?.boxes ?? []) : []).map((box) => ({
        ...box,
        center: [box.center[0] - origin[0], box.center[1] - origin[1], box.center[2] - origin[2]] as const,
      })),
    });
    const { box } = answer;
    pairs.push([box, truth]);
    if (Math.cos(box.yaw - truth.yaw) < 0) backwards++;
  }
  const { mean, at70 } = meanIou(pairs);
  const share = (value: number) => `${(100 * value).toFixed(1)} %`;
  console.log(
    `| ${name} | ${pairs.length} | ${mean.toFixed(3)} | ${share(at70)} | ${share(backwards / pairs.length)} |`,
  );
}
