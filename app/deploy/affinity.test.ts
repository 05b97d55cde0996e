/** The shipped nginx.conf and haproxy.cfg send all requests for a cloud to one instance. */
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findComponent, type RunningComponent } from '../../cache/testing/index.ts';
import { startShippedHaproxy, startShippedNginx } from './testing/index.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const CLOUDS = Array.from({ length: 40 }, (_, k) => `sequence-${k % 4}/${String(k).padStart(6, '0')}`);

/** An instance that answers every request with its own port. */
interface Place {
  readonly port: number;
  stop(): Promise<void>;
}

let folder: string;
let balancer: RunningComponent | undefined;
let places: Place[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-affinity-'));
  places = await Promise.all(Array.from({ length: 4 }, startPlace));
});
afterEach(async () => {
  await balancer?.stop();
  await Promise.all(places.map((place) => place.stop()));
  await rm(folder, { recursive: true, force: true });
});

async function startPlace(): Promise<Place> {
  const server = http.createServer((request, response) => {
    request.resume();
    response.end(String((server.address() as AddressInfo).port));
  });
  // As nearbox does: else an idle connection ends under the balancer, which then asks another instance.
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function ask(url: string, init: RequestInit = {}): Promise<number> {
  const response = await fetch(`${balancer!.origin}${url}`, init);
  expect(response.status).toBe(200);
  return Number(await response.text());
}

const click = (cloud: string) =>
  ask('/v1/predictions', {
    method: 'POST',
    body: JSON.stringify({ cloud }),
    headers: { 'nearbox-cloud': cloud },
  });

/** Which instance answers for each cloud. */
async function placesOfClicks(): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const cloud of CLOUDS) found.set(cloud, await click(cloud));
  return found;
}

const nginx = findComponent('nginx');
const haproxy = findComponent('haproxy');

describe.each([
  ['nginx.conf', nginx, (ports: number[]) => startShippedNginx(nginx!, folder, ports)],
  ['haproxy.cfg', haproxy, (ports: number[]) => startShippedHaproxy(haproxy!, folder, ports)],
])('the shipped %s', (_, program, startBalancer) => {
  const ports = () => places.map(({ port }) => port);

  it.skipIf(program === null)('sends all requests for a cloud to one instance, and uses all', async () => {
    balancer = await startBalancer(ports());
    const first = await placesOfClicks();
    expect(new Set(first.values())).toEqual(new Set(ports()));
    for (let round = 0; round < 3; round++) expect(await placesOfClicks()).toEqual(first);
    for (const cloud of CLOUDS.slice(0, 8)) {
      const urls = [
        `/tiles/~v1/${cloud}/nodes/0-0-0-0`,
        `/points/~v1/${cloud}/nodes/1-0-1-0`,
        `/points/~v1/${cloud}/hierarchy/0-0-0-0`,
        `/points/${cloud}`,
        `/v1/clouds/${cloud}?fields=all`,
        `/v1/labels/${cloud}`,
        `/v1/cameras/${cloud}`,
        `/v1/predictions?cloud=${cloud}&at=1,2,3`,
        `/v1/predictions?at=1,2,3&cloud=${cloud}`,
      ];
      const found = await Promise.all(urls.map((url) => ask(url)));
      expect(found, cloud).toEqual(urls.map(() => first.get(cloud)));
    }
  });

  it.skipIf(program === null)('spreads requests that name no cloud', async () => {
    balancer = await startBalancer(ports());
    const found = new Set<number>();
    for (let k = 0; k < 60; k++) found.add(await ask('/v1/predictions', { method: 'POST', body: '{}' }));
    expect(found).toEqual(new Set(ports()));
  });

  it.skipIf(program === null)('moves only the clouds of an instance that is lost', async () => {
    balancer = await startBalancer(ports());
    const before = await placesOfClicks();
    const lost = places.pop()!;
    await lost.stop();
    const after = await placesOfClicks();
    const moved = CLOUDS.filter((cloud) => after.get(cloud) !== before.get(cloud));
    expect(moved).toEqual(CLOUDS.filter((cloud) => before.get(cloud) === lost.port));
    expect(moved.length).toBeGreaterThan(0);
    expect(new Set(moved.map((cloud) => after.get(cloud))).size).toBeGreaterThan(1);
  });

  it.skipIf(program === null)('moves few clouds to an instance that joins', async () => {
    const others = ports();
    const joined = others.pop();
    balancer = await startBalancer(others);
    const before = await placesOfClicks();
    await balancer.stop();
    balancer = await startBalancer(ports());
    const after = await placesOfClicks();
    const moved = CLOUDS.filter((cloud) => after.get(cloud) !== before.get(cloud));
    expect(moved.length).toBeGreaterThan(0);
    expect(moved.length).toBeLessThan(CLOUDS.length / 2);
    expect(new Set(moved.map((cloud) => after.get(cloud)))).toEqual(new Set([joined]));
  });
});
