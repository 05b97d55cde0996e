/** Real instances behind the shipped balancers: nginx, which is the CDN as well, and HAProxy. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type Instance,
  type ShippedBalancer,
  startInstance,
  startShippedHaproxy,
  startShippedNginx,
} from '../../../app/deploy/testing/index.ts';
import { findComponent, freePort } from '../../../cache/testing/index.ts';
import { cpuMsOf, residentMiBOf } from '../../kit/index.ts';
import type { LoadTarget } from '../../speed/designs/index.ts';
import type { FleetStorage } from './storage.ts';

export type BalancerName = 'nginx' | 'HAProxy';
export const BALANCERS: readonly BalancerName[] = ['nginx', 'HAProxy'];

/**
 * Where an instance reads a node that it does not have: at its owner among the instances, through the CDN, or
 * there.
 */
export type NodesFrom = 'peers' | 'CDN' | 'storage';

/** Defaults may be short for instances, a storage and annotators that share one busy machine. */
const LONG_WAITS = ['--drain-ms', '60000', '--storage-timeout-ms', '20000'];

interface FleetOptions {
  readonly storage: FleetStorage;
  readonly instances: number;
  readonly nodesFrom: NodesFrom;
  readonly hasDisk?: boolean;
}

export class Fleet {
  readonly #options: FleetOptions;
  readonly #folder: string;
  readonly #ports: number[];
  readonly #running = new Map<number, Instance>();
  readonly #balancers = new Map<BalancerName, ShippedBalancer>();

  /** Resolves when all instances are ready. @throws if a balancer is missing */
  static async start(options: FleetOptions): Promise<Fleet> {
    const ports: number[] = [];
    while (ports.length < options.instances) ports.push(await freePort());
    const fleet = new Fleet(options, ports);
    const starts = { nginx: startShippedNginx, HAProxy: startShippedHaproxy };
    for (const name of BALANCERS) {
      const program = findComponent(name === 'nginx' ? 'nginx' : 'haproxy');
      if (program === null) throw new Error(`${name} is missing: .ci/install-components`);
      const folder = path.join(fleet.#folder, name);
      mkdirSync(folder);
      fleet.#balancers.set(name, await starts[name](program, folder, ports));
    }
    await Promise.all(ports.map((port) => fleet.#start(port)));
    return fleet;
  }

  private constructor(options: FleetOptions, ports: number[]) {
    this.#options = options;
    this.#ports = ports;
    this.#folder = mkdtempSync(path.join(tmpdir(), 'nearbox-machines-'));
  }

  get size(): number {
    return this.#ports.length;
  }

  /** What annotators are put on. */
  entry(balancer: BalancerName): LoadTarget {
    const pids = () => [...this.#running.values()].map(({ child }) => child.pid!);
    return {
      kind: 'http',
      url: this.#balancers.get(balancer)!.origin,
      cpuMs: () => cpuMsOf(pids()),
      residentMiB: () => residentMiBOf(pids()),
    };
  }

  balancerCpuMs(balancer: BalancerName): number {
    return cpuMsOf([this.#balancers.get(balancer)!.child.pid!]);
  }

  /** The sum of a metric over all instances; of the lines with this label, if one is given. */
  async metric(name: string, label = ''): Promise<number> {
    const texts = await Promise.all(
      this.#ports.map(async (port) => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()),
    );
    const lines = texts
      .flatMap((text) => text.split('\n'))
      .filter((line) => /^\w+/.exec(line)?.[0] === name && line.includes(label));
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  /** An instance is gone at once. */
  async kill(place: number): Promise<void> {
    await this.#end(this.#ports[place]!, 'SIGKILL');
  }

  /** It drains and ends. @throws if it does not end by itself */
  async stopGently(place: number): Promise<void> {
    const ended = await this.#end(this.#ports[place]!, 'SIGTERM');
    if (ended !== 0) throw new Error(`the instance ended with ${ended}`);
  }

  /** Starts one again at its old address; resolves when it is ready. */
  async restart(place: number): Promise<void> {
    await this.#start(this.#ports[place]!);
  }

  /** One more, of which the balancers learn by a reload. @returns how many boxes it has answered so far */
  async add(): Promise<() => Promise<number>> {
    const port = await freePort();
    await this.#start(port);
    this.#ports.push(port);
    for (const balancer of this.#balancers.values()) await balancer.reload(this.#ports);
    return async () => {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      const counts = [...text.matchAll(/^nearbox_predictions_total\{.*\} (\d+)$/gm)];
      return counts.reduce((sum, [, count]) => sum + Number(count), 0);
    };
  }

  /** The last one leaves: first the balancers are told. */
  async remove(): Promise<void> {
    const port = this.#ports.pop()!;
    for (const balancer of this.#balancers.values()) await balancer.reload(this.#ports);
    await this.#end(port, 'SIGTERM');
  }

  async stop(): Promise<void> {
    for (const balancer of this.#balancers.values()) await balancer.stop();
    await Promise.all([...this.#running.keys()].map((port) => this.#end(port, 'SIGKILL')));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #start(port: number): Promise<void> {
    const { nodesFrom, hasDisk = false, storage } = this.#options;
    const args = ['--clouds', 's3://clouds', '--log-level', 'error', ...LONG_WAITS];
    if (nodesFrom === 'peers')
      args.push('--peers', this.#ports.map((one) => `http://127.0.0.1:${one}`).join(','));
    if (nodesFrom === 'CDN') args.push('--tiles-url', `${this.#balancers.get('nginx')!.origin}/tiles`);
    if (hasDisk) args.push('--disk-cache', path.join(this.#folder, `tiles-${port}`));
    this.#running.set(port, await startInstance(port, args, storage.environment));
  }

  async #end(port: number, signal: NodeJS.Signals): Promise<number | string> {
    const { child, ended } = this.#running.get(port)!;
    child.kill(signal);
    const how = await ended;
    this.#running.delete(port);
    return how;
  }
}
