/** What a shard can be called for: the methods of its clouds and of its predictor, by name. */
import type { Predictor, Question, Tracker, TrackLine, TrackQuestion } from '../../inference/index.ts';
import type {
  CloudReader,
  DescribeOptions,
  FileRequest,
  Key,
  NodeOptions,
  PlanReadOptions,
  Region,
} from '../../octree/index.ts';
import { type Clouds, type CropOptions, LocalClouds, type StoredNodeOptions } from '../clouds/index.ts';
import type { CallAnswer, CallContext, ShardMethod } from './calls/index.ts';
import { type FileRange, OpenFiles } from './calls/index.ts';
import type { ShardRehearsal } from './rehearsal/index.ts';

/** What a method of a shard works with. */
export interface ShardServices {
  readonly reader: CloudReader;
  readonly predictor: Pick<Predictor, 'predict'>;
  readonly tracker: Pick<Tracker, 'track'>;
}

/** A question without what the border carries itself. */
export type SentQuestion = Omit<Question, 'signal' | 'deadline' | 'onStage'>;

/** The same of a track. */
export type SentTrackQuestion = Omit<TrackQuestion, 'signal' | 'deadline'>;

const answer = async (value: Promise<unknown>): Promise<CallAnswer> => ({ value: await value });

type TypedShardMethod<Args extends readonly unknown[]> = (
  args: Args,
  context: CallContext,
) => Promise<CallAnswer>;

const method = <Args extends readonly unknown[]>(run: TypedShardMethod<Args>) =>
  run as unknown as ShardMethod;

export function shardMethods({ reader, predictor, tracker }: ShardServices) {
  const clouds: Clouds = new LocalClouds(reader);
  const files = new OpenFiles(clouds.files);
  return {
    predict: method<[SentQuestion]>(([question], context) =>
      answer(predictor.predict({ ...question, ...context })),
    ),
    track: method<[SentTrackQuestion]>(async ([question], { signal, deadline }) => ({
      value: null,
      items: lines(tracker.track({ ...question, signal, deadline })),
    })),
    cloud: method<[string, DescribeOptions]>(([id, options], { signal }) =>
      answer(clouds.cloud(id, { ...options, signal })),
    ),
    plan: method<[string, readonly Region[], PlanReadOptions]>(([id, regions, options], { signal }) =>
      answer(clouds.plan(id, regions, { ...options, signal })),
    ),
    node: method<[string, string, Key, NodeOptions]>(([id, version, key, options], { signal }) =>
      answer(clouds.node(id, version, key, { ...options, signal })),
    ),
    nodesBelow: method<[string, string, Key, number]>(([id, version, key, limit], { signal }) =>
      answer(clouds.nodesBelow(id, version, key, limit, { signal })),
    ),
    storedNode: method<[string, string, Key, StoredNodeOptions]>(
      async ([id, version, key, options], { signal }) => {
        const { bytes } = await clouds.storedNode(id, version, key, { ...options, signal });
        // Others may be reading the same bytes: what moves to the other thread is a copy.
        const copy = bytes.slice();
        return { value: { bytes: copy }, transfer: [copy.buffer] };
      },
    ),
    crop: method<[string, Region, CropOptions]>(async ([id, region, options], { signal }) => {
      const { ply, ...found } = await clouds.crop(id, region, { ...options, signal });
      return { value: found, items: crossing(ply) };
    }),
    pointsAround: method<[string, Region, readonly [number, number, number]]>(
      async ([id, region, origin], { signal }) => {
        const points = await clouds.pointsAround(id, region, origin, { signal });
        return { value: points, transfer: [points.positions.buffer] };
      },
    ),
    warm: method<[string, Region | null]>(([id, region], { signal }) =>
      answer(clouds.warm(id, region, { signal })),
    ),
    openFile: method<[FileRequest]>(([request], { signal }) => answer(files.open({ ...request, signal }))),
    readFile: method<[FileRange]>(async ([range], { signal }) => {
      const bytes = await files.read(range, signal);
      return { value: bytes, transfer: [bytes.buffer] };
    }),
  };
}

/** What a shard can be called for before the server is ready. */
export function rehearsalMethods(rehearsal: ShardRehearsal) {
  return {
    rehearse: method<[string, SentQuestion]>(([origin, question], context) =>
      answer(rehearsal.predict(origin, { ...question, ...context })),
    ),
    endRehearsal: method<[]>(() => answer(rehearsal.end())),
  };
}

async function* lines(track: AsyncIterable<TrackLine>) {
  for await (const line of track) yield { value: line };
}

async function* crossing(pieces: AsyncIterable<Uint8Array<ArrayBuffer>>) {
  for await (const piece of pieces) yield { value: piece, transfer: [piece.buffer] };
}
