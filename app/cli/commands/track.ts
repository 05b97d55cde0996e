/** `nearbox track`: carries the objects of labelled frames through all frames of the folder. */
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import {
  FitEngine,
  follow,
  LABEL_GROUPS,
  type LabelGroup,
  type LabelledFrame,
  labelledFrameFits,
  labelledTracks,
  readLabelledFrames,
  type TrackBox,
  type TrackLine,
  type TrackLost,
  type TrackTask,
} from '../../../inference/index.ts';
import { withModelFlag } from '../cloud-argument.ts';
import { UsageError } from '../exit-codes.ts';
import { interruptible } from '../interrupt.ts';
import { NearboxCommand } from '../nearbox-command.ts';
import { createProgress } from '../progress.ts';
import { checkWritableFile } from '../writable.ts';

interface TrackFlags {
  readonly keyframes: 'first' | 'ends' | 'all';
  readonly groups?: string;
  readonly minPoints: string;
  readonly out?: string;
  readonly json?: boolean;
  readonly modelFolder?: string;
}

const KEYFRAMES = ['first', 'ends', 'all'] as const;

export function trackCommand(): Command {
  const command = new NearboxCommand('track').description(
    'carries the objects of labelled frames through all frames',
  );
  return withModelFlag(command)
    .argument('<DIR>', 'a labelled-frames folder (index.json) whose objects have ids')
    .option('--keyframes <WHICH>', 'labels of an object that become keyframes: first, ends or all', 'first')
    .option('--groups <LIST>', `which of ${LABEL_GROUPS.join(',')} (default: all but other)`)
    .option('--min-points <N>', 'labels with fewer points do not become keyframes', '5')
    .option('--out <FILE>', 'write the frames with the boxes of every object to FILE, as an index.json')
    .option('--json', 'print the lines of the tracks, as POST /v1/tracks answers them')
    .action((dir: string, flags: TrackFlags) => interruptible((signal) => track(dir, flags, signal)));
}

async function track(dir: string, flags: TrackFlags, signal: AbortSignal): Promise<void> {
  if (!KEYFRAMES.includes(flags.keyframes))
    throw new UsageError(`--keyframes must be one of ${KEYFRAMES.join(', ')}, not "${flags.keyframes}"`);
  const minPoints = Number(flags.minPoints);
  if (!Number.isInteger(minPoints) || minPoints < 0)
    throw new UsageError(`--min-points must be a whole number, not "${flags.minPoints}"`);
  const groups = groupsOf(flags.groups);
  if (flags.out !== undefined) await checkWritableFile('--out', flags.out);
  const frames = await readLabelledFrames(dir);
  const request = labelledTracks(frames, {
    keyframes: flags.keyframes,
    groups,
    minPoints,
  });
  if (request.objects.length === 0)
    throw new UsageError(`${dir} has no object with an id and a label of ${minPoints} points`);
  const engine = new FitEngine({ modelFolder: flags.modelFolder });
  try {
    await engine.warmUp();
    const lines = await linesOf(frames, request, engine, signal);
    if (flags.json) for (const line of lines) process.stdout.write(`${JSON.stringify(line)}\n`);
    else process.stdout.write(`${summaryOf(lines, request)}\n`);
    if (flags.out !== undefined)
      await writeFile(flags.out, `${JSON.stringify(filled(frames, request, lines), null, 1)}\n`);
  } finally {
    await engine.close();
  }
}

async function linesOf(
  frames: readonly LabelledFrame[],
  request: TrackTask,
  engine: FitEngine,
  signal: AbortSignal,
): Promise<TrackLine[]> {
  const fits = labelledFrameFits(frames, async (asked) => {
    const answer = await engine.fit(asked, { signal, deadline: Number.POSITIVE_INFINITY });
    return answer.method === 'model' ? { box: answer.box, score: answer.rawScore ?? answer.score } : null;
  });
  const progress = createProgress();
  const lines: TrackLine[] = [];
  const all = frames.length * request.objects.length;
  let asked = 0;
  const counted = {
    readAhead: fits.readAhead,
    async ask(...args: Parameters<typeof fits.ask>) {
      const answer = await fits.ask(...args);
      // Keyframes and static test ask each frame once; moving objects are asked for once more.
      asked += args[1].length;
      progress.update(Math.min(1, asked / (1.3 * all)), `frame ${args[0]} of ${frames.length}`);
      return answer;
    },
  };
  try {
    for await (const line of follow(request, counted, { signal })) lines.push(line);
  } finally {
    progress.stop();
  }
  return lines;
}

/** Objects that moved and stood, and the frames in which each status was reached. */
function summaryOf(lines: readonly TrackLine[], { frames, objects }: TrackTask): string {
  const heads = lines.flatMap((line) => ('track' in line ? line.track : []));
  const standing = heads.filter((head) => head.static).length;
  const counts = new Map<string, number>();
  for (const line of finals(lines)) {
    const what = 'lost' in line ? (isErrorCode(line) ? 'failed' : 'lost') : line.status;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  const shown = [...counts].map(([what, count]) => `${count} ${what}`).join(', ');
  const odd = heads.filter(({ disagreements }) => disagreements !== undefined).length;
  return [
    `${objects.length} objects through ${frames.length} frames: ${heads.length - standing} moved, ${standing} static`,
    `boxes: ${shown}`,
    ...(odd > 0 ? [`${odd} objects have keyframes that disagree`] : []),
  ].join('\n');
}

/** The frames as a labelled-frames index, with the tracks' boxes in place of their labels. */
function filled(frames: readonly LabelledFrame[], request: TrackTask, lines: readonly TrackLine[]) {
  const classes = new Map(request.objects.map(({ id, class: name }) => [id, name]));
  const boxes = finals(lines).filter((line): line is TrackBox => 'box' in line);
  return {
    frames: frames.map(({ id, file, pose, timestamp, source, scene, sensor }, k) => ({
      id,
      points: file.split('/').at(-1),
      format: 'f32le-xyzi',
      ...(pose !== null && { pose }),
      ...(timestamp !== undefined && { timestamp }),
      source,
      scene,
      ...(sensor !== undefined && { sensor }),
      objects: boxes
        .filter(({ frame }) => frame === k)
        .map(({ id: object, box, points, status, score }) => ({
          id: object,
          class: classes.get(object),
          ...box,
          numPoints: points,
          status,
          score,
        })),
    })),
  };
}

function finals(lines: readonly TrackLine[]): (TrackBox | TrackLost)[] {
  return lines.filter((line): line is TrackBox | TrackLost => 'frame' in line && line.final);
}

function isErrorCode({ detail }: TrackLost): boolean {
  return detail !== undefined;
}

function groupsOf(text: string | undefined): LabelGroup[] {
  if (text === undefined) return LABEL_GROUPS.filter((group) => group !== 'other');
  return text.split(',').map((part) => {
    const found = LABEL_GROUPS.find((group) => group === part.trim());
    if (found === undefined)
      throw new UsageError(
        `--groups must be one or more of ${LABEL_GROUPS.join(', ')}, not "${part.trim()}"`,
      );
    return found;
  });
}
