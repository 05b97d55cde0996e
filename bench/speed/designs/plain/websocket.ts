import { setMaxListeners } from 'node:events';
import http from 'node:http';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { CloudReader, Region } from '../../../../octree/index.ts';
import { errorCode } from './error-code.ts';
import { answerClick, type PlainParts, plainReader } from './parts.ts';

/** More than the clouds of a task take. */
const TASK_BYTES = 4 * 1024 ** 3;
const EVERYTHING: Region = { type: 'box', center: [0, 0, 0], size: [1e6, 1e6, 1e6], yaw: 0 };

/** What a client sends: its task first, then clicks. */
type ClientMessage =
  | { readonly task: readonly string[] }
  | { readonly id: number; readonly cloud: string; readonly at: readonly [number, number, number] };

/**
 * An annotator connects and names the clouds of the task. All of them are read whole, and kept for as long as
 * the connection lives.
 */
export function websocketServer(parts: PlainParts): http.Server {
  const server = http.createServer();
  const sockets = new WebSocketServer({ server, path: '/ws', maxPayload: 2 ** 20 });
  sockets.on('connection', (socket) => serveAnnotator(parts, socket));
  return server;
}

function serveAnnotator(parts: PlainParts, socket: WebSocket): void {
  const reader = plainReader(parts, TASK_BYTES);
  const clouds = new Map<string, Promise<unknown>>();
  const leave = new AbortController();
  // Every cloud of the task waits with it.
  setMaxListeners(0, leave.signal);
  socket.on('close', () => leave.abort());
  socket.on('error', () => leave.abort());
  socket.on('message', (data: RawData) => {
    const message = JSON.parse(String(data)) as ClientMessage;
    if ('task' in message) {
      for (const id of message.task) {
        const whole = reader.read(id, [EVERYTHING], { signal: leave.signal });
        whole.catch(() => {});
        clouds.set(id, whole);
      }
    } else void answer(reader, clouds, message);
  });

  async function answer(
    from: CloudReader,
    whole: ReadonlyMap<string, Promise<unknown>>,
    { id, cloud, at }: Exclude<ClientMessage, { task: unknown }>,
  ): Promise<void> {
    try {
      await whole.get(cloud);
      const { box } = await answerClick(parts, from, { cloud, position: at });
      socket.send(JSON.stringify({ id, box }));
    } catch (error) {
      socket.send(JSON.stringify({ id, error: errorCode(error) }));
    }
  }
}
