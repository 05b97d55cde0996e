/** The shipped haproxy.cfg on this machine: the same text, with its addresses replaced. */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort } from '../../../cache/testing/index.ts';
import { type ShippedBalancer, shippedBalancer } from './shipped-balancer.ts';

const SHIPPED = readFileSync(new URL('../haproxy.cfg', import.meta.url), 'utf8');

/**
 * Starts HAProxy with the shipped configuration.
 *
 * @param program the path of haproxy
 * @param folder an empty folder for its files; the caller removes it
 * @param instances ports of nearbox, a `server` line each
 * @throws if HAProxy refuses the configuration, or warns
 */
export async function startShippedHaproxy(
  program: string,
  folder: string,
  instances: readonly number[],
): Promise<ShippedBalancer> {
  const port = await freePort();
  const file = path.join(folder, 'haproxy.cfg');
  const configure = async (ports: readonly number[]) => {
    const servers = ports.map((instance) => `  server at-${instance} 127.0.0.1:${instance}\n`);
    const text = SHIPPED.replace(/^(?: {2}server .*\n)+/m, servers.join('')).replace(
      'bind :8080',
      `bind 127.0.0.1:${port}`,
    );
    await writeFile(file, text);
    const { status, stderr } = spawnSync(program, ['-c', '-dW', '-f', file], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  };
  await configure(instances);
  const child = spawn(program, ['-W', '-db', '-f', file], { stdio: 'ignore' });
  return shippedBalancer(child, port, 'SIGUSR2', configure);
}
