/**
 * Instances restart, die and join under load behind the shipped nginx.conf and haproxy.cfg: no request fails.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findComponent, freePort, type RunningComponent } from '../../cache/testing/index.ts';
import { type Instance, startInstance, startShippedHaproxy, startShippedNginx } from './testing/index.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 60_000 });

const QUESTION = JSON.stringify({
  cloud: '000000',
  region: { type: 'click', position: [-7.2, 5.4, -1.1] },
});
const CALLERS = 6;
const LONG_TIMEOUTS = ['--timeout-ms', '30000', '--max-timeout-ms', '30000', '--drain-ms', '60000'];

let folder: string;
let balancer: RunningComponent | undefined;
const instances = new Set<Instance>();

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-rolling-'));
});
afterEach(async () => {
  await balancer?.stop();
  for (const { child } of instances) child.kill('SIGKILL');
  instances.clear();
  await rm(folder, { recursive: true, force: true });
});

async function start(port: number): Promise<Instance> {
  const instance = await startInstance(port, LONG_TIMEOUTS);
  instances.add(instance);
  void instance.ended.then(() => instances.delete(instance));
  return instance;
}

function ask(origin: string, agent: http.Agent): Promise<number | string> {
  return new Promise((resolve) => {
    const request = http.request(
      `${origin}/v1/predictions`,
      { method: 'POST', agent, headers: { 'content-type': 'application/json', 'timeout-ms': '30000' } },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode!));
        response.on('error', (error) => resolve(error.message));
      },
    );
    request.on('error', (error) => resolve(error.message));
    request.end(QUESTION);
  });
}

/** Asks without a pause from several connections until `stop`, which resolves with all statuses. */
function load(origin: string) {
  const statuses: (number | string)[] = [];
  const agent = new http.Agent({ keepAlive: true, maxSockets: CALLERS });
  let isOver = false;
  const callers = Array.from({ length: CALLERS }, async () => {
    while (!isOver) statuses.push(await ask(origin, agent));
  });
  return {
    /** Resolves when so many more requests have been answered. */
    more: (count: number) => {
      const goal = statuses.length + count;
      return vi.waitFor(() => expect(statuses.length).toBeGreaterThan(goal), {
        timeout: 90_000,
        interval: 10,
      });
    },
    async stop() {
      isOver = true;
      await Promise.all(callers);
      agent.destroy();
      return statuses;
    },
  };
}

const nginx = findComponent('nginx');
const haproxy = findComponent('haproxy');

describe.each([
  ['nginx.conf', nginx, (ports: [number, number]) => startShippedNginx(nginx!, folder, ports)],
  ['haproxy.cfg', haproxy, (ports: [number, number]) => startShippedHaproxy(haproxy!, folder, ports)],
])('behind the shipped %s', (_, program, startBalancer) => {
  it.skipIf(program === null)('a rolling restart fails no request', async () => {
    const ports: [number, number] = [await freePort(), await freePort()];
    const running = await Promise.all(ports.map(start));
    balancer = await startBalancer(ports);
    const requests = load(balancer.origin);
    await requests.more(20);
    for (const [k, port] of ports.entries()) {
      running[k]!.child.kill('SIGTERM');
      expect(await running[k]!.ended).toBe(0);
      running[k] = await start(port);
      await requests.more(20);
    }
    const statuses = await requests.stop();
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    expect(statuses.length).toBeGreaterThan(60);
  });

  it.skipIf(program === null)('an instance that is killed, and one that joins, fail no request', async () => {
    const ports: [number, number] = [await freePort(), await freePort()];
    const [first] = await Promise.all(ports.map(start));
    balancer = await startBalancer(ports);
    const requests = load(balancer.origin);
    await requests.more(20);
    first!.child.kill('SIGKILL');
    expect(await first!.ended).toBe('SIGKILL');
    await requests.more(20);
    await start(ports[0]);
    await requests.more(20);
    const statuses = await requests.stop();
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
  });
});
