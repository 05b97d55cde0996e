/**
 * The geometric fit: removes the ground, grows regions from the hint, fits rectangles, completes unseen sides
 * by usual sizes, and chooses the box that explains the scan best. Deterministic, without learned weights. It
 * is the baseline of every table, and the answer when the network has none.
 */
import { type Box, insideTest, type Vec2, type Vec3, wrapAngle } from '../boxes/index.ts';
import type { ObjectClass } from '../classes/index.ts';
import type { FitAnswer, FitRequest, Hint } from '../fit/index.ts';
import { groundHeight } from '../ground/index.ts';
import { type Columns, columnAt, columnsAround } from './columns.ts';
import type { Rays } from './evidence.ts';
import { grow } from './growth.ts';
import { heading } from './heading.ts';
import {
  ANY_PRIOR,
  bestHypothesis,
  CLASS_PRIORS,
  type ClassPrior,
  classPrior,
  combined,
  type Hypothesis,
  type HypothesisQuestion,
  roughExpectedIou,
  SIZE_GROUPS,
  type SizeGroup,
} from './hypotheses/index.ts';
import { QUARTER_TURN, type YawRange } from './rectangle.ts';
import { type PlainHint, type PlainRequest, readScene, type Scene } from './scene.ts';
import { shadeOf } from './shade.ts';

/** Largest turn error of a loose box, radians. */
const BOX_TURN_RADIANS = (30 * Math.PI) / 180;
/** Largest error of its centre on each axis, metres, and the factor by which a side may be too short. */
const BOX_OFF_METRES = 0.35;
const BOX_SHORT = 1.15;
/** Sideways shift of a turned side's end, as a share of its length: half of the sine of 20 degrees. */
const BOX_SKEW = 0.17;
/** Standard deviation of a loose box's sides, as a share of them. */
const BOX_SPREAD = 0.2;
/**
 * Gaps that region growing bridges, metres: a base plus a part of the range, as rings lie farther apart
 * there; then wider ones.
 */
const GAP_METRES = { base: 0.15, perMetre: 0.006, least: 0.2, most: 0.6, wider: [1, 1.6, 2.5] };
const UNKNOWN_RANGE_METRES = 15;
/** Points at most this much farther from the click than the nearest one are seeds too, metres. */
const SEED_MARGIN_METRES = 0.15;
const MOST_RAYS = 800;

/**
 * Fits a box to the object at the hint. @throws NearboxError `region_empty` if the crop has no finite point
 * near it
 */
export function fitGeometric(asked: FitRequest): FitAnswer {
  const request: PlainRequest = { ...asked, hint: plainHint(asked.hint) };
  const scene = readScene(request);
  const { hint } = request;
  const box = hint.type === 'box' ? hint.box : null;
  const yaws: YawRange = box
    ? { from: box.yaw - BOX_TURN_RADIANS, to: box.yaw + BOX_TURN_RADIANS }
    : QUARTER_TURN;
  const rays = scene.sensor ? raysNear(scene, scene.sensor) : null;
  const shade = scene.sensor ? shadeOf(scene.obstacles, [scene.sensor[0], scene.sensor[1]]) : null;
  const clicks = hint.type === 'click' ? [{ position: hint.position, inside: true }, ...hint.also] : [];
  let best: { hypothesis: Hypothesis; columns: Columns } | null = null;
  for (const { group, priors } of candidates(request)) {
    const columns = groupColumns(request, scene, group);
    const question: HypothesisQuestion = {
      scene,
      rays,
      shade,
      priors,
      size: request.size,
      yaws,
      axis: box ? box.yaw : null,
      clicks,
    };
    for (const region of regions(request, scene, columns, group)) {
      const bound: number = best?.hypothesis.cost ?? Number.POSITIVE_INFINITY;
      const hypothesis = bestHypothesis(question, columns, region, bound);
      if (hypothesis) best = { hypothesis, columns };
    }
  }
  if (!best) return fallbackFit(request, scene);
  return answer(request, scene, best.hypothesis, best.columns);
}

/** Treats a lasso with an outline as a loose box, and one without as a click. */
function plainHint(hint: Hint): PlainHint {
  if (hint.type !== 'lasso') return hint;
  if (hint.outline === null) return { type: 'click', position: hint.click, also: [] };
  return { type: 'box', box: hint.outline };
}

/** The classes to try, in groups of like size. A loose box's own size joins each prior. */
function candidates(request: PlainRequest): { group: SizeGroup; priors: ClassPrior[] }[] {
  const given = request.hint.type === 'box' ? request.hint.box.size : null;
  const wanted = (name: ObjectClass) => request.class === null || request.class === name;
  const groups = SIZE_GROUPS.flatMap((group) => {
    const priors = [...CLASS_PRIORS, ANY_PRIOR].filter(
      (prior) => group.classes.includes(prior.class) && wanted(prior.class),
    );
    return priors.length > 0 ? [{ group, priors }] : [];
  });
  if (!given) return groups;
  const spread: Vec3 = [given[0] * BOX_SPREAD, given[1] * BOX_SPREAD, given[2] * BOX_SPREAD];
  return groups.map(({ group, priors }) => ({
    group,
    priors: priors.map((prior) => ({
      ...prior,
      ...combined(prior, given, spread),
      share: prior.share * Math.exp(-disagreement(prior, given, spread)),
    })),
  }));
}

function disagreement(prior: ClassPrior, given: Vec3, spread: Vec3): number {
  let sum = 0;
  for (let k = 0; k < 3; k++)
    sum += (prior.mean[k]! - given[k]!) ** 2 / (prior.spread[k]! ** 2 + spread[k]! ** 2) / 2;
  return Math.min(sum, 50);
}

function groupColumns(request: PlainRequest, scene: Scene, group: SizeGroup): Columns {
  const { hint } = request;
  const { obstacles, middle } = scene;
  const place: Vec2 = [middle[0], middle[1]];
  const around = (reach: number, keep?: (index: number) => boolean) =>
    columnsAround(obstacles, place, reach, group.height, keep);
  if (hint.type === 'click') return around(group.reach);
  if (hint.type === 'sphere') {
    const limit = hint.radius ** 2;
    const reach = Math.min(group.reach, hint.radius);
    return around(
      reach,
      (i) =>
        (obstacles.x[i]! - middle[0]) ** 2 +
          (obstacles.y[i]! - middle[1]) ** 2 +
          (obstacles.z[i]! - middle[2]) ** 2 <=
        limit,
    );
  }
  const loose = widened(hint.box);
  const inside = insideTest(loose);
  return around(Math.hypot(loose.size[0], loose.size[1]) / 2, (i) =>
    inside(obstacles.x[i]!, obstacles.y[i]!, obstacles.z[i]!),
  );
}

/** Regions grown from the hint, over increasingly wide gaps. */
function regions(request: PlainRequest, scene: Scene, columns: Columns, group: SizeGroup): Uint8Array[] {
  const { hint } = request;
  if (columns.count === 0) return [];
  const range = scene.sensor
    ? Math.hypot(scene.sensor[0] - scene.middle[0], scene.sensor[1] - scene.middle[1])
    : UNKNOWN_RANGE_METRES;
  const gap = Math.max(
    GAP_METRES.least,
    Math.min(GAP_METRES.most, GAP_METRES.base + GAP_METRES.perMetre * range),
  );
  const gaps = GAP_METRES.wider.map((factor) => gap * factor);
  const seedsAt = (position: Vec3, most: number) => seeds(scene, columns, group, position, most);
  if (hint.type === 'click') {
    const sides = (inside: boolean) =>
      hint.also.filter((click) => click.inside === inside).flatMap((click) => seedsAt(click.position, 0.5));
    return grow(columns, [...seedsAt(hint.position, group.reach), ...sides(true)], sides(false), gaps);
  }
  const all = new Uint8Array(columns.count).fill(1);
  if (hint.type === 'sphere') {
    return [...grow(columns, seedsAt(hint.center, hint.radius), [], gaps), all];
  }
  const inside = insideTest({ ...hint.box, size: [hint.box.size[0], hint.box.size[1], 1e6] });
  const core: number[] = [];
  const own = new Uint8Array(columns.count);
  for (let k = 0; k < columns.count; k++) {
    if (!inside(columns.x[k]!, columns.y[k]!, hint.box.center[2])) continue;
    own[k] = 1;
    core.push(k);
  }
  return core.length > 0 ? [own, ...grow(columns, core, [], gaps), all] : [all];
}

/** The loose box enlarged by its largest errors, so that it contains the object. */
function widened(box: Box): Box {
  const [length, width, height] = box.size;
  return {
    ...box,
    size: [
      length * BOX_SHORT + BOX_SKEW * width + 2 * BOX_OFF_METRES,
      width * BOX_SHORT + BOX_SKEW * length + 2 * BOX_OFF_METRES,
      height * BOX_SHORT + 2 * BOX_OFF_METRES,
    ],
  };
}

/** Columns of the points nearest to a place, at most `most` metres from it. */
function seeds(scene: Scene, columns: Columns, group: SizeGroup, position: Vec3, most: number): number[] {
  const { obstacles } = scene;
  const near: { column: number; distance: number }[] = [];
  let least = most;
  for (let i = 0; i < obstacles.count; i++) {
    if (obstacles.height[i]! > group.height) continue;
    const dx = obstacles.x[i]! - position[0];
    const dy = obstacles.y[i]! - position[1];
    const dz = obstacles.z[i]! - position[2];
    const squared = dx * dx + dy * dy + dz * dz;
    if (squared > (least + SEED_MARGIN_METRES) ** 2) continue;
    const column = columnAt(columns, obstacles.x[i]!, obstacles.y[i]!);
    if (column < 0) continue;
    const distance = Math.sqrt(squared);
    near.push({ column, distance });
    least = Math.min(least, distance);
  }
  return [...new Set(near.filter((n) => n.distance <= least + SEED_MARGIN_METRES).map((n) => n.column))];
}

/** Rays that pass near the hint; of many, every n-th. */
function raysNear(scene: Scene, sensor: Vec3): Rays {
  const dx = scene.middle[0] - sensor[0];
  const dy = scene.middle[1] - sensor[1];
  const range = Math.hypot(dx, dy) || 1;
  const near: number[] = [];
  for (let i = 0; i < scene.ends.length; i += 3) {
    const ex = scene.ends[i]! - sensor[0];
    const ey = scene.ends[i + 1]! - sensor[1];
    const ahead = (ex * dx + ey * dy) / range;
    const aside = Math.abs(ey * dx - ex * dy) / range;
    if (ahead > 0 && aside * range < 6 * ahead) near.push(i);
  }
  const count = Math.min(MOST_RAYS, near.length);
  const ends = new Float64Array(3 * count);
  for (let k = 0; k < count; k++) {
    const i = near[Math.floor((k * near.length) / count)]!;
    ends.set(scene.ends.subarray(i, i + 3), 3 * k);
  }
  return { from: sensor, ends };
}

function answer(request: PlainRequest, scene: Scene, best: Hypothesis, columns: Columns): FitAnswer {
  const eye: Vec2 | null = scene.sensor ? [scene.sensor[0], scene.sensor[1]] : null;
  const [x, y] = best.box.center;
  const footprint = { x, y, length: best.box.size[0], width: best.box.size[1], yaw: best.box.yaw };
  const given = request.hint.type === 'box' ? request.hint.box.yaw : null;
  const yaw = heading(columns, footprint, best.class, eye, given);
  return {
    box: { ...best.box, yaw },
    class: best.class,
    score: roughExpectedIou(best),
    ground: scene.groundFound ? groundHeight(scene.plane, x, y) : null,
  };
}

/** Answer where nothing stands at the hint: a box of usual size there, or the loose box as given. */
function fallbackFit(request: PlainRequest, scene: Scene): FitAnswer {
  const { hint } = request;
  const prior = classPrior(request.class ?? 'car');
  const size = request.size ?? (hint.type === 'box' ? hint.box.size : prior.mean);
  const [x, y] = scene.middle;
  const ground = groundHeight(scene.plane, x, y);
  const box: Box = {
    center: [x, y, ground + size[2] / 2],
    size,
    yaw: hint.type === 'box' ? wrapAngle(hint.box.yaw) : 0,
  };
  return {
    box,
    class: request.class ?? prior.class,
    score: hint.type === 'box' ? 0.2 : 0.05,
    ground: scene.groundFound ? ground : null,
  };
}
