/**
 * A small server for tests of the page: the page's own routes over a folder, labels in memory, and predictions as the
 * test wants them. It can be slow, and it can be stopped and started again.
 */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { FolderSource, NearboxError } from '../../../cache/index.ts';
import { CloudReader } from '../../../octree/index.ts';
import { RequestAccess } from '../../access/index.ts';
import { pageRoutes, pointsRoutes, problemResponse, toNearboxError } from '../../http/index.ts';
import type { PredictionAnswer, PredictionRequest } from '../api/index.ts';

export interface FakeService {
  readonly url: string;
  /** What was asked for a prediction, in order. */
  readonly asked: PredictionRequest[];
  /** Clouds that were asked to be warmed up. */
  readonly prefetched: string[];
  /** Answers predictions; throw a NearboxError for a problem. */
  predict: (request: PredictionRequest) => Promise<PredictionAnswer>;
  /** The key that is asked for, or null. */
  key: string | null;
  /** The page is told that labels are kept here. */
  hasLabels: boolean;
  /** The labels by cloud: the text as it was sent, and the number of the write. */
  readonly labels: Map<string, { readonly text: string; readonly revision: number }>;
  /** Why labels cannot be written, or null. */
  labelsTrouble: NearboxError | null;
  /** Writes of labels that were acknowledged. */
  labelWrites: number;
  /** Every answer about points waits so long, milliseconds. */
  delayMs: number;
  /** Nobody listens any more; connections are cut. */
  stop(): Promise<void>;
  /** Listens again, at the same address. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export async function startFakeService(root: string): Promise<FakeService> {
  const reader = new CloudReader({ source: new FolderSource({ root }) });
  const app = new Hono();
  const service: Omit<FakeService, 'url' | 'close' | 'stop' | 'start'> = {
    asked: [],
    prefetched: [],
    key: null,
    hasLabels: false,
    labels: new Map(),
    labelsTrouble: null,
    labelWrites: 0,
    delayMs: 0,
    predict: async () => {
      throw new Error('no prediction was set');
    },
  };
  const answer = async (work: () => Promise<Response>) => {
    try {
      return await work();
    } catch (error) {
      return problemResponse(toNearboxError(error), 'test');
    }
  };
  const pages = [pageRoutes(), pageRoutes({ features: ['labels'] })] as const;
  for (const index of pages[0].routes.keys()) {
    const { method, path } = pages[0].routes[index]!;
    app.on(method, path, (c) => answer(() => pages[service.hasLabels ? 1 : 0].routes[index]!.handler(c)));
  }
  app.get('/healthz', (c) => c.body(null, 200));
  app.use('/points/*', async (_, next) => {
    if (service.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, service.delayMs));
    await next();
  });
  labelRoutes(app, service, answer);
  for (const { method, path, handler } of pointsRoutes(reader))
    app.on(method, path, (c) =>
      answer(() =>
        handler(c, {
          signal: c.req.raw.signal,
          access: RequestAccess.ofEverybody(),
        }),
      ),
    );
  app.get('/v1/clouds', async (c) => {
    if (service.key !== null && c.req.header('authorization') !== `Bearer ${service.key}`)
      return c.json({ code: 'unauthorized', detail: 'a key is needed' }, 401);
    return c.json(await reader.clouds({ limit: 100 }));
  });
  app.post('/v1/prefetch', async (c) => {
    service.prefetched.push(...(await c.req.json<{ clouds: string[] }>()).clouds);
    return c.body(null, 202);
  });
  app.post('/v1/predictions', (c) =>
    answer(async () => {
      const request = await c.req.json<PredictionRequest>();
      service.asked.push(request);
      return c.json(await service.predict(request));
    }),
  );
  let server: Server | null = null;
  let port = 0;
  const start = async () => {
    server = createAdaptorServer({ fetch: app.fetch }) as Server;
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  };
  const stop = async () => {
    const stopped = server;
    server = null;
    if (stopped === null) return;
    stopped.closeAllConnections();
    stopped.close();
    await once(stopped, 'close');
  };
  await start();
  return Object.assign(service, {
    url: `http://127.0.0.1:${port}`,
    start,
    stop,
    async close() {
      await stop();
      await reader.close();
    },
  });
}

/** `/v1/labels` with its conditions, in memory. */
function labelRoutes(
  app: Hono,
  service: Pick<FakeService, 'labels' | 'labelsTrouble' | 'labelWrites'>,
  answer: (work: () => Promise<Response>) => Promise<Response>,
): void {
  const etag = (id: string) => {
    const found = service.labels.get(id);
    return found === undefined ? null : `"${found.revision}"`;
  };
  app.get('/v1/labels', (c) => {
    const prefix = c.req.query('prefix') ?? '';
    const ids = [...service.labels.keys()].filter((id) => id.startsWith(prefix)).sort();
    const labels = ids.slice(0, Number(c.req.query('limit') ?? 100)).map((id) => {
      const { state, boxes } = JSON.parse(service.labels.get(id)!.text) as {
        state: string;
        boxes: { status: string }[];
      };
      const count = (status: string) => boxes.filter((box) => box.status === status).length;
      const statuses = ['proposed', 'accepted', 'edited', 'rejected'];
      return {
        id,
        etag: etag(id),
        state,
        counts: Object.fromEntries(statuses.map((status) => [status, count(status)])),
      };
    });
    return c.json({ labels, next: null });
  });
  app.get('/v1/labels/:id', (c) => {
    const id = c.req.param('id');
    const found = service.labels.get(id);
    if (found === undefined) return c.json({ code: 'not_found' }, 404);
    return c.body(found.text, 200, { etag: etag(id)!, 'content-type': 'application/json' });
  });
  app.put('/v1/labels/:id', (c) =>
    answer(async () => {
      const id = c.req.param('id');
      const text = await c.req.text();
      if (service.labelsTrouble !== null) throw service.labelsTrouble;
      const condition = c.req.header('if-match') ?? null;
      if (condition !== etag(id) || (condition === null && c.req.header('if-none-match') !== '*'))
        throw new NearboxError('precondition_failed', 'the labels have changed meanwhile');
      service.labels.set(id, { text, revision: (service.labels.get(id)?.revision ?? 0) + 1 });
      service.labelWrites += 1;
      return c.json({ id, etag: etag(id) }, 200, { etag: etag(id)! });
    }),
  );
}
