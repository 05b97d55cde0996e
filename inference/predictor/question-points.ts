/** Reads the points that a question needs, and finds its hint among them. */
import { NearboxError } from '../../cache/index.ts';
import { type CloudReader, joinedCost, type PointsView, type Region } from '../../octree/index.ts';
import type { Crop, Hint } from '../fit/index.ts';
import { readLasso } from '../lassos/index.ts';
import { contextOf, hintOf, type LassoHintRegion, lassoReach, regionCentre } from './hint-of-region.ts';
import type { Question } from './question.ts';

/** The points for the fit, and what it took to read them. */
export interface QuestionPoints {
  /** To be released. */
  readonly view: Pick<PointsView, 'cloud' | 'cost' | 'timings' | 'countInSlices' | 'verified' | 'release'>;
  /** Points in the region; without any there is no answer. */
  readonly inRegion: number;
  readonly crop: Crop;
  readonly hint: Hint;
  readonly cropMs: number;
  readonly isTruncated: boolean;
}

/**
 * @param lassoPoints points of a lasso on the screen that are read, near-first
 * @throws what the reader throws, and `region_empty` for a lasso round nothing
 */
export async function readQuestionPoints(
  reader: CloudReader,
  question: Question,
  lassoPoints: number,
): Promise<QuestionPoints> {
  const { region, signal, onStage } = question;
  if (region.type === 'polygon' || region.type === 'frustum')
    return readLassoPoints(reader, question, region, lassoPoints);
  const context = contextOf(region);
  const view = await reader.read(question.cloud, [region, context], {
    signal,
    onStage,
    verifiesLater: true,
    isReleased: true,
  });
  return releasedIfItFails(view, async () => {
    const cropStart = performance.now();
    const origin = regionCentre(region);
    const crop: Crop = { origin, ...(await view.cropInSlices(context, origin, { signal })) };
    // After the crop: its points are fewer.
    const inRegion = await view.countInSlices(region, { signal });
    const hint = hintOf(region, origin);
    const cropMs = performance.now() - cropStart;
    onStage?.({ stage: 'crop', ms: cropMs });
    return { view, inRegion, crop, hint, cropMs, isTruncated: false };
  });
}

/** What `work` makes of a view that its caller will release; if it fails, the view is released here. */
async function releasedIfItFails<Value>(view: PointsView, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    view.release();
    throw error;
  }
}

/**
 * Two reads: the points in the lasso tell where its object is, the second reads what is around that. Both are
 * of one version of the cloud, or the reading starts again.
 */
async function readLassoPoints(
  reader: CloudReader,
  question: Question,
  region: LassoHintRegion,
  lassoPoints: number,
  attempt = 1,
): Promise<QuestionPoints> {
  const { cloud, signal, onStage } = question;
  const budget = region.type === 'frustum' ? { pointBudget: lassoPoints } : {};
  const inside = await reader.read(cloud, [region], { signal, onStage, isReleased: true, ...budget });
  const lassoStart = performance.now();
  const lasso = await readLasso(inside, region, signal).finally(() => inside.release());
  if (lasso === null) throw emptyRegion(question);
  const lassoMs = performance.now() - lassoStart;
  onStage?.({ stage: 'crop', ms: lassoMs });
  const { origin, hint, count } = lasso;
  const context: Region = { type: 'sphere', center: origin, radius: lassoReach(hint) };
  const around = await reader.read(cloud, [region, context], {
    signal,
    onStage,
    verifiesLater: true,
    isReleased: true,
    ...budget,
  });
  if (around.cloud.version !== inside.cloud.version) {
    around.release();
    if (attempt < 2) return readLassoPoints(reader, question, region, lassoPoints, attempt + 1);
    throw new NearboxError('cloud_changed', `${cloud} changed twice while it was read`);
  }
  const cropStart = performance.now();
  const cropped = await releasedIfItFails(around, () => around.cropInSlices(context, origin, { signal }));
  const crop: Crop = { origin, ...cropped };
  const cropMs = performance.now() - cropStart;
  onStage?.({ stage: 'crop', ms: cropMs });
  return {
    view: both(inside, around),
    inRegion: count,
    crop,
    hint,
    cropMs: lassoMs + cropMs,
    isTruncated: inside.isTruncated,
  };
}

/** Points that were read a second time, with the cost of both reads. */
export function readAgain(first: QuestionPoints, second: QuestionPoints): QuestionPoints {
  return { ...second, cropMs: first.cropMs + second.cropMs, view: both(first.view, second.view) };
}

/** Two reads of one cloud as one; the second needs what the first did and more. */
function both(
  first: Pick<QuestionPoints['view'], 'cost' | 'timings'>,
  second: QuestionPoints['view'],
): QuestionPoints['view'] {
  return {
    cloud: second.cloud,
    cost: joinedCost(first.cost, second.cost),
    timings: {
      resolveMs: first.timings.resolveMs + second.timings.resolveMs,
      fetchMs: first.timings.fetchMs + second.timings.fetchMs,
      decodeMs: first.timings.decodeMs + second.timings.decodeMs,
    },
    countInSlices: (region, options) => second.countInSlices(region, options),
    verified: second.verified,
    release: () => second.release(),
  };
}

export function emptyRegion({ cloud, region }: Question): NearboxError {
  return new NearboxError('region_empty', `no point of ${cloud} lies in the ${region.type}`);
}
