/**
 * Cameras of data sets: what `nearbox build` takes along of each, on the page, where a click finds the car.
 */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { PROGRAM } from '../../cache/testing/index.ts';
import { iou3d } from '../../inference/boxes/index.ts';
import { gzip, writePandasPickle } from '../../octree/pandas/index.ts';
import { CAR, streetPoints } from '../testing/index.ts';
import type { TestApi } from './test-api.ts';
import { facingPlace } from './testing/browser/index.ts';
import { canTest } from './testing/fixture/index.ts';
import { pngOf } from './testing/index.ts';
import { type RealPage, useRealPage } from './testing/real/index.ts';

declare const nearbox: TestApi;

/** Every camera stands at the scanner and looks along +x. */
const [WIDTH, HEIGHT, FOCAL] = [640, 360, 300];
const SKY = pngOf(WIDTH, HEIGHT, () => [120, 160, 220]);
const [X, Y, Z, INTENSITY] = [0, 1, 2, 3].map((k) => streetPoints(0.3).filter((_, i) => i % 4 === k)) as [
  Float32Array,
  Float32Array,
  Float32Array,
  Float32Array,
];
const MATRIX = [
  [FOCAL, 0, WIDTH / 2],
  [0, FOCAL, HEIGHT / 2],
  [0, 0, 1],
];
type Put = (name: string, content: string | object | Uint8Array) => Promise<void>;

const bytesOf = (columns: readonly Float32Array[]) =>
  new Uint8Array(
    Float32Array.from({ length: X.length * columns.length }, (_, i) => {
      return columns[i % columns.length]![Math.floor(i / columns.length)]!;
    }).buffer,
  );

async function kitti(put: Put): Promise<void> {
  const projection = `${FOCAL} 0 ${WIDTH / 2} 0 0 ${FOCAL} ${HEIGHT / 2} 0 0 0 1 0`;
  const lines = [
    `P0: ${projection}`,
    `P2: ${projection}`,
    'R0_rect: 1 0 0 0 1 0 0 0 1',
    'Tr_velo_to_cam: 0 -1 0 0 0 0 -1 0 1 0 0 0',
  ];
  await put('velodyne/000007.bin', bytesOf([X, Y, Z, INTENSITY]));
  await put('calib/000007.txt', lines.join('\n'));
  await put('image_2/000007.png', SKY);
}

async function nuScenes(put: Put): Promise<void> {
  const level = { translation: [0, 0, 0], rotation: [1, 0, 0, 0] };
  const row = (token: string, calibration: string, filename: string) => ({
    ...{ token, sample_token: 'sa', ego_pose_token: 'e', calibrated_sensor_token: calibration, filename },
    ...{ timestamp: 1e6, is_key_frame: true },
  });
  const tables = {
    sensor: [
      { token: 'l', channel: 'LIDAR_TOP', modality: 'lidar' },
      { token: 'c', channel: 'CAM_FRONT', modality: 'camera' },
    ],
    calibrated_sensor: [
      { token: 'cl', sensor_token: 'l', ...level, camera_intrinsic: [] },
      {
        token: 'cc',
        sensor_token: 'c',
        ...level,
        rotation: [0.5, -0.5, 0.5, -0.5],
        camera_intrinsic: MATRIX,
      },
    ],
    ego_pose: [{ token: 'e', ...level }],
    scene: [{ token: 's', name: 'scene-1' }],
    sample: [{ token: 'sa', scene_token: 's' }],
    sample_data: [row('l0', 'cl', 'samples/LIDAR_TOP/a.pcd.bin'), row('c0', 'cc', 'samples/CAM_FRONT/a.png')],
  };
  for (const [name, rows] of Object.entries(tables)) await put(`v1.0-mini/${name}.json`, rows);
  await put('samples/LIDAR_TOP/a.pcd.bin', bytesOf([X, Y, Z, INTENSITY, INTENSITY]));
  await put('samples/CAM_FRONT/a.png', SKY);
}

async function pandaSet(put: Put): Promise<void> {
  const columns = { x: [...X], y: [...Y], z: [...Z], i: [...INTENSITY] };
  await put('lidar/00.pkl.gz', await gzip(writePandasPickle(new Map(Object.entries(columns)))));
  const position = { x: 0, y: 0, z: 0 };
  await put('lidar/poses.json', [{ position, heading: { w: 1, x: 0, y: 0, z: 0 } }]);
  await put('lidar/timestamps.json', [1]);
  const camera = 'camera/front_camera';
  await put(`${camera}/00.png`, SKY);
  await put(`${camera}/intrinsics.json`, { fx: FOCAL, fy: FOCAL, cx: WIDTH / 2, cy: HEIGHT / 2 });
  await put(`${camera}/poses.json`, [{ position, heading: { w: 0.5, x: -0.5, y: 0.5, z: -0.5 } }]);
}

async function argoverse(put: Put): Promise<void> {
  const feather = (columns: Record<string, unknown>) =>
    tableToIPC(tableFromArrays(columns as Record<string, Float64Array>), 'file');
  const numbers = (values: Record<string, number[]>) =>
    Object.fromEntries(Object.entries(values).map(([name, list]) => [name, Float64Array.from(list)]));
  const [sweep, image] = ['315966265259836000', '315966265270000000'];
  const still = { tx_m: [0, 0], ty_m: [0, 0], tz_m: [0, 0] };
  await put(`sensors/lidar/${sweep}.feather`, feather({ x: X, y: Y, z: Z }));
  // Named as the data set names them; the server goes by the content.
  await put(`sensors/cameras/ring_front_center/${image}.jpg`, SKY);
  await put(
    'city_SE3_egovehicle.feather',
    feather({
      timestamp_ns: BigInt64Array.from([BigInt(sweep), BigInt(image)]),
      ...numbers({ qw: [1, 1], qx: [0, 0], qy: [0, 0], qz: [0, 0], ...still }),
    }),
  );
  await put(
    'calibration/egovehicle_SE3_sensor.feather',
    feather({
      sensor_name: ['ring_front_center', 'up_lidar'],
      ...numbers({ qw: [0.5, 1], qx: [-0.5, 0], qy: [0.5, 0], qz: [-0.5, 0], ...still }),
    }),
  );
  await put(
    'calibration/intrinsics.feather',
    feather({
      sensor_name: ['ring_front_center'],
      ...numbers({ fx_px: [FOCAL], fy_px: [FOCAL], cx_px: [WIDTH / 2], cy_px: [HEIGHT / 2] }),
      ...numbers({ width_px: [WIDTH], height_px: [HEIGHT] }),
    }),
  );
}

const SETS = { kitti, nuscenes: nuScenes, pandaset: pandaSet, argoverse };

describe.runIf(canTest)('cameras of data sets', { timeout: 240_000 }, () => {
  let on: RealPage;
  useRealPage({
    async prepare(folder) {
      const [clouds, cameras] = [path.join(folder, 'clouds'), path.join(folder, 'cameras')];
      for (const [name, write] of Object.entries(SETS)) {
        const input = path.join(folder, name);
        await write(async (file, content) => {
          const target = path.join(input, file);
          await mkdir(path.dirname(target), { recursive: true });
          const isPlain = typeof content === 'string' || content instanceof Uint8Array;
          await writeFile(target, isPlain ? content : JSON.stringify(content));
        });
        const to = ['--out', path.join(clouds, name), '--cameras', path.join(cameras, name)];
        await promisify(execFile)(process.execPath, [PROGRAM, 'build', input, ...to]);
      }
      return { clouds, cameras };
    },
    cloud: 'kitti/000007',
    opened(page) {
      on = page;
    },
  });

  it.each([
    ['kitti', 'image_2'],
    ['nuscenes', 'CAM_FRONT'],
    ['pandaset', 'front_camera'],
    ['argoverse', 'ring_front_center'],
  ])('%s: the image of %s is beside the cloud, a click in it finds the car', async (name, camera) => {
    const { frames } = await on.state();
    const frame = frames.find((id) => id.startsWith(`${name}/`))!;
    await on.page.click(`#frame-list button[data-frame="${frame}"]`);
    await on.isOpen(frame);
    await on.press('Alt+c');
    const figure = `.camera[data-camera="${camera}"]`;
    await on.page.waitForSelector(`${figure}:not(.coming)`);
    const area = (await on.page.locator(`${figure} svg`).boundingBox())!;
    const [x, y, z] = facingPlace(CAR);
    await on.page.mouse.click(
      area.x + ((WIDTH / 2 - (FOCAL * y) / x) / WIDTH) * area.width,
      area.y + ((HEIGHT / 2 - (FOCAL * z) / x) / HEIGHT) * area.height,
    );
    await on.until(() => nearbox.labels().length === 1);
    expect(iou3d((await on.labels())[0]!.box, CAR)).toBeGreaterThan(0.5);
    await on.page.waitForSelector(`${figure} .box.selected`);
    expect(on.complaints).toEqual([]);
  });
});
