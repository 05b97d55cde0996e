/**
 * The image, built of the shipped Dockerfile by a real builder (buildah) and run by it. Its base is a Debian
 * with Node (`.ci/make-image-base`): the base that the Dockerfile names is only in a registry of images.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
} from 'node:fs';
import { readdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findComponent, freePort } from '../../cache/testing/index.ts';
import { parseDockerfile } from './dockerfile.ts';

// The image is installed anew, on a machine that may have other things to do.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const CONTEXT = fileURLToPath(new URL('../..', import.meta.url));
const stages = parseDockerfile(readFileSync(path.join(CONTEXT, 'Dockerfile'), 'utf8'));
const TAG = /^node:([^@]+)@/.exec(stages[0]!.image)![1]!;
const BASE_ARCHIVE = path.join(CONTEXT, `.cache/components/image-base-${TAG}.tar`);
/**
 * The layers of the base image for linux/amd64 as the registry lists them; for linux/arm64 they have 80.7 MB.
 */
const BASE_BYTES = 80_815_687;
/** Of `node` in Node's images. */
const UID = 1000;

const buildah = findComponent('buildah');
/** The builder changes the root of its steps, which only root may do. */
const canBuild = buildah !== null && existsSync(BASE_ARCHIVE) && process.getuid?.() === 0;

interface ImageConfig {
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly WorkingDir: string;
  readonly ExposedPorts: Readonly<Record<string, unknown>>;
  readonly Healthcheck: { readonly Test: readonly string[] };
}

let folder: string;
let config: ImageConfig;
/** The file system of a container of the image. */
let root: string;

/** Copies instead of layers, and a changed root instead of a container: that works within containers, too. */
const inStore = (args: readonly string[]) => [
  ...['--root', path.join(folder, 'store'), '--runroot', path.join(folder, 'run')],
  ...['--storage-driver', 'vfs', ...args],
];

function run(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(buildah!, inStore(args), {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`buildah ${args[0]} ended with ${status}:\n${stdout}\n${stderr}`);
  return stdout.trim();
}

beforeAll(() => {
  if (!canBuild) return;
  folder = mkdtempSync(path.join(os.tmpdir(), 'nearbox-image-'));
  run('from', '--name', 'base', 'scratch');
  run('add', '--quiet', 'base', BASE_ARCHIVE, '/');
  run('config', '--env', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'base');
  run('commit', '--quiet', '--rm', 'base', `node:${TAG}`);
  const build = ['--isolation', 'chroot', '--pull-never', '--format', 'docker', '--build-arg', `NODE=${TAG}`];
  run('bud', ...build, '--tag', 'nearbox', CONTEXT);
  config = (JSON.parse(run('inspect', '--type', 'image', 'nearbox')) as { Docker: { config: ImageConfig } })
    .Docker.config;
  run('from', '--pull-never', '--name', 'started', 'nearbox');
  root = run('mount', 'started');
});
afterAll(() => {
  if (canBuild) rmSync(folder, { recursive: true, force: true });
});

const inImage = (name: string) => path.join(root, config.WorkingDir, name);

describe.skipIf(!canBuild)('the image', () => {
  it('has the configuration of the Dockerfile', () => {
    expect(config).toMatchObject({
      WorkingDir: '/nearbox',
      Entrypoint: ['app/bin/entrypoint.sh'],
      Cmd: ['node', 'app/bin/nearbox.mjs', 'serve'],
      ExposedPorts: { '8080/tcp': {} },
    });
    expect(config.Env).toContain('NODE_ENV=production');
    expect(config.Healthcheck.Test.slice(0, 2)).toEqual(['CMD', 'node']);
  });

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
    const pushed = path.join(folder, 'pushed');
    run('push', '--quiet', '--compression-format', 'gzip', 'nearbox', `oci:${pushed}`);
    const blobs = path.join(pushed, 'blobs/sha256');
    const json = (digest: string) =>
      JSON.parse(readFileSync(path.join(blobs, digest.slice('sha256:'.length)), 'utf8'));
    const index = JSON.parse(readFileSync(path.join(pushed, 'index.json'), 'utf8'));
    const { layers } = json(index.manifests[0].digest) as { layers: { size: number }[] };
    // The first one is the base of this test.
    const own = layers.slice(1).reduce((sum, { size }) => sum + size, 0);
    console.log(
      `${((BASE_BYTES + own) / 1e6).toFixed(0)} MB compressed, ${(own / 1e6).toFixed(1)} MB of them our own`,
    );
    expect(own).toBeGreaterThan(1e6);
    expect(BASE_BYTES + own).toBeLessThan(200e6);
  });

  it('has a program that the server cannot change', () => {
    expect(statSync(inImage('app/bin/nearbox.mjs')).uid).toBe(0);
    expect(statSync(path.join(root, 'var/cache/nearbox')).uid).toBe(UID);
  });

  it('has only what runs', async () => {
    const lock = JSON.parse(readFileSync(path.join(CONTEXT, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { dev?: boolean }>;
    };
    const development = Object.entries(lock.packages).flatMap(([name, { dev }]) => (dev ? [name] : []));
    expect(development.length).toBeGreaterThan(10);
    expect(development.filter((name) => existsSync(inImage(name)))).toEqual([]);

    const files = await readdir(inImage(''), { recursive: true });
    const own = files.filter((file) => !file.startsWith('node_modules'));
    expect(
      own.filter((file) => /\.test\.|testing|conformance|\.md$|training|monitoring|deploy/.test(file)),
    ).toEqual([]);
    expect(own).toContain('inference/model/model.json');
    const runtimes = files.filter((file) => /onnxruntime-node\/bin\/napi-v6\/[^/]+\/[^/]+$/.test(file));
    expect(runtimes).toEqual([`node_modules/onnxruntime-node/bin/napi-v6/linux/${process.arch}`]);
    expect(files.filter((file) => /\.d\.ts$|\.map$/.test(file))).toEqual([]);
  });
});

describe.skipIf(!canBuild)('its command', () => {
  let engine: ChildProcess;
  let port: number;
  let errors = '';

  /** As an engine starts it, with the image's environment and nothing else. */
  const inContainer = (environment: Readonly<Record<string, string>>, command: readonly string[]) =>
    inStore([
      ...['run', '--isolation', 'chroot'],
      ...Object.entries(environment).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
      ...['started', '--', ...command],
    ]);
  const disk = () => path.join(root, 'var/cache/nearbox');
  /** Node, below the builder's own processes. */
  const server = () => {
    const below = (pid: number): number[] => {
      // Any thread may have started one.
      const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
        readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean),
      );
      return [pid, ...children.map(Number).flatMap(below)];
    };
    const found = below(engine.pid!).find((pid) => readlinkSync(`/proc/${pid}/exe`).endsWith('/bin/node'));
    if (found === undefined) throw new Error('no process of the builder is Node');
    return found;
  };

  beforeAll(async () => {
    port = await freePort();
    // A new volume belongs to root.
    chownSync(disk(), 0, 0);
    const environment = { NEARBOX_PORT: String(port), NEARBOX_DISK_CACHE: '/var/cache/nearbox' };
    engine = spawn(buildah!, inContainer(environment, [...config.Entrypoint, ...config.Cmd]), {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    engine.stderr!.on('data', (text) => {
      errors += text;
    });
    const listening = new Promise<string>((resolve) => createInterface(engine.stdout!).once('line', resolve));
    const ended = once(engine, 'exit').then(() => `ended: ${errors}`);
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
    const status = readFileSync(`/proc/${server()}/status`, 'utf8');
    expect(/^Uid:\t(\d+)\t(\d+)/m.exec(status)!.slice(1)).toEqual([`${UID}`, `${UID}`]);
    expect(/^CapEff:\t(\w+)/m.exec(status)![1]).toMatch(/^0+$/);
    expect(statSync(disk()).uid).toBe(UID);
  });

  it('can write its disk tier, and its healthcheck finds it alive', () => {
    expect(errors).not.toContain('disk');
    const check = (at: number) =>
      spawnSync(buildah!, inContainer({ NEARBOX_PORT: String(at) }, config.Healthcheck.Test.slice(1))).status;
    expect(check(port)).toBe(0);
    expect(check(port + 1)).toBe(1);
  });

  it('ends by itself when it is told to', async () => {
    const ended = once(engine, 'exit');
    process.kill(server(), 'SIGTERM');
    const [code] = await ended;
    expect(code).toBe(0);
  });
});
