/**
 * The HTTP contract of Supervisely's "custom 3D AI assistant": its labelling tool asks these routes for
 * cuboids. What the question is refused for is said in `error` of an answer with status 200, as the
 * platform's own example does; what is no question of theirs gets a problem document.
 */
import { type ErrorCode, isNearboxError, NearboxError } from '../../../../cache/index.ts';
import { DEFAULT_QUESTION, type Predictor } from '../../../../inference/index.ts';
import {
  superviselyClickSchema,
  superviselyCloudSchema,
  superviselyCuboidSchema,
  superviselyWarmedSchema,
} from '../../../api/index.ts';
import type { Lifecycle } from '../../../lifecycle/index.ts';
import type { ModelChoice } from '../../../models/index.ts';
import { superviselyCuboid } from '../../converters/index.ts';
import type { Metrics } from '../../metrics/index.ts';
import { requireReady } from '../../middleware/index.ts';
import { jsonBody } from '../../requests/index.ts';
import type { Route } from '../../route/index.ts';
import { modelFor, PREDICTION_COST } from '../predictions/index.ts';
import type { Prefetcher } from '../prefetch/index.ts';

/** Stands for the number of the point cloud in `superviselyClouds`. */
const PCD_ID = '{pcd_id}';

const BODY_ERRORS: readonly ErrorCode[] = [
  'invalid_request',
  'body_too_large',
  'unsupported_media_type',
  'overloaded',
];

export interface SuperviselyOptions {
  readonly predictor: Pick<Predictor, 'predict'>;
  readonly models: ModelChoice;
  readonly prefetcher: Prefetcher;
  readonly lifecycle: Lifecycle;
  readonly metrics: Metrics;
  readonly maxBodyBytes: number;
  /**
   * The id of the cloud that a point cloud of the platform is here, with `{pcd_id}` in it. Left out: there
   * are no such routes.
   */
  readonly superviselyClouds?: string | undefined;
}

export function superviselyRoutes(options: SuperviselyOptions): Route[] {
  const { superviselyClouds, predictor, models, prefetcher, lifecycle, metrics, maxBodyBytes } = options;
  if (superviselyClouds === undefined) return [];
  const cloudOf = (pcdId: number) => superviselyClouds.replaceAll(PCD_ID, String(pcdId));
  /** The `error` of an answer; null where there is only nothing to propose. */
  const refusal = (error: unknown): string | null => {
    if (!isNearboxError(error)) throw error;
    metrics.countError(error.code);
    return error.code === 'region_empty' ? null : `${error.code}: ${error.message}`;
  };
  return [
    {
      method: 'POST',
      path: '/get_labeling_proposal',
      access: 'clouds',
      cost: PREDICTION_COST,
      handler: async (c, scope) => {
        const { access, signal, deadline } = scope;
        const { state } = await jsonBody(c, superviselyClickSchema, maxBodyBytes, scope);
        const cloud = cloudOf(state.pcd_id);
        access.require(cloud);
        requireReady(lifecycle);
        const answer = await predictor
          .predict({
            cloud,
            region: { type: 'click', position: state.click_coordinate },
            ...DEFAULT_QUESTION,
            model: modelFor({ cloud }, models, scope),
            signal,
            deadline,
          })
          .then(
            ({ box }) => ({ result: superviselyCuboid(box), error: null }),
            (error: unknown) => ({ result: null, error: refusal(error) }),
          );
        return c.json(answer, 200, { 'cache-control': 'no-store' });
      },
      operations: [
        {
          path: '/get_labeling_proposal',
          id: 'superviselyClick',
          summary: 'Supervisely: the cuboid of the object at a click',
          tag: 'supervisely',
          body: superviselyClickSchema,
          example: { state: { pcd_id: 0, click_coordinate: [-7.2, 5.4, -1.1] } },
          answers: {
            200: { description: 'The cuboid, or why there is none', content: superviselyCuboidSchema },
          },
          errors: BODY_ERRORS,
        },
      ],
    },
    {
      method: 'POST',
      path: '/generate_clusters',
      access: 'clouds',
      handler: async (c, scope) => {
        const { access } = scope;
        const { state } = await jsonBody(c, superviselyCloudSchema, maxBodyBytes, scope);
        const cloud = cloudOf(state.pcd_id);
        access.require(cloud);
        requireReady(lifecycle);
        prefetcher.add([{ cloud, region: null }]);
        return c.json({ result: null, error: null }, 200, { 'cache-control': 'no-store' });
      },
      operations: [
        {
          path: '/generate_clusters',
          id: 'superviselyPrepare',
          summary: 'Supervisely: a cloud was opened; it is prefetched',
          tag: 'supervisely',
          body: superviselyCloudSchema,
          example: { state: { pcd_id: 0 } },
          answers: { 200: { description: 'It was taken note of', content: superviselyWarmedSchema } },
          errors: BODY_ERRORS,
        },
      ],
    },
    ...Object.entries(NOT_POSSIBLE).map(
      ([path, { id, summary, why }]): Route => ({
        method: 'POST',
        path,
        access: 'key',
        handler: async () => {
          throw new NearboxError('not_implemented', why);
        },
        operations: [{ path, id, tag: 'supervisely', summary, answers: {}, errors: ['not_implemented'] }],
      }),
    ),
  ];
}

const OTHER_ORDER =
  'points are named by their place in the original file, and an octree keeps them in another order: nearbox cannot tell which they are. Click instead.';

/** Routes of the contract that an octree or this server has no answer to. */
const NOT_POSSIBLE = {
  '/interactive_3d_detection': {
    id: 'superviselyLasso',
    summary: 'Supervisely: the cuboid of the points in a lasso. Not possible',
    tag: 'supervisely',
    why: OTHER_ORDER,
  },
  '/segment_ground': {
    id: 'superviselyGround',
    summary: 'Supervisely: the points of the ground. Not possible',
    tag: 'supervisely',
    why: OTHER_ORDER,
  },
  '/track': {
    id: 'superviselyTrack',
    summary: 'Supervisely: cuboids through frames. Not built',
    tag: 'supervisely',
    why: 'tracks are fetched from and written to the platform by the assistant; nearbox calls no other service. See POST /v1/tracks.',
  },
  '/transfer_masks_to_pcd': {
    id: 'superviselyMasks',
    summary: 'Supervisely: cuboids of what was marked in a photo. Not built',
    tag: 'supervisely',
    why: 'marks in photos are fetched from the platform by the assistant; nearbox calls no other service, and reads no images.',
  },
} as const;
