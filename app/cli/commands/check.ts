/** `nearbox check`: what of finished boxes is unlikely to be right, and where. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import type { Box } from '../../../inference/boxes/index.ts';
import {
  type BoxFinding,
  type CheckedFrame,
  checkBoxes,
  evidenceOf,
  findingText,
  REACH_METRES,
} from '../../../inference/checks/index.ts';
import { labelClass } from '../../../inference/classes/index.ts';
import { type LabelledFrame, readFramePoints, readLabelledFrames } from '../../../inference/frames/index.ts';
import type { ExchangeFrame } from '../../page/exchange/index.ts';
import type { Services } from '../../services/index.ts';
import { serverOptionsOf, withReadingFlags, withServices } from '../cloud-argument.ts';
import { EXIT_FAILED } from '../exit-codes.ts';
import { interruptible } from '../interrupt.ts';
import { readLabelFiles } from '../label-files.ts';
import { NearboxCommand } from '../nearbox-command.ts';

interface CheckFlags {
  readonly clouds?: string;
  readonly json?: boolean;
}

export function checkCommand(): Command {
  const command = new NearboxCommand('check')
    .description('finished boxes: overlaps, ground, sizes, jumps, points outside, ids that change class')
    .argument(
      '<INPUT...>',
      'a labelled-frames or KITTI training folder, or label files as `convert` reads them',
    )
    .option('--json', 'print the findings as JSON');
  return withReadingFlags(command).action((inputs: string[], flags: CheckFlags) =>
    interruptible(async (signal) => {
      const frames = await readChecked(inputs, flags, signal);
      const found = checkBoxes(frames);
      process.stdout.write(flags.json ? `${JSON.stringify({ findings: found })}\n` : report(frames, found));
      if (found.length > 0) process.exitCode = EXIT_FAILED;
    }),
  );
}

async function readChecked(
  inputs: readonly string[],
  flags: CheckFlags,
  signal: AbortSignal,
): Promise<CheckedFrame[]> {
  const [folder] = inputs;
  const hasPoints = ['index.json', 'velodyne'].some((name) => existsSync(path.join(folder!, name)));
  if (inputs.length === 1 && hasPoints) {
    const frames: CheckedFrame[] = [];
    for (const frame of await readLabelledFrames(folder!)) {
      signal.throwIfAborted();
      frames.push(await fromLabelled(frame));
    }
    return frames;
  }
  const { frames } = await readLabelFiles(inputs);
  if (flags.clouds === undefined) return frames.map((frame) => fromFile(frame, null));
  return withServices(
    flags.clouds,
    async (services) => {
      const checked: CheckedFrame[] = [];
      for (const frame of frames) checked.push(await withPoints(frame, services, signal));
      return checked;
    },
    serverOptionsOf(flags),
  );
}

async function fromLabelled(frame: LabelledFrame): Promise<CheckedFrame> {
  const points = await readFramePoints(frame);
  const boxes = frame.objects.map(({ center, size, yaw }): Box => ({ center, size, yaw }));
  return {
    id: frame.id,
    sequence: frame.scene,
    timestamp: frame.timestamp ?? null,
    pose: frame.pose,
    objects: frame.objects.map((object, k) => ({
      id: object.id,
      class: labelClass(object.class),
      box: boxes[k]!,
      evidence: evidenceOf(boxes[k]!, pointsNear(points, boxes[k]!), others(boxes, k)),
    })),
  };
}

/** x, y, z relative to a box's centre, of x, y, z, intensity. */
function pointsNear(points: Float32Array, { center: [cx, cy, cz] }: Box): Float32Array {
  const near: number[] = [];
  for (let i = 0; i < points.length; i += 4) {
    const [x, y, z] = [points[i]! - cx, points[i + 1]! - cy, points[i + 2]! - cz];
    if (Math.abs(x) <= REACH_METRES && Math.abs(y) <= REACH_METRES) near.push(x, y, z);
  }
  return new Float32Array(near);
}

function fromFile(
  { frame, labels }: ExchangeFrame,
  evidence: CheckedFrame['objects'][number]['evidence'],
): CheckedFrame {
  return {
    id: frame,
    sequence: path.posix.dirname(frame),
    timestamp: null,
    pose: null,
    objects: labels.map(({ id, class: name, box }) => ({ id, class: name, box, evidence })),
  };
}

async function withPoints(
  frame: ExchangeFrame,
  services: Services,
  signal: AbortSignal,
): Promise<CheckedFrame> {
  const { frame: place } = await services.reader.cloud(frame.frame, { signal });
  const checked = fromFile(frame, null);
  const boxes = checked.objects.map(({ box }) => box);
  const objects = await Promise.all(
    checked.objects.map(async (object, k) => {
      const { center } = object.box;
      const side = 2 * REACH_METRES;
      const region = { type: 'box', center, size: [side, side, side], yaw: 0 } as const;
      const { count, xyz } = await services.crop(frame.frame, region, signal);
      const near = new Float32Array(3 * count);
      for (let i = 0; i < near.length; i++) near[i] = xyz[i]! - center[i % 3]!;
      return { ...object, evidence: evidenceOf(object.box, near, others(boxes, k)) };
    }),
  );
  return { ...checked, timestamp: place.timestamp, pose: place.pose, objects };
}

function others(boxes: readonly Box[], k: number): Box[] {
  return boxes.filter((_, other) => other !== k);
}

function report(frames: readonly CheckedFrame[], found: readonly BoxFinding[]): string {
  const boxes = frames.reduce((count, { objects }) => count + objects.length, 0);
  const classOf = (finding: BoxFinding) =>
    frames.find(({ id }) => id === finding.frame)!.objects[finding.index]!.class;
  const lines = found.map(
    (finding) =>
      `${finding.frame}: ${classOf(finding)} ${finding.id ?? `#${finding.index + 1}`} ${findingText(finding)}\n`,
  );
  const sum = found.length === 0 ? 'nothing to look at' : `${found.length} to look at`;
  return `${lines.join('')}${boxes} boxes in ${frames.length} frames: ${sum}\n`;
}
