/** The command line as users call it: a process of its own, exit codes, one line on stderr. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROGRAM } from '../../cache/testing/index.ts';
import { iou3d } from '../../inference/index.ts';
import { CAR, streetCloud, streetPoints } from '../testing/index.ts';

let cloud: Awaited<ReturnType<typeof streetCloud>>;
let folder: string;

beforeAll(async () => {
  cloud = await streetCloud();
  folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-cli-'));
});
afterAll(async () => {
  await cloud.remove();
  await rm(folder, { recursive: true, force: true });
});

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function nearbox(args: readonly string[], environment: Record<string, string> = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const env = { ...process.env, ...environment };
    execFile(process.execPath, [PROGRAM, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

describe('nearbox', () => {
  const at = `${CAR.center[0] - 1.6},${CAR.center[1] - 1.3},${CAR.center[2]}`;
  const street = () => path.join(cloud.root, 'street');

  it('predicts, from a path or an id, as text or JSON', async () => {
    const text = await nearbox(['predict', street(), '--at', at]);
    expect(text).toMatchObject({ code: 0, stderr: '' });
    expect(text.stdout).toMatch(/expected IoU 0\.\d\d, by model/);
    const json = await nearbox(['predict', 'street', '--clouds', cloud.root, '--at', at, '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ method: 'model', cloud: { id: 'street' } });
  });

  it('predicts from a lasso, with runners-up', async () => {
    const lasso = '7.5,2.3 12.4,3.2 12.8,5.6 7.4,4.9';
    const found = await nearbox(['predict', street(), '--polygon', lasso, '--alternatives', '2', '--json']);
    const answer = JSON.parse(found.stdout);
    expect(answer.method).toBe('model');
    expect(iou3d(answer.box, CAR)).toBeGreaterThan(0.5);
    expect(answer.alternatives.length).toBeGreaterThan(0);
  });

  it('makes a label profile and predicts with it', async () => {
    const frames = path.join(folder, 'frames');
    await mkdir(frames);
    await writeFile(path.join(frames, 'a.bin'), new Uint8Array(streetPoints().buffer));
    const object = { ...CAR, class: 'Car', numPoints: 1000 };
    const index = { frames: [{ id: 'a', points: 'a.bin', format: 'f32le-xyzi', objects: [object] }] };
    await writeFile(path.join(frames, 'index.json'), JSON.stringify(index));
    const file = path.join(folder, 'mine.json');
    const made = await nearbox(['profile', frames, '--out', file]);
    expect(made).toMatchObject({ code: 0 });
    expect(made.stdout).toContain('1 car');
    const plain = JSON.parse((await nearbox(['predict', street(), '--at', at, '--json'])).stdout);
    const own = JSON.parse(
      (await nearbox(['predict', street(), '--at', at, '--profile', file, '--json'])).stdout,
    );
    expect(own.method).toBe('model');
    expect(own.box).not.toEqual(plain.box);
  }, 90_000);

  it('takes every flag from its environment twin, and a flag before it', async () => {
    const twin = { NEARBOX_CLOUDS: cloud.root, NEARBOX_AT: at, NEARBOX_JSON: '1' };
    const answer = await nearbox(['predict', 'street'], twin);
    expect(JSON.parse(answer.stdout)).toMatchObject({ method: 'model' });
    const over = await nearbox(['predict', 'street', '--clouds', folder], twin);
    expect(over).toMatchObject({ code: 1 });
    expect(over.stderr).toContain('[cloud_not_found]');
  });

  it('takes the region of the command line before that of the environment', async () => {
    const out = path.join(folder, 'few.ply');
    const twins = { NEARBOX_AT: '0,0,900', NEARBOX_Z: '1,2' };
    const crop = await nearbox(['crop', street(), '--sphere', '0,0,0,100', '--out', out], twins);
    expect(crop).toMatchObject({ code: 0, stderr: '' });
    const two = await nearbox(['crop', street(), '--out', out], { ...twins, NEARBOX_SPHERE: '0,0,0,1' });
    expect(two.code).toBe(2);
  });

  it('writes the points of a region as PLY; a value may begin with a minus', async () => {
    const out = path.join(folder, 'all.ply');
    const crop = await nearbox(['crop', street(), '--sphere=-1,0,0,100', '--out', out]);
    expect(crop.code).toBe(0);
    const count = streetPoints().length / 4;
    expect(crop.stdout).toContain(`${count} points`);
    const header = (await readFile(out)).subarray(0, 200).toString('latin1');
    expect(header).toContain(`element vertex ${count}`);
    expect((await readFile(out)).length).toBe(
      header.indexOf('end_header\n') + 'end_header\n'.length + 28 * count,
    );
  });

  it('plans a region, as text or JSON, and reads no node for it', async () => {
    const all = path.join(folder, 'planned');
    await cp(street(), path.join(all, 'street'), { recursive: true });
    const call = ['plan', 'street', '--clouds', all, '--sphere', '0,0,0,1000'];
    const whole = JSON.parse((await nearbox([...call, '--json'])).stdout);
    expect(whole.totals.points).toBe(streetPoints().length / 4);
    await rm(path.join(all, 'street', 'ept-data'), { recursive: true });
    expect(JSON.parse((await nearbox([...call, '--json'])).stdout)).toEqual(whole);
    const part = await nearbox([...call, '--points', '20000']);
    expect(part).toMatchObject({ code: 0, stderr: '' });
    expect(part.stdout).toMatch(
      /^0-0-0-0 {2}\d+ points {2}street\/ept-data\/0-0-0-0\.bin, \d+ bytes\n[\s\S]*left out for --points\n$/,
    );
    const coarse = JSON.parse((await nearbox([...call, '--spacing', '1000', '--json'])).stdout);
    expect(coarse.nodes.map(({ key }: { key: string }) => key)).toEqual(['0-0-0-0']);
  });

  it('builds, refuses to build over a cloud, and replaces it with --force', async () => {
    const input = path.join(folder, 'scan.bin');
    await writeFile(input, new Uint8Array(streetPoints().buffer));
    const out = path.join(folder, 'built');
    expect(await nearbox(['build', input, '--out', out])).toMatchObject({ code: 0, stderr: '' });
    expect(await readdir(path.join(out, 'scan'))).toContain('ept.json');
    expect((await nearbox(['build', input, '--out', out])).code).toBe(2);
    expect((await nearbox(['build', input, '--out', out, '--force'])).code).toBe(0);
  });

  it('validates a cloud: 0 if it is sound, 1 with every finding if it is not', async () => {
    const sound = await nearbox(['validate', street()]);
    expect(sound).toMatchObject({ code: 0, stderr: '' });
    expect(sound.stdout).toContain(`${streetPoints().length / 4} points`);
    expect(sound.stdout).toMatch(/\n0 errors, 0 warnings\n$/);

    const damaged = path.join(folder, 'damaged');
    await cp(street(), damaged, { recursive: true });
    const nodes = (await readdir(path.join(damaged, 'ept-data'))).slice(0, 2);
    await rm(path.join(damaged, 'ept-data', nodes[0]!));
    await writeFile(path.join(damaged, 'ept-data', nodes[1]!), 'nonsense');
    const { code, stdout, stderr } = await nearbox(['validate', 'damaged', '--clouds', folder, '--json']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^nearbox: damaged is damaged: 2 errors \[corrupt_tile\]\n$/);
    const report = JSON.parse(stdout) as { errors: number; findings: { node: string }[] };
    expect(report.errors).toBe(2);
    expect(report.findings.map(({ node }) => node).sort()).toEqual(
      nodes.map((name) => name.replace(/\..*$/, '')).sort(),
    );
  });

  it.each([
    ['an unknown flag', ['predict', 'x', '--att', '1,2,3']],
    ['an unknown command', ['guess']],
    ['no region', ['predict', '.']],
    ['two regions', ['predict', '.', '--at', '1,2,3', '--sphere', '1,2,3,4']],
    ['a region that is no numbers', ['predict', '.', '--at', '1,2,north']],
    ['a region with a number missing', ['predict', '.', '--at', '1,2']],
    ['a class that is none', ['predict', '.', '--at', '1,2,3', '--class', 'tank']],
    ['a cloud that is not there', ['predict', './nowhere', '--at', '1,2,3']],
    ['a crop without --out', ['crop', '.', '--at', '1,2,3']],
    ['a plan of no density', ['plan', '.', '--at', '1,2,3', '--spacing', '0']],
    ['two inputs of one name', ['build', 'a/scan.bin', 'b/scan.pcd', '--out', 'x']],
    ['an encoding that is none', ['build', 'scan.bin', '--out', 'x', '--encoding', 'zip']],
    ['a format that cannot be told', ['build', 'scan.xyz', '--out', 'x']],
    ['an input that is not there', ['build', 'nowhere.bin', '--out', 'x']],
    ['no findings at all', ['validate', '.', '--max-findings', '0']],
    ['a cloud to validate that is not there', ['validate', './nowhere']],
    ['a port that is none', ['serve', '--port', 'http']],
    ['clouds that are not there', ['serve', '--clouds', './nowhere']],
    ['clouds of an unknown kind', ['serve', '--clouds', 'ftp://host/x']],
  ])('answers a wrong call with exit code 2 and one line: %s', async (_name, args) => {
    const { code, stderr, stdout } = await nearbox(args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^nearbox: [^\n]+\n$/);
  });

  it('poses: a file that is not there is a wrong call, one that is broken is work that fails', async () => {
    const input = path.join(folder, 'posed.bin');
    await writeFile(input, new Uint8Array(streetPoints().buffer));
    const broken = path.join(folder, 'broken.json');
    await writeFile(broken, '{');
    const build = (poses: string) =>
      nearbox(['build', input, '--merge', '--out', path.join(folder, 'posed'), '--poses', poses]);
    expect(await build(path.join(folder, 'nowhere.json'))).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^nearbox: [^\n]*nowhere\.json: no such file/),
    });
    expect(await build(broken)).toMatchObject({ code: 1, stderr: expect.stringContaining('is not JSON') });
  });

  it('answers work that fails with exit code 1 and one line', async () => {
    const input = path.join(folder, 'cut.bin');
    await writeFile(input, new Uint8Array(160));
    await truncate(input, 100);
    const cutless = path.join(folder, 'whole.bin');
    await writeFile(cutless, new Uint8Array(160));
    for (const args of [
      ['build', input, '--out', path.join(folder, 'cut')],
      ['predict', street(), '--at', '0,0,900'],
      ...(process.platform === 'linux' ? [['build', cutless, '--out', '/proc/x']] : []),
      ['predict', street(), '--polygon', '8,2 12,2 12,6', '--z', '50,60'],
    ]) {
      const { code, stderr } = await nearbox(args);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^nearbox: [^\n]+\n$/);
    }
  });
});
