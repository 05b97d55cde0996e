/** The package as a user has it: built, packed, installed in an empty folder from the registry alone. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build as bundle } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

// Packages are fetched and unpacked, on a machine that may have other work.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 600_000 });

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MAX_PACKAGE_BYTES = 15_000_000;
const CLICK = { cloud: '000000', region: { type: 'click', position: [-7.2, 5.4, -1.1] } };

let folder: string;
let tarball: string;
let files: string[];

const npm = (args: string[], cwd: string) =>
  execFileSync('npm', args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip', npm_config_prefer_offline: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-package-'));
  npm(['run', 'build'], ROOT);
  const [packed] = JSON.parse(npm(['pack', '--json', '--pack-destination', folder], ROOT)) as {
    filename: string;
    files: { path: string }[];
  }[];
  tarball = path.join(folder, packed!.filename);
  files = packed!.files.map((file) => file.path);
  await writeFile(path.join(folder, 'package.json'), '{"type":"module"}');
  npm(['install', '--no-audit', '--no-fund', tarball], folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the package', () => {
  it('is small, and holds the demo, the network, the client and no sources', async () => {
    expect((await stat(tarball)).size).toBeLessThanOrEqual(MAX_PACKAGE_BYTES);
    expect(files).toEqual(
      expect.arrayContaining([
        'app/demo/000000/ept.json',
        'dist/app/cli/main.js',
        'dist/client.js',
        'dist/page/index.html',
        'dist/types/app/client/client.d.ts',
        'dist/types/octree/build/build.d.ts',
        'inference/model/propose.onnx',
      ]),
    );
    expect(files.filter((file) => /(?<!\.d)\.ts$|\.test\.|\/testing\//.test(file))).toEqual([]);
  });

  it('brings no bundler and no compiler along', () => {
    const installed = npm(['ls', '--all', '--parseable'], folder);
    expect(installed).toContain('onnxruntime-node');
    expect(installed.match(/node_modules\/(esbuild|tsx|three|typescript|vite)$/gm)).toBeNull();
  });

  it('has a client that other projects import', () => {
    const script = "import('nearbox/client').then(({ NearboxClient }) => console.log(typeof NearboxClient))";
    const printed = execFileSync(process.execPath, ['-e', script], { cwd: folder, encoding: 'utf8' });
    expect(printed).toBe('function\n');
  });

  it('has a builder that other projects import, with its types', async () => {
    const program = `
      import { build, type PointSource } from 'nearbox/build';
      const source: PointSource = {
        name: 'mine',
        intensity: 'float32',
        *points() {
          yield { x: [1, 2], y: [0, 0], z: [0, 1], intensity: [0.25, 0.5] };
        },
      };
      const { points, warnings } = await build(source, 'clouds/mine', { timestamp: 12.5 });
      const counted: number = points + warnings.length;
      console.log(counted);
    `;
    await writeFile(path.join(folder, 'program.ts'), program);
    const { outputFiles } = await bundle({
      stdin: { contents: program, loader: 'ts', resolveDir: folder },
      ...{ format: 'esm', packages: 'external', write: false },
    });
    await writeFile(path.join(folder, 'program.mjs'), outputFiles[0]!.contents);
    const printed = execFileSync(process.execPath, ['program.mjs'], { cwd: folder, encoding: 'utf8' });
    expect(printed).toBe('2\n');
    const tsc = path.join(ROOT, 'node_modules', '.bin', 'tsc');
    const types = ['--typeRoots', path.join(ROOT, 'node_modules/@types'), '--types', 'node'];
    const flags = [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--skipLibCheck',
      ...types,
    ];
    expect(execFileSync(tsc, [...flags, 'program.ts'], { cwd: folder, encoding: 'utf8' })).toBe('');
    expect((await stat(path.join(folder, 'clouds/mine/ept.json'))).isFile()).toBe(true);
  });

  it('serves the demo and the page', async () => {
    const bin = path.join(folder, 'node_modules', '.bin', 'nearbox');
    const server: ChildProcess = spawn(bin, ['serve', '--port', '0'], {
      cwd: folder,
      // As users start it: also with the clicks on its demo that servers of other tests leave out.
      env: { ...process.env, NEARBOX_REHEARSE_MS: undefined },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const ended = once(server, 'exit').then(([code]) => Promise.reject(new Error(`exit code ${code}`)));
      ended.catch(() => {});
      const [line] = (await Promise.race([once(createInterface(server.stdout!), 'line'), ended])) as [string];
      const base = /http:\/\/\S+$/.exec(line)![0];
      const answer = await fetch(`${base}/v1/predictions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(CLICK),
      });
      expect(await answer.json()).toMatchObject({ class: 'car', method: 'model' });
      const page = await (await fetch(`${base}/`)).text();
      const script = /src="(\/page\/main-[^"]+\.js)"/.exec(page)![1]!;
      expect((await fetch(base + script)).status).toBe(200);
    } finally {
      if (server.exitCode === null) {
        server.kill();
        await once(server, 'exit');
      }
    }
  });
});
