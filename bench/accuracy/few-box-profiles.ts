/** Profiles made of a few boxes of a set, tried on all its other objects. */
import { type Box, iou3d } from '../../inference/boxes/index.ts';
import type { ProfilePair } from '../../inference/fit/index.ts';
import { estimateGround } from '../../inference/ground/index.ts';
import type { NetworkFit } from '../../inference/network/index.ts';
import {
  type AcceptedBox,
  applyProfile,
  type Profile,
  profileOfBoxes,
} from '../../inference/profiles/index.ts';
import type { LabelledClick } from '../kit/index.ts';

/** A click, its box without a profile, and what the adaptation needs. */
export interface AnsweredClick {
  readonly click: LabelledClick;
  readonly box: Box;
  readonly class: LabelledClick['class'];
  readonly ground: ReturnType<typeof estimateGround>;
  readonly iou: number;
}

export async function answerClicks(
  network: NetworkFit,
  clicks: readonly LabelledClick[],
): Promise<AnsweredClick[]> {
  const answered: AnsweredClick[] = [];
  for (const click of clicks) {
    const { box, class: found } = await network.fit(click.request);
    const { positions, count } = click.request.crop;
    const ground = estimateGround(positions, count, [box.center[0], box.center[1]]);
    answered.push({ click, box, class: found, ground, iou: iou3d(box, click.truth) });
  }
  return answered;
}

/** 3D IoUs of the same clicks without and with a profile. */
export interface ProfileDraw {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** A profile of the boxes of `size` random objects among the clicks, and the names of these objects. */
export function profileOfSome(
  clicks: readonly LabelledClick[],
  size: number,
  trainingProfile: Profile,
  random: () => number,
): { readonly pair: ProfilePair; readonly objects: ReadonlySet<string> } {
  const byObject = [...new Map(clicks.map((click) => [click.object, click])).values()];
  const order = byObject.map((each) => [random(), each] as const).sort((a, b) => a[0] - b[0]);
  const chosen = order.slice(0, size).map(([, each]) => each);
  const { profile } = profileOfBoxes(chosen.map(acceptedOf), { given: null, towards: trainingProfile });
  return {
    pair: { own: profile.classes, trainingProfile: trainingProfile.classes },
    objects: new Set(chosen.map(({ object }) => object)),
  };
}

/**
 * One draw: the profile of `size` random objects, tried on the clicks at all other objects. A network that
 * heeds profiles is asked again, the boxes of others are adapted.
 */
export async function drawProfile(
  network: NetworkFit,
  answered: readonly AnsweredClick[],
  size: number,
  trainingProfile: Profile,
  random: () => number,
): Promise<ProfileDraw> {
  const clicks = answered.map(({ click }) => click);
  const { pair, objects } = profileOfSome(clicks, size, trainingProfile, random);
  const rest = answered.filter(({ click }) => !objects.has(click.object));
  const after: number[] = [];
  for (const each of rest) {
    const { request, truth } = each.click;
    const { box } = network.heedsProfile
      ? await network.fit({ ...request, profile: pair })
      : { box: adapted(each, pair) };
    after.push(iou3d(box, truth));
  }
  return { before: rest.map(({ iou }) => iou), after };
}

function adapted({ click, box, class: found, ground }: AnsweredClick, pair: ProfilePair): Box {
  const [own, trainingProfile] = [pair.own[found], pair.trainingProfile[found]];
  if (own === undefined || trainingProfile === undefined) return box;
  return applyProfile(box, { own, trainingProfile }, click.request.crop, ground, false);
}

function acceptedOf({ truth, request, class: name }: LabelledClick): AcceptedBox {
  const { positions, count } = request.crop;
  const points = positions.slice(0, 3 * count).map((value, i) => value - truth.center[i % 3]!);
  return { box: truth, class: name, points };
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function shareAt70(ious: readonly number[]): number {
  return ious.filter((iou) => iou >= 0.7).length / ious.length;
}
