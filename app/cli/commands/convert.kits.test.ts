/** What `nearbox convert` writes, opened by the kits of the formats (.ci/install-components). */
import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { main } from '../main.ts';

const PYTHON = fileURLToPath(new URL('../../../.cache/components/python/bin/python3', import.meta.url));
/** Found, not imported: a kit may need what is left out here. */
const has = (module: string) => {
  const program = `import importlib.util, sys; sys.exit(importlib.util.find_spec('${module}') is None)`;
  return spawnSync(PYTHON, ['-c', program], { stdio: 'ignore' }).status === 0;
};

const CAR = { id: '7', class: 'car', center: [12.25, -3.5, 0.75], size: [4.5, 1.9, 1.5], yaw: 0.5 };
const OTHER = { id: '9', class: 'pedestrian', center: [5, 2, 0.25], size: [0.75, 0.75, 1.75], yaw: -2 };
const FRAMES = [
  { id: 'seq/000000', points: '000000.bin', objects: [CAR, OTHER] },
  { id: 'seq/000001', points: '000001.bin', objects: [{ ...CAR, center: [13.5, -3.5, 0.75] }] },
];

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'nearbox-kits-'));
  await writeFile(path.join(folder, 'index.json'), JSON.stringify({ frames: FRAMES }));
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterAll(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

async function converted(to: string, out: string): Promise<string> {
  const place = path.join(folder, out);
  expect(await main(['convert', path.join(folder, 'index.json'), '--to', to, '--out', place])).toBe(0);
  return place;
}

function python(program: string, args: readonly string[]): unknown {
  const { status, stdout, stderr } = spawnSync(PYTHON, ['-c', program, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}

/** The devkit's loader as it is; only what draws is empty. */
const NUSCENES = `
import importlib.abc, importlib.machinery, json, sys
from unittest.mock import MagicMock
class Drawing(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path, target=None):
        if name.split('.')[0] in ('cv2', 'matplotlib', 'PIL', 'sklearn', 'pycocotools', 'shapely', 'descartes'):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
    def create_module(self, spec):
        return MagicMock(__path__=[])
    def exec_module(self, module):
        pass
sys.meta_path.insert(0, Drawing())
from nuscenes.nuscenes import NuScenes
kit = NuScenes(version=sys.argv[2], dataroot=sys.argv[1], verbose=False)
sample = kit.get('sample', kit.scene[0]['first_sample_token'])
found = []
while True:
    boxes = [kit.get_box(token) for token in sample['anns']]
    found.append([[kit.get('sample_annotation', b.token)['instance_token'], b.name, b.center.tolist(), b.wlh.tolist(),
                   b.orientation.yaw_pitch_roll[0]] for b in boxes])
    kit.get('sample_data', sample['data']['LIDAR_TOP'])
    if not sample['next']: break
    sample = kit.get('sample', sample['next'])
print(json.dumps(found))
`;

/** The classes of Supervisely's SDK; without the package's front, which loads servers, videos and drawing. */
const SUPERVISELY = `
import importlib.abc, importlib.machinery, importlib.util, json, os, sys, types
from unittest.mock import MagicMock
import numpy, requests, rich, urllib3, tqdm, jsonschema, yaml
home = importlib.util.find_spec('supervisely').submodule_search_locations[0]
READ = ('project', 'pointcloud_annotation', 'annotation', 'geometry', 'collection', 'video_annotation', '_utils', 'sly_logger', 'io', 'imaging')
EMPTY = ('supervisely.io.fs', 'supervisely.io.env', 'supervisely.io.network_exceptions', 'supervisely.io.exception_handlers')
empty = set()
class Others(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path, target=None):
        first, *rest = name.split('.')
        if first == 'supervisely':
            is_empty = name in EMPTY or rest[0] not in READ and name != 'supervisely.api.module_api'
        else:
            is_empty = first in empty or path is None and first not in sys.stdlib_module_names \
                and importlib.machinery.PathFinder.find_spec(name) is None
            if is_empty: empty.add(first)
        return importlib.machinery.ModuleSpec(name, self, is_package=True) if is_empty else None
    def create_module(self, spec):
        return MagicMock(__path__=[], __spec__=spec)
    def exec_module(self, module):
        pass
sys.meta_path.insert(0, Others())
for name, place in (('supervisely', home), ('supervisely.project', home + '/project'), ('supervisely.api', home + '/api')):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [place]
sys.modules['supervisely'].logger = MagicMock()
from supervisely.project.project_meta import ProjectMeta
from supervisely.pointcloud_annotation.pointcloud_annotation import PointcloudAnnotation
from supervisely.pointcloud_annotation.pointcloud_episode_annotation import PointcloudEpisodeAnnotation

def load(*names):
    with open(os.path.join(sys.argv[1], *names)) as file:
        return json.load(file)
def box(figure):
    g = figure.geometry
    at, turn, size = g.position, g.rotation, g.dimensions
    return [figure.parent_object.obj_class.name, type(g).__name__, at.x, at.y, at.z, turn.x, turn.y, turn.z, size.x, size.y, size.z]
meta = ProjectMeta.from_json(load('meta.json'))
if os.path.exists(os.path.join(sys.argv[1], 'ds0', 'annotation.json')):
    annotation = PointcloudEpisodeAnnotation.from_json(load('ds0', 'annotation.json'), meta)
    files = load('ds0', 'frame_pointcloud_map.json')
    frames = [[files[str(frame.index)], [box(figure) for figure in frame.figures]] for frame in annotation.frames]
else:
    names = sorted(os.listdir(os.path.join(sys.argv[1], 'ds0', 'ann')))
    annotations = [PointcloudAnnotation.from_json(load('ds0', 'ann', name), meta) for name in names]
    frames = [[name, [box(figure) for figure in annotation.figures]] for name, annotation in zip(names, annotations)]
print(json.dumps({'classes': sorted(c.name for c in meta.obj_classes), 'frames': frames}))
`;

describe('kits', () => {
  it.skipIf(!has('supervisely'))(
    'Supervisely’s SDK loads the project, with each object and figure',
    async () => {
      const place = await converted('supervisely', 'supervisely');
      const figure = (title: string, { center, size, yaw }: typeof CAR) => [
        ...[title, 'Cuboid3d', ...center, 0, 0],
        expect.closeTo(yaw - Math.PI / 2 < -Math.PI ? yaw + 1.5 * Math.PI : yaw - Math.PI / 2, 5),
        ...[size[1], size[0], size[2]],
      ];
      const classes = ['car', 'pedestrian'];
      const first = [figure('car', CAR), figure('pedestrian', OTHER)];
      expect(python(SUPERVISELY, [place])).toEqual({
        classes,
        frames: [
          ['seq%2F000000.pcd', first],
          ['seq%2F000001.pcd', [figure('car', { ...CAR, center: [13.5, -3.5, 0.75] })]],
        ],
      });

      // The other form: a file for each cloud, as a project that came so goes out.
      const single = path.join(folder, 'single');
      const annotation = JSON.parse(await readFile(path.join(place, 'ds0/annotation.json'), 'utf8'));
      const { frames, framesCount: _, ...rest } = annotation;
      await mkdir(path.join(single, 'ds0/ann'), { recursive: true });
      await copyFile(path.join(place, 'meta.json'), path.join(single, 'meta.json'));
      const item = JSON.stringify({ ...rest, figures: frames[0].figures });
      await writeFile(path.join(single, 'ds0/ann/000000.pcd.json'), item);
      const out = path.join(folder, 'single-out');
      expect(await main(['convert', single, '--to', 'supervisely', '--out', out])).toBe(0);
      expect(python(SUPERVISELY, [out])).toEqual({ classes, frames: [['000000.pcd.json', first]] });
    },
  );

  it.skipIf(!has('nuscenes'))('nuscenes-devkit walks the scene and finds each box', async () => {
    const place = await converted('nuscenes', 'v1.0-mini');
    const [first, second] = python(NUSCENES, [path.dirname(place), 'v1.0-mini']) as unknown[][];
    const near = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 5));
    expect(first).toEqual([
      ['7', 'vehicle.car', near(CAR.center), near([1.9, 4.5, 1.5]), expect.closeTo(0.5, 5)],
      ['9', 'human.pedestrian.adult', near(OTHER.center), near([0.75, 0.75, 1.75]), expect.closeTo(-2, 5)],
    ]);
    expect(second).toEqual([
      ['7', 'vehicle.car', near([13.5, -3.5, 0.75]), near([1.9, 4.5, 1.5]), expect.closeTo(0.5, 5)],
    ]);
  });

  it.skipIf(!has('openlabel_checker'))(
    'openlabel-checker finds nothing wrong, and a box that is cut off',
    async () => {
      const file = await converted('openlabel', 'checked.json');
      const check = (document: string) =>
        spawnSync(path.join(path.dirname(PYTHON), 'openlabel-check'), [document]);
      expect(check(file).stdout.toString()).toContain('0 error(s), 0 warning(s)');
      expect(check(file).status).toBe(0);
      const text = await readFile(file, 'utf8');
      const bad = path.join(folder, 'bad.openlabel.json');
      await writeFile(bad, text.replaceAll('"cuboid"', '"cube"'));
      expect(text).toContain('"cuboid"');
      expect(check(bad).status).not.toBe(0);
    },
  );

  it.skipIf(!has('pandas'))('pandas opens the cuboids as PandaSet’s devkit does', async () => {
    const place = await converted('pandaset', 'pandaset');
    const program = `
import glob, json, sys, pandas as pd
files = sorted(glob.glob(sys.argv[1] + '/annotations/cuboids/*.pkl.gz'))
print(json.dumps([json.loads(pd.read_pickle(f).to_json(orient='records', double_precision=6)) for f in files]))
`;
    expect(python(program, [place])).toMatchObject([
      [
        {
          uuid: '7',
          label: 'Car',
          'position.x': 12.25,
          'dimensions.x': 1.9,
          'dimensions.y': 4.5,
          stationary: false,
        },
        { uuid: '9', label: 'Pedestrian' },
      ],
      [{ uuid: '7', 'position.x': 13.5 }],
    ]);
  });

  it('KITTI is read in OpenPCDet’s manner: calibrations by the number of the line, labels by that of the word', async () => {
    const place = await converted('kitti', 'kitti');
    const calib = (await readFile(path.join(place, 'calib/seq/000000.txt'), 'utf8')).split('\n');
    // calibration_kitti.get_calib_from_file: lines 2, 3, 4 and 5, less their first word.
    const numbers = (line: number) => calib[line]!.trim().split(' ').slice(1).map(Number);
    const [p2, r0, tr] = [numbers(2), numbers(4), numbers(5)];
    expect([p2.length, numbers(3).length, r0.length, tr.length]).toEqual([12, 12, 9, 12]);
    const label = (await readFile(path.join(place, 'label_2/seq/000000.txt'), 'utf8'))
      .split('\n')[0]!
      .split(' ');
    // object3d_kitti: height, width, length at 8 to 10, place at 11 to 13, ry at 14.
    const [h, w, l, x, y, z, ry] = label.slice(8, 15).map(Number) as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    // rect_to_lidar: the inverse of R0 times Tr, whose rotations are orthogonal.
    const rotate = [0, 1, 2].map((row) =>
      [0, 1, 2].map((column) =>
        [0, 1, 2].reduce((sum, k) => sum + r0[3 * row + k]! * tr[4 * k + column]!, 0),
      ),
    );
    const lidar = [0, 1, 2].map(
      (axis) => rotate[0]![axis]! * x + rotate[1]![axis]! * y + rotate[2]![axis]! * z,
    );
    // boxes3d_kitti_camera_to_lidar: the bottom is raised by half the height, the heading is -(ry + pi / 2).
    lidar[2]! += h / 2;
    for (const [axis, value] of lidar.entries()) expect(value).toBeCloseTo(CAR.center[axis]!, 4);
    expect([l, w, h]).toEqual(CAR.size);
    expect(-(ry + Math.PI / 2)).toBeCloseTo(CAR.yaw, 4);
  });
});
