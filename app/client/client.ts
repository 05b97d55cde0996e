/**
 * A typed client of a nearbox server, for browsers and Node. `rpc` is Hono's RPC client over its routes; the
 * methods beside it throw what the server refuses, keep deadlines and turn pages. All types are those of the
 * schemas that the server checks requests with.
 *
 * ```ts
 * import { NearboxClient } from 'nearbox/client';
 *
 * const nearbox = new NearboxClient({ base: 'http://127.0.0.1:8080' }); const { box } = await
 * nearbox.predict({ cloud: '000', region: { type: 'click', position: [12.1, 3.4, -0.8] } }); const response =
 * await nearbox.rpc.v1.clouds.$get({ query: { limit: '10' } });
 * ```
 */
import { hc } from 'hono/client';
import type {
  AppType,
  CloudDescription,
  CloudPageAnswer,
  ListedCloudAnswer,
  PlanAnswer,
  PlanRequest,
  PredictionAnswer,
  PredictionBatchItem,
  PredictionRequest,
  Problem,
  RegionInput,
  TrackLineBody,
  TrackRequestBody,
} from '../api/index.ts';
import { cloudHeader, inPath } from './cloud-id.ts';
import { jsonLines } from './json-lines.ts';

export type {
  AppType,
  CloudDescription,
  ListedCloudAnswer,
  PlanAnswer,
  PlanRequest,
  PredictionAnswer,
  PredictionRequest,
  Problem,
  RegionInput,
};

export interface NearboxClientOptions {
  /** Where the server is: `https://host` or `https://host/path`. */
  readonly base: string;
  /** Headers of every request, such as `authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: the global one. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** The deadline that the server is to keep, milliseconds. */
  readonly timeoutMs?: number;
}

export type { TrackLineBody as TrackLine, TrackRequestBody as TrackRequest };

export { cloudHeader, inPath };

/** What a server answered instead: match on `code`. */
export class ProblemError extends Error {
  readonly code: Problem['code'] | 'unknown';
  readonly status: number;
  /** null if what came was no problem document: a proxy's page, say. */
  readonly problem: Problem | null;
  /** Seconds to wait before another attempt, if the server says so. */
  readonly retryAfterSeconds: number | null;

  constructor(response: Response, problem: Problem | null) {
    super(problem?.detail ?? `the server answered ${response.status}`);
    this.name = 'ProblemError';
    this.code = problem?.code ?? 'unknown';
    this.status = response.status;
    this.problem = problem;
    const retryAfter = response.headers.get('retry-after');
    this.retryAfterSeconds = retryAfter !== null && /^\d+$/.test(retryAfter) ? Number(retryAfter) : null;
  }
}

/** A stream of lines ended before its last one: what came is right, and there is more to know. */
export class StreamCutOff extends Error {
  constructor() {
    super('the stream ended without its last line');
    this.name = 'StreamCutOff';
  }
}

/** All methods reject with `ProblemError`, or as `fetch` does. */
export class NearboxClient {
  /** The routes of `AppType`; answers are responses as they come, problems included. */
  readonly rpc: ReturnType<typeof hc<AppType>>;
  readonly #base: string;

  constructor({ base, headers = {}, fetch: own }: NearboxClientOptions) {
    this.#base = base.replace(/\/+$/, '');
    const call = own ?? ((url: string, init: RequestInit) => fetch(url, init));
    this.rpc = hc<AppType>(this.#base, {
      headers: { ...headers },
      fetch: (url: string | URL | Request, init?: RequestInit) => call(String(url), init ?? {}),
    });
  }

  /** The box of the object in a region. */
  async predict(question: PredictionRequest, options?: CallOptions): Promise<PredictionAnswer> {
    const response = await this.rpc.v1.predictions.$post({ json: question }, inCall(options, question.cloud));
    return (await answered(response)).json() as Promise<PredictionAnswer>;
  }

  /** Each item's box or problem, in order. */
  async predictBatch(
    cloud: string,
    items: readonly PredictionBatchItem[],
    options?: CallOptions,
  ): Promise<(PredictionAnswer | Problem)[]> {
    const json = { cloud, items: [...items] };
    const asked = this.rpc.v1.predictions.batch.$post({ json }, inCall(options, cloud));
    const response = await answered(await asked);
    return ((await response.json()) as { results: (PredictionAnswer | Problem)[] }).results;
  }

  /** A region's points as binary PLY. */
  async crop(cloud: string, region: RegionInput, options?: CallOptions): Promise<Uint8Array> {
    const response = await this.rpc.v1.crops.$post({ json: { cloud, region } }, inCall(options, cloud));
    return new Uint8Array(await (await answered(response)).arrayBuffer());
  }

  /**
   * What a region would take to read: nodes and byte ranges, with nothing read but metadata and hierarchy.
   */
  async plan(question: PlanRequest, options?: CallOptions): Promise<PlanAnswer> {
    const response = await this.rpc.v1.plans.$post({ json: question }, inCall(options, question.cloud));
    return (await answered(response)).json() as Promise<PlanAnswer>;
  }

  /**
   * The lines of a track as they come, the last one with `done`. Leaving the loop, or aborting `signal`, ends
   * the work of the server. Throws `StreamCutOff` if the stream ends without its last line.
   */
  async *track(question: TrackRequestBody, options?: CallOptions): AsyncGenerator<TrackLineBody> {
    // All tracks of a sequence go to the instance of its first frame, and share what it has read.
    const call = inCall(options, question.frames[0]?.cloud);
    const response = await this.rpc.v1.tracks.$post({ json: question }, call);
    const { body } = await answered(response);
    let isDone = false;
    for await (const line of jsonLines(body!)) {
      isDone = 'done' in (line as object);
      yield line as TrackLineBody;
    }
    if (!isDone) throw new StreamCutOff();
  }

  /**
   * Resolves when the server has taken note, not when the clouds are warm. Behind a balancer that sends a
   * cloud to its instance, ask for each cloud alone.
   */
  async prefetch(clouds: readonly string[], region?: RegionInput, options?: CallOptions): Promise<void> {
    const json = { clouds: [...clouds], ...(region && { region }) };
    const only = clouds.length === 1 ? clouds[0] : undefined;
    await answered(await this.rpc.v1.prefetch.$post({ json }, inCall(options, only)));
  }

  async cloud(id: string, options?: CallOptions): Promise<CloudDescription> {
    const response = await this.rpc.v1.clouds[':cloud'].$get(
      { param: { cloud: inPath(id) } },
      inCall(options),
    );
    return (await answered(response)).json() as Promise<CloudDescription>;
  }

  /** Every cloud below the root, fetched page by page as they are asked for. */
  async *clouds(options?: CallOptions): AsyncGenerator<ListedCloudAnswer> {
    for (let after: string | null = ''; after !== null; ) {
      const response: Response = await this.rpc.v1.clouds.$get({ query: { after } }, inCall(options));
      const page = (await (await answered(response)).json()) as CloudPageAnswer;
      yield* page.clouds;
      after = page.next;
    }
  }

  /** Where a node's stored bytes are, for good: what a CDN may hold. */
  nodeUrl({ id, version }: Pick<CloudDescription, 'id' | 'version'>, key: string): string {
    return `${this.#base}/tiles/~${version}/${inPath(id)}/nodes/${key}`;
  }
}

function inCall({ signal, timeoutMs }: CallOptions = {}, cloud?: string) {
  return {
    headers: {
      ...(timeoutMs !== undefined && { 'timeout-ms': String(timeoutMs) }),
      ...(cloud !== undefined && cloudHeader(cloud)),
    },
    ...(signal && { init: { signal } }),
  };
}

/** @throws ProblemError unless the answer is a good one. */
async function answered(response: Response): Promise<Response> {
  if (!response.ok) throw new ProblemError(response, await problemOf(response));
  return response;
}

async function problemOf(response: Response): Promise<Problem | null> {
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json');
  if (isProblem) return (await response.json()) as Problem;
  await response.body?.cancel();
  return null;
}
