/** Objects carried through the frames of a sequence, line by line. */
import { isNearboxError, linkedSignal, NearboxError } from '../../../../cache/index.ts';
import { requireSound, type Tracker, type TrackQuestion } from '../../../../inference/index.ts';
import { type TrackQuestionBody, trackLineSchema, trackSchema } from '../../../api/index.ts';
import type { Lifecycle } from '../../../lifecycle/index.ts';
import type { ModelChoice } from '../../../models/index.ts';
import type { Log } from '../../../observability/index.ts';
import { toNearboxError } from '../../answers/index.ts';
import type { Metrics } from '../../metrics/index.ts';
import { requireReady } from '../../middleware/index.ts';
import { ClientGone, jsonBody } from '../../requests/index.ts';
import { type RequestScope, type Route, timeoutMsOf } from '../../route/index.ts';
import { lineStream } from './line-stream.ts';

export interface TrackRouteOptions {
  readonly tracker: Pick<Tracker, 'track'>;
  readonly models: ModelChoice;
  readonly lifecycle: Lifecycle;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly maxBodyBytes: number;
  /** Deadline of a track that names none in `Timeout-Ms`, and the longest that it may name, milliseconds. */
  readonly trackTimeoutMs: number;
  /** Tracks that are made at once; one more is refused as `overloaded`. */
  readonly maxTracks: number;
}

/** Points of the rate limit for an object in a frame: its fits are short, since its size is known. */
const TRACK_COST = 2;

const RETRY_AFTER_SECONDS = 5;

export function trackRoutes(options: TrackRouteOptions): Route[] {
  let running = 0;
  return [
    {
      method: 'POST',
      path: '/v1/tracks',
      access: 'clouds',
      cost: TRACK_COST,
      timeoutMs: options.trackTimeoutMs,
      handler: async (c, scope) => {
        const body = await jsonBody(c, trackSchema, options.maxBodyBytes, scope);
        for (const { cloud } of body.frames) scope.access.require(cloud);
        const callersReason = () => new ClientGone();
        const { signal, abort, close } = linkedSignal(c.req.raw.signal, { callersReason });
        const question = toQuestion(body, scope, signal, c.req.header('timeout-ms'), options);
        requireQuestion(question, body);
        await scope.quota.spend(TRACK_COST * (body.frames.length * question.objects.length - 1));
        requireReady(options.lifecycle);
        if (performance.now() >= question.deadline)
          throw new NearboxError('deadline_exceeded', 'the deadline passed before the first line');
        if (running >= options.maxTracks)
          throw new NearboxError('overloaded', `${running} tracks are running, which is the limit`, {
            retryAfterSeconds: RETRY_AFTER_SECONDS,
          });
        const lines = options.tracker.track(question);
        running++;
        let isOpen = true;
        const stream = lineStream(lines, {
          onLeave: () => abort(callersReason()),
          onEnd(error) {
            if (!isOpen) return;
            isOpen = false;
            running--;
            close();
            if (error !== undefined) noteFailure(error, options, scope);
          },
        });
        return c.body(stream, 200, {
          'content-type': 'application/x-ndjson',
          'cache-control': 'no-store',
          // Nginx holds answers back otherwise.
          'x-accel-buffering': 'no',
        });
      },
      operations: [
        {
          path: '/v1/tracks',
          id: 'track',
          summary: 'Objects through the frames of a sequence',
          tag: 'predictions',
          headers: ['Nearbox-Cloud'],
          body: trackSchema,
          example: EXAMPLE,
          answers: {
            200: {
              description:
                'A line for each object, lines of boxes and lost frames, and a last line `{"done":true}`',
              content: { mediaType: 'application/x-ndjson', schema: trackLineSchema },
            },
          },
          errors: [
            'invalid_request',
            'body_too_large',
            'unsupported_media_type',
            'too_many_requests',
            'overloaded',
          ],
        },
      ],
    },
  ];
}

/** On the built-in demo. */
const EXAMPLE = {
  frames: [{ cloud: '000000' }, { cloud: '000001' }],
  keyframes: [{ frame: 0, box: { center: [-7.2, 5.4, -0.95], size: [4.2, 1.8, 1.5], yaw: 0 } }],
  class: 'car',
};

/** The only object of a question in the short form. */
interface ShortForm extends Omit<NonNullable<TrackQuestionBody['objects']>[number], 'id'> {
  readonly id: null;
}

function toQuestion(
  body: TrackQuestionBody,
  { startedAt, access }: RequestScope,
  signal: AbortSignal,
  timeoutMs: string | undefined,
  { trackTimeoutMs, models }: TrackRouteOptions,
): TrackQuestion {
  const limits = { timeoutMs: trackTimeoutMs, maxTimeoutMs: trackTimeoutMs };
  const { frames, direction = 'both', range = [0, frames.length - 1], profile, model } = body;
  const objects = body.objects ?? [{ id: null, class: body.class, keyframes: body.keyframes! }];
  return {
    frames,
    objects: objects.map((object: NonNullable<TrackQuestionBody['objects']>[number] | ShortForm) => ({
      id: object.id,
      class: object.class ?? null,
      keyframes: object.keyframes.map((key) => ({ ...key, confirmed: key.confirmed ?? true })),
      locked: object.locked ?? [],
      absent: object.absent ?? [],
      static: object.static,
    })),
    direction,
    range,
    profile: profile ?? null,
    // One version for all frames.
    model: models.versionFor({
      model: model ?? null,
      caller: access.caller.name,
      cloud: frames[0]!.cloud,
    }),
    signal,
    deadline: startedAt + timeoutMsOf(timeoutMs, limits),
  };
}

/** @throws NearboxError `invalid_request`, with paths as the body has them */
function requireQuestion(question: TrackQuestion, { objects }: TrackQuestionBody): void {
  try {
    requireSound(question);
  } catch (error) {
    if (objects !== undefined || !isNearboxError(error)) throw error;
    const fields = (error.fields ?? []).map(({ path, message }) => ({
      path: path.replace(/^objects\[0\]\./, ''),
      message,
    }));
    const message = error.message.replaceAll('objects[0].', '');
    throw new NearboxError('invalid_request', message, { fields });
  }
}

/**
 * The answer has begun: what goes wrong now is for the log and the metrics, and the stream ends without its
 * last line.
 */
function noteFailure(thrown: unknown, { log, metrics }: TrackRouteOptions, { id }: RequestScope): void {
  if (thrown instanceof ClientGone) return;
  const error = toNearboxError(thrown);
  metrics.countError(error.code);
  log.error('a track was cut off', { requestId: id, code: error.code, error: thrown });
}
