/**
 * Splits a batch among machines. The split depends only on the ids, so it is the same on every machine.
 */
import { createHash } from 'node:crypto';
import { NearboxError } from '../../../cache/foundation/index.ts';

/** The part of this machine: part `index` (from 0) of `count`. */
export interface BuildShard {
  readonly index: number;
  readonly count: number;
}

const MOST_SHARDS = 1_000_000;

/**
 * Parses `I/N`, with I from 0 to N - 1. Kubernetes Indexed Jobs and AWS Batch arrays number their parts so.
 */
export function parseShard(text: string): BuildShard {
  const [, index, count] = /^(\d{1,7})\/(\d{1,7})$/.exec(text) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  if (shard.count >= 1 && shard.count <= MOST_SHARDS && shard.index < shard.count) return shard;
  throw new NearboxError('invalid_request', `a shard must be I/N with I from 0 to N - 1, not ${text}`);
}

export function isInShard(id: string, { index, count }: BuildShard): boolean {
  return createHash('sha256').update(id).digest().readUInt32BE(0) % count === index;
}
