/** The shipped nginx.conf on this machine: the same text, with its addresses and folders replaced. */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort } from '../../../cache/testing/index.ts';
import { type ShippedBalancer, shippedBalancer } from './shipped-balancer.ts';

const SHIPPED = readFileSync(new URL('../nginx.conf', import.meta.url), 'utf8');

/**
 * Starts nginx with the shipped configuration.
 *
 * @param program the path of nginx
 * @param folder an empty folder for its files; the caller removes it
 * @param instances ports of nearbox, a `server` line each
 * @throws if nginx refuses the configuration
 */
export async function startShippedNginx(
  program: string,
  folder: string,
  instances: readonly number[],
): Promise<ShippedBalancer> {
  const port = await freePort();
  const file = path.join(folder, 'nginx.conf');
  const args = ['-c', file, '-p', folder, '-e', path.join(folder, 'error.log')];
  const configure = async (ports: readonly number[]) => {
    await writeFile(file, onThisMachine(SHIPPED, folder, port, ports));
    const { status, stderr } = spawnSync(program, ['-t', ...args], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  };
  await configure(instances);
  return shippedBalancer(spawn(program, args, { stdio: 'ignore' }), port, 'SIGHUP', configure);
}

function onThisMachine(text: string, folder: string, port: number, instances: readonly number[]): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const replace = (from: string | RegExp, to: (match: string) => string) => {
    const changed = text.replace(from, to);
    if (changed === text) throw new Error(`nginx.conf has no ${from}`);
    text = changed;
  };
  // Workers of root would be `nobody`, who may not write to the folder.
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  replace('worker_processes auto;', (line) => `${line} ${user} daemon off; pid ${folder}/pid;`);
  replace('error_log stderr', () => `error_log ${folder}/error.log`);
  replace('/var/cache/nginx/tiles', () => `${folder}/cache`);
  replace(/server nearbox:8080( [^;]*)?;/, (line) =>
    instances.map((instance) => line.replace('nearbox:8080', `127.0.0.1:${instance}`)).join(' '),
  );
  replace('listen 8080;', () => `listen 127.0.0.1:${port};`);
  replace('access_log off;', () => `access_log off; ${temporary.join(' ')}`);
  return text;
}
