/**
 * Instances restart, die, join and are added under load behind the shipped nginx.conf and haproxy.cfg: no
 * request fails, whether or not it names its cloud.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findComponent, freePort } from '../../cache/testing/index.ts';
import { demoPlaces } from '../testing/index.ts';
import {
  type Instance,
  type ShippedBalancer,
  startInstance,
  startShippedHaproxy,
  startShippedNginx,
} from './testing/index.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 60_000 });

/** A click on each cloud of the demo. */
const QUESTIONS = Array.from({ length: 10 }, (_, k) => {
  const cloud = String(k).padStart(6, '0');
  return { cloud, region: { type: 'click', position: demoPlaces(1, cloud)[0] } };
});
const CALLERS = 6;
const LONG_TIMEOUTS = ['--timeout-ms', '30000', '--max-timeout-ms', '30000', '--drain-ms', '60000'];

let folder: string;
let balancer: ShippedBalancer | undefined;
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

interface Asked {
  readonly url: string;
  readonly agent: http.Agent;
  readonly question: (typeof QUESTIONS)[number];
  readonly isNamed: boolean;
  /** Whether a request that met a closed connection is sent again on a new one, as browsers do. */
  readonly isSentAgain?: boolean;
}

function ask({ url, agent, question, isNamed, isSentAgain = false }: Asked): Promise<number | string> {
  return new Promise((resolve) => {
    const headers = {
      'content-type': 'application/json',
      'timeout-ms': '30000',
      ...(isNamed && { 'nearbox-cloud': question.cloud }),
    };
    const request = http.request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode!));
      response.on('error', (error) => resolve(error.message));
    });
    request.on('error', (error) => {
      if (isSentAgain && request.reusedSocket) resolve(ask({ url, agent, question, isNamed, isSentAgain }));
      else resolve(error.message);
    });
    request.end(JSON.stringify(question));
  });
}

/** Asks without a pause from several connections until `stop`; every other connection names its clouds. */
function load(origin: string, { isSentAgain = false } = {}) {
  const answers: { readonly status: number | string; readonly isNamed: boolean }[] = [];
  const agent = new http.Agent({ keepAlive: true, maxSockets: CALLERS });
  let isOver = false;
  const callers = Array.from({ length: CALLERS }, async (_, caller) => {
    const isNamed = caller % 2 === 0;
    for (let k = caller; !isOver; k++) {
      const question = QUESTIONS[k % QUESTIONS.length]!;
      const status = await ask({ url: `${origin}/v1/predictions`, agent, question, isNamed, isSentAgain });
      answers.push({ status, isNamed });
    }
  });
  return {
    /** Resolves when so many more requests have been answered. */
    more: (count: number) => {
      const goal = answers.length + count;
      return vi.waitFor(() => expect(answers.length).toBeGreaterThan(goal), {
        timeout: 90_000,
        interval: 10,
      });
    },
    /** Resolves when all is answered. @throws if a request failed, or one kind of them was not asked */
    async expectAllAnswered() {
      isOver = true;
      await Promise.all(callers);
      agent.destroy();
      expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
      expect(new Set(answers.map(({ isNamed }) => isNamed))).toEqual(new Set([true, false]));
    },
  };
}

/** How many boxes an instance has answered, by its metrics. */
async function predictionsOf(port: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const counts = [...text.matchAll(/^nearbox_predictions_total\{.*\} (\d+)$/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

const nginx = findComponent('nginx');
const haproxy = findComponent('haproxy');

describe.each([
  ['nginx.conf', nginx, (ports: number[]) => startShippedNginx(nginx!, folder, ports)],
  ['haproxy.cfg', haproxy, (ports: number[]) => startShippedHaproxy(haproxy!, folder, ports)],
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
    await requests.expectAllAnswered();
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
    await requests.expectAllAnswered();
  });

  it.skipIf(program === null)('an instance that a reload adds fails no request', async () => {
    const first = await freePort();
    await start(first);
    balancer = await startBalancer([first]);
    const requests = load(balancer.origin, { isSentAgain: true });
    await requests.more(10);
    const added = await freePort();
    await start(added);
    await balancer.reload([first, added]);
    await vi.waitFor(async () => expect(await predictionsOf(added)).toBeGreaterThan(5), {
      timeout: 90_000,
      interval: 50,
    });
    await requests.expectAllAnswered();
  });
});
