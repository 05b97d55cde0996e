/**
 * A typed client of a nearbox server, for browsers and Node: `fetch` and nothing else. Its types are those of the schemas that the server
 * checks requests with, so that the two cannot drift apart.
 *
 * ```ts
 * const nearbox = new NearboxClient({ base: 'http://127.0.0.1:8080' });
 * const { box } = await nearbox.predict({ cloud: '000', region: { type: 'click', position: [12.1, 3.4, -0.8] } });
 * ```
 */
import type { z } from 'zod';
import type { ErrorCode } from '../cache/errors.ts';
import type { answerSchema, problemSchema } from './http/answer-schemas.ts';
import type { predictionSchema, regionSchema } from './http/schemas.ts';

export type PredictionRequest = z.input<typeof predictionSchema>;
export type PredictionAnswer = z.infer<typeof answerSchema>;
export type Problem = z.infer<typeof problemSchema>;
export type RegionInput = z.input<typeof regionSchema>;

export interface CloudDescription {
  readonly id: string;
  readonly format: 'ept' | 'potree2' | 'potree1' | 'copc';
  readonly version: string;
  readonly bounds: {
    readonly min: readonly [number, number, number];
    readonly max: readonly [number, number, number];
  };
  readonly points: number;
  readonly spacing: number;
  readonly nodes: number | null;
  readonly sensor: readonly [number, number, number] | null;
}

export type ListedCloud = Pick<CloudDescription, 'id' | 'format'>;

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

/** What a server answered instead: match on `code`. */
export class ProblemError extends Error {
  readonly code: ErrorCode | 'unknown';
  readonly status: number;
  /** null if what came was no problem document: a proxy's page, say. */
  readonly problem: Problem | null;
  /** Seconds to wait before another attempt, if the server says so. */
  readonly retryAfterSeconds: number | null;

  constructor(response: Response, problem: Problem | null) {
    super(problem?.detail ?? `the server answered ${response.status}`);
    this.name = 'ProblemError';
    this.code = (problem?.code as ErrorCode | undefined) ?? 'unknown';
    this.status = response.status;
    this.problem = problem;
    const retryAfter = response.headers.get('retry-after');
    this.retryAfterSeconds = retryAfter !== null && /^\d+$/.test(retryAfter) ? Number(retryAfter) : null;
  }
}

/** All methods reject with `ProblemError`, or as `fetch` does. */
export class NearboxClient {
  readonly #base: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #fetch: NonNullable<NearboxClientOptions['fetch']>;

  constructor({ base, headers = {}, fetch: own }: NearboxClientOptions) {
    this.#base = base.replace(/\/+$/, '');
    this.#headers = headers;
    this.#fetch = own ?? ((url, init) => fetch(url, init));
  }

  /** The box of the object in a region. */
  async predict(question: PredictionRequest, options?: CallOptions): Promise<PredictionAnswer> {
    return (await this.#post('/v1/predictions', question, options)).json() as Promise<PredictionAnswer>;
  }

  /** Each item's box or problem, in order. */
  async predictBatch(
    cloud: string,
    items: readonly Omit<PredictionRequest, 'cloud'>[],
    options?: CallOptions,
  ): Promise<(PredictionAnswer | Problem)[]> {
    const response = await this.#post('/v1/predictions/batch', { cloud, items }, options);
    return ((await response.json()) as { results: (PredictionAnswer | Problem)[] }).results;
  }

  /** A region's points as binary PLY. */
  async crop(cloud: string, region: RegionInput, options?: CallOptions): Promise<Uint8Array> {
    const response = await this.#post('/v1/crops', { cloud, region }, options);
    return new Uint8Array(await response.arrayBuffer());
  }

  /** Resolves when the server has taken note, not when the clouds are warm. */
  async prefetch(clouds: readonly string[], region?: RegionInput, options?: CallOptions): Promise<void> {
    await this.#post('/v1/prefetch', { clouds, ...(region && { region }) }, options);
  }

  async cloud(id: string, options?: CallOptions): Promise<CloudDescription> {
    return (await this.#get(`/v1/clouds/${inPath(id)}`, options)).json() as Promise<CloudDescription>;
  }

  /** Every cloud below the root, fetched page by page as they are asked for. */
  async *clouds(options?: CallOptions): AsyncGenerator<ListedCloud> {
    for (let after: string | null = ''; after !== null; ) {
      const response = await this.#get(`/v1/clouds?after=${encodeURIComponent(after)}`, options);
      const page = (await response.json()) as { clouds: ListedCloud[]; next: string | null };
      yield* page.clouds;
      after = page.next;
    }
  }

  /** Where a node's stored bytes are, for good: what a CDN may hold. */
  nodeUrl({ id, version }: Pick<CloudDescription, 'id' | 'version'>, key: string): string {
    return `${this.#base}/tiles/~${version}/${inPath(id)}/nodes/${key}`;
  }

  #get(path: string, options?: CallOptions): Promise<Response> {
    return this.#call(path, { method: 'GET' }, {}, options);
  }

  #post(path: string, body: unknown, options?: CallOptions): Promise<Response> {
    const init = { method: 'POST', body: JSON.stringify(body) };
    return this.#call(path, init, { 'content-type': 'application/json' }, options);
  }

  async #call(
    path: string,
    init: RequestInit,
    headers: Readonly<Record<string, string>>,
    { signal, timeoutMs }: CallOptions = {},
  ): Promise<Response> {
    const response = await this.#fetch(this.#base + path, {
      ...init,
      headers: {
        ...this.#headers,
        ...headers,
        ...(timeoutMs !== undefined && { 'timeout-ms': String(timeoutMs) }),
      },
      ...(signal && { signal }),
    });
    if (!response.ok) throw new ProblemError(response, await problemOf(response));
    return response;
  }
}

async function problemOf(response: Response): Promise<Problem | null> {
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json');
  if (isProblem) return (await response.json()) as Problem;
  await response.body?.cancel();
  return null;
}

/** A cloud id keeps its slashes. */
function inPath(id: string): string {
  return id.split('/').map(encodeURIComponent).join('/');
}
