/** The server's interface to traces. Without a collector there are none, and OpenTelemetry is not loaded. */
import type { ErrorCode } from '../../cache/index.ts';
import type { PredictionStage } from '../../inference/index.ts';
import type { StorageCall } from '../observability/index.ts';

/** The last traces are given up after this when the server stops; so is every batch. */
export const TRACE_FLUSH_MS = 2000;

export interface TracedRequest {
  readonly id: string;
  readonly method: string;
  /** The template; `none` where there is no route. */
  readonly route: string;
  /** Without the query: that may hold a signature. */
  readonly path: string;
  /** Of W3C Trace Context, as they came. */
  readonly traceparent: string | undefined;
  readonly tracestate: string | undefined;
}

/** The trace of one request. */
export interface RequestTrace {
  /** 32 hexadecimal digits; undefined if the request is not traced. */
  readonly traceId: string | undefined;
  /** Runs the request's work, so that calls of the storage are found to be its. */
  run<Result>(work: () => Promise<Result>): Promise<Result>;
  /** For one question that begins now: to be told of its stages, which follow each other. */
  stages(): (stage: PredictionStage) => void;
  end(status: number, code: ErrorCode | undefined): void;
}

export interface Tracing {
  begin(request: TracedRequest): RequestTrace;
  /** A call of the storage that has just ended. */
  storageCall(call: StorageCall): void;
  /** Sends what is left, within a bound. Never fails. */
  close(): Promise<void>;
}

const UNTRACED: RequestTrace = {
  traceId: undefined,
  run: (work) => work(),
  stages: () => () => {},
  end() {},
};

export const NO_TRACING: Tracing = {
  begin: () => UNTRACED,
  storageCall() {},
  close: async () => {},
};
