/** Calls of the server that the page came from: they carry the key, and fail with an ApiError. */
import { linkedSignal } from '../../../cache/foundation/signals/index.ts';
import type { Camera } from '../../../inference/cameras/index.ts';
import { cloudHeader, inPath, jsonLines } from '../../client/index.ts';
import type { Ontology } from '../../ontology/index.ts';
import type { ListedNodes } from '../cloud/index.ts';
import {
  ApiError,
  type CloudSummary,
  type FeedbackNote,
  type FramePlace,
  type LabelsEntry,
  type PageAnswer,
  type PageLabels,
  type PageQuestion,
  type ProfileAsk,
  type ProfileOf,
  type TrackAnswerLine,
  type TrackAsk,
  type WireRegion,
} from './types.ts';

export interface ApiOptions {
  /** What to ask a person for when the server wants a key; null if they give none. */
  readonly askForKey: () => Promise<string | null>;
  /** Called when a call shows that the server can be reached, or that it cannot. */
  readonly onReachable?: (isReachable: boolean) => void;
  /** Called with the version of a cloud whenever an answer has told it. */
  readonly onVersion?: (cloud: string, version: string) => void;
  readonly fetch?: typeof fetch;
}

export interface ApiCallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
}

/** A server that does not begin to answer for so long cannot be reached, milliseconds. */
const NO_ANSWER_MS = 15_000;
/** The same for calls with much to send, or much to do before the first word. */
const LONG_NO_ANSWER_MS = 60_000;
const PAGE_OF_CLOUDS = 1000;
const MOST_CLOUDS = 100_000;

export class ApiClient {
  readonly #options: Required<ApiOptions>;
  #key: string | null;
  #keyPrompt: Promise<string | null> | null = null;

  constructor(
    {
      askForKey,
      onReachable = () => undefined,
      onVersion = () => undefined,
      fetch: call = globalThis.fetch.bind(globalThis),
    }: ApiOptions,
    key: string | null = null,
  ) {
    this.#options = { askForKey, onReachable, onVersion, fetch: call };
    this.#key = key;
  }

  async predict(request: PageQuestion, { signal, timeoutMs }: ApiCallOptions = {}): Promise<PageAnswer> {
    const headers = {
      ...cloudHeader(request.cloud),
      ...(timeoutMs !== undefined && { 'timeout-ms': String(timeoutMs) }),
    };
    const asked = { ...post(request, headers), ...(signal && { signal }) };
    const answer: PageAnswer = await this.#json('/v1/predictions', asked);
    this.#options.onVersion(request.cloud, answer.cloud.version);
    return answer;
  }

  /**
   * The lines of a track as they come. Leaving the loop ends the server's work. Rejects with `cut_off` if the
   * stream ends without its last line.
   */
  async *track(question: TrackAsk, { signal }: ApiCallOptions = {}): AsyncGenerator<TrackAnswerLine> {
    // All tracks of a sequence go to the instance of its first frame, and share what it has read.
    const first = question.frames[0];
    const asked = { ...post(question, first && cloudHeader(first.cloud)), ...(signal && { signal }) };
    const { body } = await this.#call('/v1/tracks', asked, LONG_NO_ANSWER_MS);
    let isDone = false;
    try {
      for await (const line of jsonLines(body!)) {
        isDone = 'done' in (line as object);
        yield line as TrackAnswerLine;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof TypeError)) throw error;
    }
    if (!isDone) throw new ApiError('cut_off', 0, 'The track was cut off.');
  }

  /** When and where a frame was taken. */
  async framePlace(id: string, signal?: AbortSignal): Promise<FramePlace> {
    const {
      version,
      timestamp = null,
      pose = null,
    } = await this.#json<{ readonly version: string } & Partial<FramePlace>>(`/v1/clouds/${inPath(id)}`, {
      ...(signal && { signal }),
    });
    this.#options.onVersion(id, version);
    return { timestamp, pose };
  }

  /** The ids of all clouds under the root; null where the server does not list them. */
  async clouds(): Promise<string[] | null> {
    const ids: string[] = [];
    let after: string | null = null;
    do {
      const query = new URLSearchParams({
        limit: String(PAGE_OF_CLOUDS),
        ...(after === null ? {} : { after }),
      });
      let page: { clouds: { id: string }[]; next: string | null };
      try {
        page = await this.#json(`/v1/clouds?${query}`);
      } catch (error) {
        if (error instanceof ApiError && [403, 404, 501].includes(error.status)) return null;
        throw error;
      }
      ids.push(...page.clouds.map(({ id }) => id));
      after = page.next;
    } while (after !== null && ids.length < MOST_CLOUDS);
    return ids;
  }

  async cloud(id: string, signal?: AbortSignal): Promise<CloudSummary> {
    const summary: CloudSummary = await this.#json(`/points/${inPath(id)}`, { ...(signal && { signal }) });
    this.#options.onVersion(id, summary.version);
    return summary;
  }

  listing(id: string, version: string, key: string, signal?: AbortSignal): Promise<ListedNodes> {
    return this.#json(`/points/~${version}/${inPath(id)}/hierarchy/${key}`, { ...(signal && { signal }) });
  }

  node(id: string, version: string, key: string, signal?: AbortSignal): Promise<ArrayBuffer> {
    return this.#bytes(`/points/~${version}/${inPath(id)}/nodes/${key}`, signal);
  }

  /** The colours of a node's points. */
  colours(id: string, version: string, key: string, signal?: AbortSignal): Promise<ArrayBuffer> {
    return this.#bytes(`/points/~${version}/${inPath(id)}/colours/${key}`, signal);
  }

  /** The cameras that saw a cloud. */
  async cameras(id: string, signal?: AbortSignal): Promise<readonly Camera[]> {
    const { cameras } = await this.#json<{ cameras: Camera[] }>(`/v1/cameras/${inPath(id)}`, {
      ...(signal && { signal }),
    });
    return cameras;
  }

  /** What a camera saw. */
  async image(id: string, name: string, signal?: AbortSignal): Promise<Blob> {
    const response = await this.#call(`/v1/images/${inPath(id)}/${encodeURIComponent(name)}`, {
      ...(signal && { signal }),
    });
    return response.blob();
  }

  /** The points of a region, all of them, as binary PLY. */
  async crop(cloud: string, region: WireRegion, signal?: AbortSignal): Promise<ArrayBuffer> {
    const asked = { ...post({ cloud, region }, cloudHeader(cloud)), ...(signal && { signal }) };
    const response = await this.#call('/v1/crops', asked);
    return response.arrayBuffer();
  }

  /** Gets a file of the page into the browser's cache: it has a name of its content, and is kept for good. */
  async pageFile(url: string): Promise<void> {
    await this.#toEnd(url, {});
  }

  /** Rejects while the server cannot be reached. */
  async alive(): Promise<void> {
    await this.#toEnd('/healthz', {});
  }

  /** What labels there are, by the ids of their clouds. */
  async labelsList(prefix = '', limit = MOST_CLOUDS): Promise<LabelsEntry[]> {
    const entries: LabelsEntry[] = [];
    let after: string | null = null;
    do {
      const query = new URLSearchParams({
        limit: String(Math.min(limit, PAGE_OF_CLOUDS)),
        ...(prefix === '' ? {} : { prefix }),
        ...(after === null ? {} : { after }),
      });
      const page: { labels: LabelsEntry[]; next: string | null } = await this.#json(`/v1/labels?${query}`);
      entries.push(...page.labels);
      after = page.next;
    } while (after !== null && entries.length < limit);
    return entries;
  }

  /**
   * The ETag of the labels of a cloud; null if it has none. It comes from the list, because browsers report
   * every 404 as an error of the page.
   */
  async labelsEtag(id: string): Promise<string | null> {
    const { labels } = await this.#json<{ labels: LabelsEntry[] }>(
      `/v1/labels?${new URLSearchParams({ cloud: id })}`,
    );
    return labels[0]?.etag ?? null;
  }

  /** The labels of a cloud with their ETag; null if it has none. */
  async labels(id: string): Promise<{ document: PageLabels; etag: string } | null> {
    try {
      const response = await this.#call(`/v1/labels/${inPath(id)}`, {});
      return { document: (await whole(response.json())) as PageLabels, etag: etagOf(response) };
    } catch (error) {
      if (error instanceof ApiError && error.code === 'not_found') return null;
      throw error;
    }
  }

  /** Replaces the labels that `etag` names (null: none). Resolves with the new ETag. */
  async putLabels(id: string, document: PageLabels, etag: string | null): Promise<string> {
    const condition: Record<string, string> = etag === null ? { 'if-none-match': '*' } : { 'if-match': etag };
    const headers = { 'content-type': 'application/json', ...condition };
    const body = JSON.stringify(document);
    const url = `/v1/labels/${inPath(id)}`;
    return etagOf(await this.#toEnd(url, { method: 'PUT', headers, body }, LONG_NO_ANSWER_MS));
  }

  /** Tells the server what the annotator did with its answers. */
  async feedback(items: readonly FeedbackNote[]): Promise<void> {
    await this.#toEnd('/v1/feedback', post({ items }));
  }

  /** A label profile made of accepted boxes, added to the one given. */
  profile(ask: ProfileAsk): Promise<ProfileOf> {
    return this.#json('/v1/profiles', post(ask));
  }

  /** The project's own classes and attributes. Rejects where the server was started without. */
  ontology(): Promise<Ontology> {
    return this.#json('/v1/ontology');
  }

  /** Lets the server warm up clouds. True if it knows how to. */
  async prefetch(clouds: readonly string[]): Promise<boolean> {
    try {
      // Each at the instance that will be asked for it.
      for (const cloud of clouds)
        await this.#toEnd('/v1/prefetch', post({ clouds: [cloud] }, cloudHeader(cloud)));
      return true;
    } catch (error) {
      if (error instanceof ApiError) return false;
      throw error;
    }
  }

  /**
   * For answers whose body says nothing: to a browser a request is under way until its body has been read.
   */
  async #toEnd(url: string, init: RequestInit, noAnswerMs = NO_ANSWER_MS): Promise<Response> {
    const response = await this.#call(url, init, noAnswerMs);
    await whole(response.arrayBuffer());
    return response;
  }

  async #bytes(url: string, signal: AbortSignal | undefined): Promise<ArrayBuffer> {
    const response = await this.#call(url, { ...(signal && { signal }) });
    return whole(response.arrayBuffer(), signal);
  }

  async #json<T>(url: string, init: RequestInit = {}): Promise<T> {
    return (await whole((await this.#call(url, init)).json(), init.signal)) as T;
  }

  /**
   * @throws ApiError for every answer that is no success; an aborted call rejects with the signal's reason.
   */
  async #call(url: string, init: RequestInit, noAnswerMs = NO_ANSWER_MS, isRetry = false): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.#key !== null) headers.set('authorization', `Bearer ${this.#key}`);
    let response: Response;
    try {
      response = await this.#begun(url, { ...init, headers }, noAnswerMs);
    } catch {
      init.signal?.throwIfAborted();
      this.#options.onReachable(false);
      throw new ApiError('unreachable', 0, 'The server cannot be reached.');
    }
    this.#options.onReachable(true);
    if (response.ok) return response;
    if (response.status === 401 && !isRetry && (await this.#newKey()))
      return this.#call(url, init, noAnswerMs, true);
    throw await problemOf(response);
  }

  /** The answer as soon as it begins. A body that comes slowly has all the time it needs. */
  async #begun(url: string, init: RequestInit, noAnswerMs: number): Promise<Response> {
    const { signal, untimed } = linkedSignal(init.signal, { afterMs: noAnswerMs });
    try {
      return await this.#options.fetch(url, { ...init, signal });
    } finally {
      untimed();
    }
  }

  /** Asks once however many calls wait for it. */
  async #newKey(): Promise<boolean> {
    this.#keyPrompt ??= this.#options.askForKey().finally(() => {
      this.#keyPrompt = null;
    });
    const key = await this.#keyPrompt;
    if (key === null) return false;
    this.#key = key;
    return true;
  }
}

/** A body that was read to its end. @throws ApiError `cut_off`: it was not all there. */
async function whole<T>(reading: Promise<T>, signal?: AbortSignal | null): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof TypeError)) throw error;
    throw new ApiError('cut_off', 0, 'The answer was cut off.');
  }
}

function post(body: unknown, headers: Record<string, string> = {}): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}

async function problemOf(response: Response): Promise<ApiError> {
  const problem = (await response.json().catch(() => ({}))) as { code?: string; detail?: string };
  const text = problem.detail ?? `the server answered ${response.status}`;
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new ApiError(
    problem.code ?? 'internal',
    response.status,
    text,
    Number.isFinite(retryAfter) ? retryAfter : null,
  );
}

function etagOf(response: Response): string {
  const etag = response.headers.get('etag');
  if (etag === null)
    throw new ApiError('internal', response.status, 'The server sent labels without an ETag.');
  return etag;
}
