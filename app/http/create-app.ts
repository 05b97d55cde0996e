/**
 * The HTTP interface of nearbox: one table of routes, one scope a request, one place where errors become
 * answers.
 */

import { Hono } from 'hono';
import { NearboxError } from '../../cache/index.ts';
import type { Predictor, Tracker } from '../../inference/index.ts';
import { Authenticator } from '../access/index.ts';
import type { Clouds } from '../clouds/index.ts';
import type { DocumentStore } from '../documents/index.ts';
import type { RateLimits } from '../limits/index.ts';
import type { ModelChoice } from '../models/index.ts';
import type { Ontology } from '../ontology/index.ts';
import { HeadedError } from './answers/index.ts';
import type { ServiceStats } from './metrics/index.ts';
import { Metrics } from './metrics/index.ts';
import {
  chain,
  corsHeaders,
  type HttpEnvironment,
  type MiddlewareOptions,
  problems,
} from './middleware/index.ts';
import { canonicalPath, HttpMemory, pathSegments } from './requests/index.ts';
import type { Handler, Route } from './route/index.ts';
import {
  annotationRoutes,
  batchRoutes,
  type CameraOptions,
  cachedPredictionRoutes,
  cameraRoutes,
  cloudRoutes,
  cropRoutes,
  documentRoutes,
  feedbackRoutes,
  healthRoutes,
  type LoopOptions,
  labelsRoutes,
  metricsRoutes,
  ontologyRoutes,
  planRoutes,
  predictionRoutes,
  prefetchRoutes,
  profileRoutes,
  superviselyRoutes,
  tileRoutes,
  tileUrlRoutes,
  trackRoutes,
} from './routes/index.ts';
import { type PageRoute, pageRoutes } from './routes/page/index.ts';
import type { Prefetcher } from './routes/prefetch/index.ts';

export interface AppOptions
  extends Omit<MiddlewareOptions, 'metrics' | 'authenticator' | 'limits' | 'memory'>,
    CameraOptions {
  readonly predictor: Pick<Predictor, 'predict'>;
  /** Carries objects through frames. */
  readonly tracker: Pick<Tracker, 'track'>;
  /**
   * Deadline of a track that names none, and the longest that it may name, milliseconds. Default: 300,000.
   */
  readonly trackTimeoutMs?: number | undefined;
  /** Tracks that are made at once. Default: 16. */
  readonly maxTracks?: number | undefined;
  readonly reader: Clouds;
  /** Which network answers: part of the ETag of `GET /v1/predictions`. */
  readonly models: ModelChoice;
  /**
   * Version of the label profile of a name, null if there is none: part of that ETag. Default: there are
   * none.
   */
  readonly profileVersion?: ((name: string) => string | null) | undefined;
  /** Closed by the server when it stops. */
  readonly prefetcher: Prefetcher;
  readonly maxBodyBytes: number;
  /** Where requests are counted; `/metrics` shows it. Default: a new one. */
  readonly metrics?: Metrics | undefined;
  /** Who comes in. Default: everybody. */
  readonly authenticator?: Authenticator | undefined;
  /** How much each caller may ask for. Default: no end. */
  readonly limits?: RateLimits | null | undefined;
  /** Whether /metrics asks for a key. Default: no. */
  readonly metricsKey?: 'yes' | 'no' | undefined;
  /** What `/metrics` shows of caches and queues. Default: nothing. */
  readonly stats?: (() => ServiceStats | Promise<ServiceStats>) | undefined;
  /** The annotation page. Default: one that is bundled for the first who asks for it. */
  readonly page?: { readonly routes: readonly PageRoute[] } | undefined;
  /** What marks requests of other instances. Default: nothing does. */
  readonly loops?: LoopOptions | undefined;
  /** Whether clouds may be listed. Default: yes. */
  readonly listClouds?: 'yes' | 'no' | undefined;
  /**
   * What a point cloud of Supervisely is called here, with `{pcd_id}` in it. Default: its routes are not
   * there.
   */
  readonly superviselyClouds?: string | undefined;
  /** Where labels are stored. Default: its routes answer 404. */
  readonly labels?: DocumentStore | undefined;
  /** Largest labels document, bytes. Default: 4 MiB. */
  readonly labelsMaxBytes?: number | undefined;
  /** Where feedback is stored. Default: its route answers 404. */
  readonly feedback?: DocumentStore | undefined;
  /** The project's own classes and attributes. Default: its route answers 404. */
  readonly ontology?: Ontology | undefined;
  /** The most that large bodies and answers take from memory together, bytes. Default: 64 MiB. */
  readonly httpBytes?: number | undefined;
  /** Origins whose pages may call /v1 and /tiles; `*` for all. Default: none. */
  readonly corsOrigins?: readonly string[] | undefined;
}

const DEFAULT_TRACK_TIMEOUT_MS = 300_000;
const DEFAULT_MAX_TRACKS = 16;

const NO_STATS: ServiceStats = { caches: {}, queues: {} };

/** No path reads so: empty segments are dropped. */
const UNREADABLE = '//';
/** Hono's word for it. */
const EVERY_METHOD = 'ALL';

/** The application, testable without a socket by `app.request(...)`. */
export function createApp(options: AppOptions): Hono {
  const app = new Hono<HttpEnvironment>({ getPath: routedPath });
  const { corsOrigins = [] } = options;
  if (corsOrigins.length > 0)
    for (const path of ['/v1/*', '/tiles/*']) app.use(path, corsHeaders(corsOrigins));

  const { metrics = new Metrics(), stats = () => NO_STATS, lifecycle } = options;
  metrics.watch({ stats, lifecycle, models: options.models.models });
  const within: MiddlewareOptions = {
    ...options,
    authenticator: options.authenticator ?? Authenticator.open,
    limits: options.limits ?? null,
    memory: new HttpMemory(options.httpBytes === undefined ? {} : { maxBytes: options.httpBytes }),
    metrics,
  };
  app.onError(problems(within));
  const routes = appRoutes(options, metrics);
  for (const route of routes) app.on(route.method, [route.path], ...chain(route, within));
  for (const path of new Set(routes.map((route) => route.path)))
    app.on(
      EVERY_METHOD,
      [path],
      ...chain({ path, access: 'open', handler: notAllowed(routes, path) }, within),
    );
  app.on(EVERY_METHOD, ['*'], ...chain({ path: 'none', access: 'open', handler: noRoute }, within));
  // What middleware keeps of a request is nobody else's.
  return app as unknown as Hono;
}

/** The path as it is routed: in its canonical form, or `UNREADABLE`. */
function routedPath(request: Request, { env }: { readonly env?: HttpEnvironment['Bindings'] } = {}): string {
  try {
    return canonicalPath(targetOf(request, env));
  } catch {
    return UNREADABLE;
  }
}

/** The request target as it came. Without a socket: as the request has it. */
function targetOf(request: Request, env: HttpEnvironment['Bindings'] | undefined): string {
  return env?.incoming?.url ?? request.url;
}

/** Every route there is. Of two patterns that both fit, the first counts. */
export function appRoutes(options: AppOptions, metrics: Metrics): Route[] {
  const { reader, lifecycle, page = pageRoutes(), authenticator = Authenticator.open } = options;
  const { trackTimeoutMs = DEFAULT_TRACK_TIMEOUT_MS, maxTracks = DEFAULT_MAX_TRACKS } = options;
  const predictor = observed(options.predictor, metrics);
  const answering = { ...options, predictor, metrics };
  const routes: Route[] = [
    ...healthRoutes(lifecycle),
    ...predictionRoutes(answering),
    ...cachedPredictionRoutes(answering),
    ...batchRoutes(answering),
    ...cropRoutes(options),
    ...planRoutes(options),
    ...cloudRoutes(reader, options.listClouds !== 'no'),
    ...tileRoutes(reader, options.loops),
    ...cameraRoutes(options),
    ...tileUrlRoutes({ authenticator, maxBodyBytes: options.maxBodyBytes }),
    ...prefetchRoutes(options),
    ...trackRoutes({ ...answering, trackTimeoutMs, maxTracks }),
    ...labelsRoutes(options),
    ...feedbackRoutes(options),
    ...profileRoutes(options),
    ...ontologyRoutes(options.ontology),
    ...superviselyRoutes(answering),
    ...documentRoutes(() => routes),
    ...metricsRoutes(metrics, options.metricsKey === 'yes' ? 'key' : 'open'),
    ...annotationRoutes(page.routes, reader),
  ];
  return routes;
}

/** The predictor, with every answer of it counted. */
function observed(predictor: AppOptions['predictor'], metrics: Metrics): AppOptions['predictor'] {
  return {
    async predict(question) {
      const prediction = await predictor.predict(question);
      metrics.observePrediction(prediction);
      return prediction;
    },
  };
}

function notAllowed(routes: readonly Route[], path: string): Handler {
  const methods = new Set<string>(routes.filter((route) => route.path === path).map(({ method }) => method));
  if (methods.has('GET')) methods.add('HEAD');
  const allow = [...methods].join(', ');
  return async (c) => {
    const message = `${c.req.method} is not allowed on ${c.req.path}; allowed: ${allow}`;
    throw new HeadedError(new NearboxError('method_not_allowed', message), { allow });
  };
}

const noRoute: Handler = async (c) => {
  // Says what is wrong with a path that could not be read.
  if (c.req.path === UNREADABLE) pathSegments(targetOf(c.req.raw, c.env));
  throw new NearboxError('not_found', `no such route: ${c.req.path}`);
};
