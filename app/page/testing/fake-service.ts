/** A small stand-in for the server: the page's own routes over a folder, a list of clouds, and predictions as the test wants them. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { FolderSource } from '../../../cache/index.ts';
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
  close(): Promise<void>;
}

export async function startFakeService(root: string): Promise<FakeService> {
  const reader = new CloudReader({ source: new FolderSource({ root }) });
  const app = new Hono();
  const service: Omit<FakeService, 'url' | 'close'> = {
    asked: [],
    prefetched: [],
    key: null,
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
  for (const { method, path, handler } of pageRoutes().routes)
    app.on(method, path, (c) => answer(() => handler(c)));
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
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return Object.assign(service, {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await reader.close();
    },
  });
}
