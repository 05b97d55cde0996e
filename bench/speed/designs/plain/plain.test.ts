/** The designs before nearbox give nearbox's boxes; they differ in what they read. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { demoFiles, demoPlaces } from '../../../../app/testing/index.ts';
import { ObjectServer } from '../../../../cache/testing/index.ts';
import type { Prediction } from '../../../../inference/index.ts';
import { answerClick, type PlainParts, plainParts, plainReader } from './parts.ts';
import { statelessServer } from './stateless.ts';
import { websocketServer } from './websocket.ts';

const CLOUD = '000000';
const [place] = demoPlaces(1);

let origin: ObjectServer;
let parts: PlainParts;
let box: Prediction['box'];
let wholeBytes = 0;

beforeAll(async () => {
  origin = await ObjectServer.start();
  for (const [name, bytes] of await demoFiles(CLOUD)) {
    origin.put(name, bytes);
    if (name.includes('ept-data')) wholeBytes += bytes.byteLength;
  }
  parts = await plainParts(origin.base);
  const reader = plainReader(parts, 2 ** 30);
  box = (await answerClick(parts, reader, { cloud: CLOUD, position: place! })).box;
});
afterAll(async () => {
  await parts.engine.close();
  await origin.stop();
});

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Bytes that the storage sends while `work` runs. */
async function bytesRead(work: () => Promise<void>): Promise<number> {
  const before = origin.sentBytes;
  await work();
  return origin.sentBytes - before;
}

describe('the stateless design', () => {
  it('answers with the box, and reads the same bytes for the same click again', async () => {
    const server = statelessServer(parts);
    const url = `http://${await listening(server)}/v1/predictions`;
    const click = async (cloud: string) => {
      const body = JSON.stringify({ cloud, region: { type: 'click', position: place } });
      const response = await fetch(url, { method: 'POST', body });
      return { status: response.status, said: await response.json() };
    };
    const read = [0, 0];
    for (const k of [0, 1])
      read[k] = await bytesRead(async () =>
        expect(await click(CLOUD)).toEqual({ status: 200, said: { box } }),
      );
    expect(read[1]).toBe(read[0]);
    expect(read[0]).toBeGreaterThan(0);
    expect(await click('no-such')).toEqual({ status: 500, said: { code: 'cloud_not_found' } });
    server.close();
    server.closeAllConnections();
  });
});

describe('the websocket design', () => {
  it('reads the whole task when an annotator connects, and nothing for a click', async () => {
    const server = websocketServer(parts);
    const socket = new WebSocket(`ws://${await listening(server)}/ws`);
    await once(socket, 'open');
    const ask = async (id: number, cloud: string) => {
      socket.send(JSON.stringify({ id, cloud, at: place }));
      const [data] = await once(socket, 'message');
      return JSON.parse(String(data)) as unknown;
    };
    const first = await bytesRead(async () => {
      socket.send(JSON.stringify({ task: [CLOUD] }));
      expect(await ask(1, CLOUD)).toEqual({ id: 1, box });
    });
    expect(first).toBeGreaterThanOrEqual(wholeBytes);
    expect(await bytesRead(async () => expect(await ask(2, CLOUD)).toEqual({ id: 2, box }))).toBe(0);
    expect(await ask(3, 'no-such')).toEqual({ id: 3, error: 'cloud_not_found' });
    socket.close();
    server.close();
    server.closeAllConnections();
  });
});
