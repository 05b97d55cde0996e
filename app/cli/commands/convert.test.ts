/** Labels through the formats and back, by the command's own code. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { NUSCENES_TABLES } from '../../page/formats/index.ts';
import { main } from '../main.ts';

const OBJECT = { id: '7', class: 'car', center: [12.25, -3.5, 0.75], size: [4.5, 1.9, 1.5], yaw: 0.5 };
const OTHER = { id: '9', class: 'pedestrian', center: [5, 2, 0.25], size: [0.75, 0.75, 1.75], yaw: -2 };
const FRAMES = [
  { id: 'seq/000000', points: '000000.bin', objects: [OBJECT, OTHER] },
  { id: 'seq/000001', points: '000001.bin', objects: [{ ...OBJECT, center: [13.5, -3.5, 0.75] }] },
];

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'nearbox-convert-'));
  await writeFile(path.join(folder, 'index.json'), JSON.stringify({ frames: FRAMES }));
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterAll(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

async function converted(input: string, to: string, out: string): Promise<string> {
  const place = path.join(folder, out);
  expect(await main(['convert', path.join(folder, input), '--to', to, '--out', place])).toBe(0);
  return place;
}

interface Document {
  readonly frames: { readonly id: string; readonly objects: (typeof OBJECT)[] }[];
}

describe('nearbox convert', () => {
  it.each([
    ['openlabel', 'labels.json'],
    ['nuscenes', 'v1.0-mini'],
    ['nuscenes', 'tables.json'],
    ['nuscenes', 'tables.zip'],
    ['kitti', 'kitti'],
    ['kitti', 'kitti.zip'],
    ['pandaset', 'pandaset'],
    ['pandaset', 'pandaset.zip'],
    ['supervisely', 'supervisely'],
    ['supervisely', 'supervisely.zip'],
  ])('to %s (%s) and back: the same boxes', async (format, out) => {
    await converted('index.json', format, out);
    const back = await converted(out, 'nearbox', `back-${format}-${out}.json`);
    const { frames } = JSON.parse(await readFile(back, 'utf8')) as Document;
    expect(frames.map(({ id }) => id)).toEqual(FRAMES.map(({ id }) => id));
    for (const [index, { objects }] of frames.entries()) {
      expect(objects.map(({ id }) => id)).toEqual(FRAMES[index]!.objects.map(({ id }) => id));
      for (const [at, object] of objects.entries()) {
        const was = FRAMES[index]!.objects[at]!;
        expect(object.class).toBe(was.class);
        for (const [axis, value] of [...object.center, ...object.size, object.yaw].entries())
          expect(value).toBeCloseTo([...was.center, ...was.size, was.yaw][axis]!, 4);
      }
    }
  });

  it('writes the 13 tables of nuScenes, in which every token leads somewhere', async () => {
    const place = await converted('index.json', 'nuscenes', 'v1.0-test');
    expect((await readdir(place)).toSorted()).toEqual(
      NUSCENES_TABLES.map((name) => `${name}.json`).toSorted(),
    );
    const tables = Object.fromEntries(
      await Promise.all(
        NUSCENES_TABLES.map(async (name) => {
          const text = await readFile(path.join(place, `${name}.json`), 'utf8');
          return [name, JSON.parse(text) as Record<string, string>[]] as const;
        }),
      ),
    );
    const tokens = new Map(
      Object.entries(tables).map(([name, rows]) => [name, new Set(rows.map(({ token }) => token))]),
    );
    for (const [table, rows] of Object.entries(tables)) {
      for (const row of rows) {
        for (const [field, value] of Object.entries(row)) {
          const target = /^([a-z_]+)_token$/.exec(field)?.[1];
          if (target === undefined || !tokens.has(target)) continue;
          expect({ table, field, value, found: tokens.get(target)!.has(value) }).toMatchObject({
            found: true,
          });
        }
      }
    }
    expect(tables.sample!.map(({ token }) => token)).toEqual(FRAMES.map(({ id }) => id));
  });

  it('writes calibrations of seven lines in the order of the KITTI devkit', async () => {
    const place = await converted('index.json', 'kitti', 'kitti-lines');
    const text = await readFile(path.join(place, 'calib/seq/000000.txt'), 'utf8');
    expect(
      text
        .trim()
        .split('\n')
        .map((line) => line.split(':')[0]),
    ).toEqual(['P0', 'P1', 'P2', 'P3', 'R0_rect', 'Tr_velo_to_cam', 'Tr_imu_to_velo']);
  });

  it('reads labels with the classes of --ontology, and says what a format leaves out', async () => {
    const place = (name: string) => path.join(folder, name);
    const ontology = { version: 1, classes: [{ name: 'taxi', like: 'car' }, { name: 'pedestrian' }] };
    await writeFile(place('ontology.json'), JSON.stringify(ontology));
    const objects = [{ ...OBJECT, class: 'taxi', attributes: { free: true } }, OTHER];
    await writeFile(place('taxis.json'), JSON.stringify({ frames: [{ ...FRAMES[0], objects }] }));
    const said: string[] = [];
    const error = vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
    const convert = (input: string, to: string, out: string) =>
      main(['convert', place(input), '--to', to, '--out', place(out), '--ontology', place('ontology.json')]);
    expect(await convert('taxis.json', 'kitti', 'taxis')).toBe(0);
    expect(said).toEqual(['note: The format has no place for attributes of 1 box.\n']);
    expect(await readFile(place('taxis/label_2/seq/000000.txt'), 'utf8')).toMatch(/^taxi /);
    expect(await convert('taxis', 'nearbox', 'taxis-back.json')).toBe(0);
    const { frames } = JSON.parse(await readFile(place('taxis-back.json'), 'utf8')) as Document;
    expect(frames[0]!.objects[0]).toMatchObject({ class: 'car', ownClass: 'taxi' });
    expect(said).toHaveLength(1);
    await writeFile(place('ontology.json'), '{"version": 1, "classes": [{"name": "x", "key": "0"}]}');
    expect(await convert('taxis.json', 'kitti', 'taxis')).toBe(2);
    expect(said[1]).toMatch(/ontology\.json: classes\[0\]\.key/);
    error.mockRestore();
  });

  it('refuses a format that it does not know, and inputs that are none', async () => {
    const error = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const input = path.join(folder, 'index.json');
    const out = path.join(folder, 'x.json');
    expect(await main(['convert', input, '--to', 'coco', '--out', out])).toBe(2);
    expect(await main(['convert', path.join(folder, 'none.json'), '--to', 'kitti', '--out', out])).toBe(2);
    await writeFile(path.join(folder, 'bad.json'), '{"frames": [{}]}');
    expect(await main(['convert', path.join(folder, 'bad.json'), '--to', 'kitti', '--out', out])).toBe(1);
    error.mockRestore();
  });
});
