/**
 * The image, made without an engine: the Dockerfile's steps are carried out in a bare folder, then its
 * command runs there as the user that it names and answers a prediction. Not seen by it: the base image, of
 * which only Node is used.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { mkdtemp, readdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freePort } from '../../cache/testing/index.ts';
import { type DockerStage, type DockerStep, isIgnored, parseDockerfile } from './dockerfile.ts';

// The image is installed anew, on a machine that may have other things to do.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const CONTEXT = fileURLToPath(new URL('../..', import.meta.url));
const stages = parseDockerfile(readFileSync(path.join(CONTEXT, 'Dockerfile'), 'utf8'));
const ignore = readFileSync(path.join(CONTEXT, '.dockerignore'), 'utf8');
const isRoot = process.getuid?.() === 0;
/** The layers of the base image for linux/amd64 as the registry lists them; for linux/arm64 they have 80.7 MB. */
const BASE_BYTES = 80_815_687;
/** Of `node` in Node's images. Who is not root here can only be who he is. */
const [uid, gid] = isRoot ? [1000, 1000] : [process.getuid!(), process.getgid!()];

/** A stage as it is being made. */
interface Made {
  readonly root: string;
  workdir: string;
  user: string;
  readonly environment: Record<string, string>;
  entrypoint: string[];
  command: string[];
  healthcheck: string[];
}

const made = new Map<string, Made>();
/** Bytes under node_modules after each step that ran something. */
const sizes: { readonly after: string; readonly bytes: number }[] = [];
let folder: string;
let image: Made;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-image-'));
  chmodSync(folder, 0o755);
  for (const [i, stage] of stages.entries()) {
    image = make(stage, path.join(folder, String(i)));
    made.set(stage.name ?? '', image);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function make({ steps }: DockerStage, root: string): Made {
  mkdirSync(root);
  const stage: Made = {
    root,
    workdir: '/',
    user: 'root',
    environment: {},
    entrypoint: [],
    command: [],
    healthcheck: [],
  };
  for (const step of steps) carryOut(step, stage);
  return stage;
}

function carryOut({ kind, text }: DockerStep, stage: Made): void {
  switch (kind) {
    case 'WORKDIR':
      stage.workdir = text;
      mkdirSync(path.join(stage.root, text), { recursive: true });
      return;
    case 'ENV':
      for (const pair of text.split(/ +/)) {
        const [name, value] = pair.split('=');
        stage.environment[name!] = value!;
      }
      return;
    case 'COPY':
      copy(text.split(/ +/), stage);
      return;
    case 'RUN':
      run(text, stage);
      return;
    case 'USER':
      stage.user = text;
      return;
    case 'ENTRYPOINT':
      stage.entrypoint = JSON.parse(text) as string[];
      return;
    case 'CMD':
      stage.command = JSON.parse(text) as string[];
      return;
    case 'HEALTHCHECK':
      stage.healthcheck = JSON.parse(text.slice(text.indexOf('CMD') + 3)) as string[];
      return;
    case 'EXPOSE':
      return;
  }
}

function copy(words: readonly string[], stage: Made): void {
  const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length);
  const names = words.filter((word) => !word.startsWith('--'));
  const target = names.pop()!;
  for (const name of names) {
    const source = from === undefined ? path.join(CONTEXT, name) : path.join(made.get(from)!.root, name);
    const to = path.join(stage.root, stage.workdir, target.endsWith('/') ? path.join(target, name) : target);
    const isKept = (file: string) => from !== undefined || !isIgnored(ignore, path.relative(CONTEXT, file));
    cpSync(source, to, { recursive: true, verbatimSymlinks: true, filter: isKept });
  }
}

/**
 * In a shell, as the image's would; what it names by an absolute path lies below the stage's folder, and
 * `node` is a number.
 */
function run(text: string, stage: Made): void {
  expect(stage.user).toBe('root');
  const command = text.replaceAll(' /var/', ` ${stage.root}/var/`).replaceAll('node:node', `${uid}:${gid}`);
  expect(command.replaceAll(stage.root, '')).not.toMatch(/(?<=\s)\/(?!var\/cache\/nearbox)/);
  const cwd = path.join(stage.root, stage.workdir);
  const { PATH, HOME } = process.env;
  // The packages are those of the lock file, whether they come from npm's cache or from afar.
  const environment = { ...stage.environment, PATH, HOME, npm_config_prefer_offline: 'true' };
  execFileSync('sh', ['-ec', command], { cwd, env: environment, stdio: ['ignore', 'ignore', 'inherit'] });
  if (existsSync(path.join(cwd, 'node_modules')))
    sizes.push({ after: text.slice(0, 60), bytes: bytesOf(path.join(cwd, 'node_modules')) });
}

function bytesOf(target: string): number {
  return Number(/^\d+/.exec(execFileSync('du', ['-sb', target], { encoding: 'utf8' }))![0]);
}

const inImage = (name: string) => path.join(image.root, image.workdir, name);

describe('the image', () => {
  it('has Node of one version, pinned by digest, in both stages', () => {
    const images = new Set(stages.map((stage) => stage.image));
    expect(images.size).toBe(1);
    expect([...images][0]).toMatch(/^node:\d+\.\d+\.\d+-bookworm-slim@sha256:[0-9a-f]{64}$/);
  });

  it('lists its packages: all that are there, and no others', async () => {
    const { bomFormat, metadata, components } = JSON.parse(
      readFileSync(inImage('sbom.cdx.json'), 'utf8'),
    ) as {
      bomFormat: string;
      metadata: { component: { name: string } };
      components: { name: string; version: string; purl: string; licenses?: unknown[] }[];
    };
    expect([bomFormat, metadata.component.name]).toEqual(['CycloneDX', 'nearbox']);
    const installed = (await readdir(inImage('node_modules'), { recursive: true }))
      .filter((file) => /(?:^|node_modules\/)(?:@[^/]+\/)?[^/@]+\/package\.json$/.test(file))
      .map((file) => JSON.parse(readFileSync(inImage(`node_modules/${file}`), 'utf8')))
      .map(({ name, version }: { name: string; version: string }) => `${name}@${version}`);
    const listed = components.map(({ name, version }) => `${name}@${version}`);
    expect(listed.length).toBeGreaterThan(50);
    expect(listed.toSorted()).toEqual([...new Set(installed)].sort());
    for (const { purl } of components) expect(purl).toMatch(/^pkg:npm\//);
    expect(components.filter(({ licenses }) => (licenses ?? []).length === 0)).toEqual([]);
  });

  it('has 200 MB at most, compressed as registries count', () => {
    const layers = execFileSync('sh', ['-c', `tar -C '${image.root}' -cf - . | gzip -c | wc -c`], {
      encoding: 'utf8',
    });
    const bytes = BASE_BYTES + Number(layers);
    console.log(
      `${(bytes / 1e6).toFixed(0)} MB compressed, ${(BASE_BYTES / 1e6).toFixed(0)} MB of it in the base`,
    );
    expect(bytes).toBeLessThan(200e6);
  });

  it('has a program that the server cannot change', () => {
    if (!isRoot) return;
    expect(statSync(inImage('app/bin/nearbox.mjs')).uid).toBe(0);
    expect(statSync(path.join(image.root, 'var/cache/nearbox')).uid).toBe(uid);
  });

  it('has only what runs', async () => {
    const lock = JSON.parse(readFileSync(path.join(CONTEXT, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { dev?: boolean }>;
    };
    const development = Object.entries(lock.packages).flatMap(([name, { dev }]) => (dev ? [name] : []));
    expect(development.length).toBeGreaterThan(10);
    expect(development.filter((name) => existsSync(inImage(name)))).toEqual([]);

    const files = await readdir(path.join(image.root, image.workdir), { recursive: true });
    const own = files.filter((file) => !file.startsWith('node_modules'));
    expect(
      own.filter((file) => /\.test\.|testing|conformance|\.md$|training|monitoring|deploy/.test(file)),
    ).toEqual([]);
    expect(own).toContain('inference/model/model.json');
    const runtimes = files.filter((file) => /onnxruntime-node\/bin\/napi-v6\/[^/]+\/[^/]+$/.test(file));
    expect(runtimes).toEqual([`node_modules/onnxruntime-node/bin/napi-v6/linux/${process.arch}`]);
    expect(files.filter((file) => /\.d\.ts$|\.map$/.test(file))).toEqual([]);
  });

  it('gets smaller by what is pruned', () => {
    for (const { after, bytes } of sizes)
      console.log(`${(bytes / 1e6).toFixed(0)} MB of packages after: ${after}`);
    console.log(`${(bytesOf(image.root) / 1e6).toFixed(0)} MB in the image, on top of Node's`);
    expect(sizes.at(-1)!.bytes).toBeLessThan(sizes[0]!.bytes / 2);
  });
});

describe('its command', () => {
  let server: ChildProcess;
  let port: number;
  let errors = '';

  /** As an engine starts it, with the image's environment and nothing else. */
  const options = () => ({
    cwd: path.join(image.root, image.workdir),
    env: {
      ...image.environment,
      PATH: process.env.PATH,
      NEARBOX_PORT: String(port),
      NEARBOX_DISK_CACHE: disk(),
    },
  });
  const disk = () => path.join(image.root, 'var/cache/nearbox');

  beforeAll(async () => {
    port = await freePort();
    // A new volume belongs to root.
    if (isRoot) chownSync(disk(), 0, 0);
    const [program, ...args] = [...image.entrypoint, ...image.command];
    server = spawn(program!, args, { ...options(), stdio: ['ignore', 'pipe', 'pipe'] });
    server.stderr!.on('data', (text) => {
      errors += text;
    });
    const listening = new Promise<string>((resolve) => createInterface(server.stdout!).once('line', resolve));
    const ended = once(server, 'exit').then(() => `ended: ${errors}`);
    expect(await Promise.race([listening, ended])).toBe(`nearbox listening on http://0.0.0.0:${port}`);
  });

  it('answers a prediction by the network, and the page', async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/predictions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ cloud: '000000', region: { type: 'click', position: [-7.2, 5.4, -1.1] } }),
    });
    expect(await answer.json()).toMatchObject({ class: 'car', method: 'model' });
    const page = await fetch(`http://127.0.0.1:${port}/`);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<script')]);
  });

  it('drops the rights of root, and gives a new volume to the server', () => {
    const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
    expect(/^Uid:\t(\d+)\t(\d+)/m.exec(status)!.slice(1)).toEqual([`${uid}`, `${uid}`]);
    expect(/^CapEff:\t(\w+)/m.exec(status)![1]).toMatch(/^0+$/);
    expect(statSync(disk()).uid).toBe(uid);
  });

  it('can write its disk tier, and its healthcheck finds it alive', () => {
    expect(errors).not.toContain('disk');
    const check = () => spawnSync(image.healthcheck[0]!, image.healthcheck.slice(1), options()).status;
    expect(check()).toBe(0);
    port += 1;
    expect(check()).toBe(1);
    port -= 1;
  });

  it('ends by itself when it is told to', async () => {
    server.kill('SIGTERM');
    const [code] = await once(server, 'exit');
    expect(code).toBe(0);
  });
});
