/** What the main thread and a shard say to each other. */
import type { SentError } from '../../../cache/workers/index.ts';
import type { PredictionStage } from '../../../inference/index.ts';
import type { ServeConfig } from '../../config/index.ts';
import type { FoundModels } from '../../models/index.ts';
import type { LogLevel, StorageCall } from '../../observability/index.ts';

/** What a shard is started with. */
export interface ShardStart {
  readonly config: ServeConfig;
  /** As they were when the server started: what else is in the folder by now is not for this server. */
  readonly modelFolders: FoundModels['folders'];
  /** Its index among the `config.shards` shards. */
  readonly index: number;
  /** The memory of its gauges. */
  readonly gauges: SharedArrayBuffer;
  /** Whether its thread rehearses alone, because the server is ready already. */
  readonly isReplacement: boolean;
}

/**
 * A call of the storage, and when it ended: milliseconds since 1970, so that it means the same in every
 * thread.
 */
export interface EndedStorageCall extends StorageCall {
  readonly endedAt: number;
}

export type ShardRequest =
  | {
      readonly type: 'call';
      readonly id: number;
      readonly method: string;
      readonly args: readonly unknown[];
      /** Milliseconds since 1970: the clocks of `performance.now()` are each thread's own. null: none. */
      readonly deadline: number | null;
      /** Whether the answer is to say what the storage was asked for this call, and which stages it had. */
      readonly isTraced: boolean;
    }
  /** The caller has left. */
  | { readonly type: 'abort'; readonly id: number }
  /** Asks for the next item of a stream. */
  | { readonly type: 'next'; readonly id: number };

export type ShardReply =
  | { readonly type: 'ready' }
  /** The shard cannot start. */
  | { readonly type: 'fatal'; readonly error: SentError; readonly isConfigError: boolean }
  | {
      readonly type: 'log';
      readonly level: LogLevel;
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>>;
    }
  | ({ readonly type: 'done'; readonly id: number; readonly value: unknown } & Observed & {
        /** Whether items can be asked for. */
        readonly isStream: boolean;
      })
  | ({ readonly type: 'failed'; readonly id: number; readonly error: SentError } & Observed)
  | { readonly type: 'item'; readonly id: number; readonly value: unknown }
  | { readonly type: 'end'; readonly id: number };

/** What was seen in the shard since its last answer. Left out where there is nothing. */
export interface Observed {
  /** Calls of the storage that belong to no traced call. */
  readonly storage?: readonly EndedStorageCall[];
  /** Of this call, where it is traced. */
  readonly own?: {
    readonly storage: readonly EndedStorageCall[];
    readonly stages: readonly PredictionStage[];
  };
}
