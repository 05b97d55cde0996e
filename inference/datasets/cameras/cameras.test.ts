/** Cameras of data sets, made small: where a point of the cloud is seen, and what is written of them. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Vec3 } from '../../boxes/index.ts';
import { CameraProjection } from '../../cameras/index.ts';
import type { DatasetFrame } from '../frame.ts';
import { readDataset, writeCameras } from '../index.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'nearbox-dataset-cameras-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const at = (...parts: string[]) => path.join(root, ...parts);
async function put(name: string, content: string | object | Uint8Array): Promise<void> {
  await mkdir(path.dirname(at(name)), { recursive: true });
  const isPlain = typeof content === 'string' || content instanceof Uint8Array;
  await writeFile(at(name), isPlain ? content : JSON.stringify(content));
}
const POINTS = new Uint8Array(Float32Array.from([15, 3, -0.5, 0]).buffer);

async function frameOf(...folder: string[]): Promise<DatasetFrame> {
  return (await readDataset(at(...folder)))![0]!;
}

/** The pixel of a place of the cloud in each camera, by name; whole numbers. */
async function seen(frame: DatasetFrame, place: Vec3): Promise<Record<string, [number, number] | null>> {
  const cameras = (await frame.cameras?.()) ?? [];
  return Object.fromEntries(
    cameras.map((camera) => {
      const pixel = new CameraProjection(camera).project(place);
      return [camera.name, pixel && [Math.round(pixel.x), Math.round(pixel.y)]];
    }),
  );
}

/** P2 stands 0.5 m to the left of the rectified camera: what it sees is farther to the right. */
const KITTI = [
  'P0: 700 0 600 0 0 700 180 0 0 0 1 0',
  'P2: 700 0 600 350 0 700 180 0 0 0 1 0',
  'R0_rect: 1 0 0 0 1 0 0 0 1',
  'Tr_velo_to_cam: 0 -1 0 0 0 0 -1 -0.1 1 0 0 -0.3',
].join('\n');

describe('KITTI', () => {
  it('objects: the colour cameras that have an image', async () => {
    await put('kitti/velodyne/000007.bin', POINTS);
    await put('kitti/calib/000007.txt', KITTI);
    await put('kitti/image_2/000007.png', 'image');
    await put('kitti/image_3/000008.png', 'another frame');
    // The point is 10 m ahead, 2 m to the left and 1 m up: the camera is 0.1 m lower and 0.3 m ahead.
    expect(await seen(await frameOf('kitti'), [10.3, 2, 0.9])).toEqual({
      image_2: [600 - 140 + 35, 180 - 70],
    });
  });

  it('tracking, with its own names of lines', async () => {
    const text = KITTI.replace('R0_rect:', 'R_rect').replace('Tr_velo_to_cam:', 'Tr_velo_cam');
    await put('tracking/velodyne/0001/000000.bin', POINTS);
    await put('tracking/calib/0001.txt', text);
    await put('tracking/image_02/0001/000000.jpg', 'image');
    expect(await seen(await frameOf('tracking'), [10.3, 2, 0.9])).toEqual({ image_2: [495, 110] });
  });

  it('raw data: the calibration of the day', async () => {
    await put('raw/day/drive/velodyne_points/data/0000000000.bin', POINTS);
    await put('raw/day/drive/image_02/data/0000000000.png', 'image');
    await put('raw/day/calib_velo_to_cam.txt', 'calib_time: x\nR: 0 -1 0 0 0 -1 1 0 0\nT: 0 -0.1 -0.3\n');
    await put(
      'raw/day/calib_cam_to_cam.txt',
      'R_rect_00: 1 0 0 0 1 0 0 0 1\nP_rect_02: 700 0 600 350 0 700 180 0 0 0 1 0\nP_rect_03: 7 0 6 3 0 7 1 0 0 0 1 0\n',
    );
    expect(await seen(await frameOf('raw', 'day', 'drive'), [10.3, 2, 0.9])).toEqual({ image_2: [495, 110] });
  });

  it('without a calibration or an image there are none', async () => {
    await put('bare/velodyne/000007.bin', POINTS);
    await mkdir(at('bare/label_2'), { recursive: true });
    expect(await seen(await frameOf('bare'), [10, 0, 0])).toEqual({});
  });
});

it('PandaSet: cameras in the world, clouds in the scanner’s frame', async () => {
  await put('panda/lidar/00.pkl.gz', 'points');
  // The scanner stands at 100, 50, 2 and looks along the world's +y.
  const heading = { w: 1, x: 0, y: 0, z: 0 };
  await put('panda/lidar/poses.json', [{ position: { x: 100, y: 50, z: 2 }, heading }]);
  await put('panda/lidar/timestamps.json', [1]);
  await put('panda/camera/front_camera/00.jpg', 'image');
  await put('panda/camera/front_camera/intrinsics.json', { fx: 1900, fy: 1900, cx: 960, cy: 540 });
  // The camera stands 1 m ahead of it and looks along +y: its x is the world's, its y is down.
  const ahead = { w: Math.SQRT1_2, x: -Math.SQRT1_2, y: 0, z: 0 };
  await put('panda/camera/front_camera/poses.json', [{ position: { x: 100, y: 51, z: 2 }, heading: ahead }]);
  const frame = await frameOf('panda');
  expect(await seen(frame, [2, 11, 1])).toEqual({ front_camera: [960 + 380, 540 - 190] });
  await put('panda/camera/front_camera/poses.json', []);
  await expect(frame.cameras!()).rejects.toThrow(/poses\.json: pose 0 is none/);
});

it('nuScenes: the vehicle has moved on between the sweep and the image', async () => {
  const turn = [1, 0, 0, 0];
  const tables: Record<string, object[]> = {
    sensor: [
      { token: 'l', channel: 'LIDAR_TOP', modality: 'lidar' },
      { token: 'c', channel: 'CAM_FRONT', modality: 'camera' },
    ],
    calibrated_sensor: [
      { token: 'cl', sensor_token: 'l', translation: [1, 0, 2], rotation: turn, camera_intrinsic: [] },
      {
        token: 'cc',
        sensor_token: 'c',
        translation: [1.5, 0, 1.5],
        // x of the camera is -y of the vehicle, y is -z, z is x.
        rotation: [0.5, -0.5, 0.5, -0.5],
        camera_intrinsic: [
          [1000, 0, 800],
          [0, 1000, 450],
          [0, 0, 1],
        ],
      },
    ],
    ego_pose: [
      { token: 'e0', translation: [1000, 2000, 0], rotation: turn },
      { token: 'e1', translation: [1000.5, 2000, 0], rotation: turn },
    ],
    scene: [{ token: 's', name: 'scene-1' }],
    sample: [{ token: 'sa', scene_token: 's' }],
    sample_data: [
      row('l0', 'cl', 'e0', 'samples/LIDAR_TOP/a.pcd.bin', 1e6),
      row('c0', 'cc', 'e1', 'samples/CAM_FRONT/a.jpg', 1.05e6),
    ],
  };
  for (const [name, rows] of Object.entries(tables)) await put(`nu/v1.0-mini/${name}.json`, rows);
  await put('nu/samples/LIDAR_TOP/a.pcd.bin', POINTS);
  await put('nu/samples/CAM_FRONT/a.jpg', 'image');
  // The scanner at 1001, the camera at 1002: a point 11 m ahead of the one is 10 m ahead of the other.
  expect(await seen(await frameOf('nu'), [11, 2, -0.5])).toEqual({ CAM_FRONT: [800 - 200, 450] });

  function row(token: string, calibration: string, ego: string, filename: string, timestamp: number) {
    return {
      token,
      sample_token: 'sa',
      ego_pose_token: ego,
      calibrated_sensor_token: calibration,
      filename,
      timestamp,
      is_key_frame: true,
    };
  }
});

it('Argoverse 2: the image next to the sweep, seen from where the vehicle was then', async () => {
  const feather = (columns: Record<string, unknown>) =>
    tableToIPC(tableFromArrays(columns as Record<string, Float64Array>), 'file');
  const numbers = (values: Record<string, number[]>) =>
    Object.fromEntries(Object.entries(values).map(([name, list]) => [name, Float64Array.from(list)]));
  const [sweep, image] = ['315966265259836000', '315966265270000000'];
  await put(`av2/sensors/lidar/${sweep}.feather`, 'points');
  await put(`av2/sensors/cameras/ring_front_center/${image}.jpg`, 'image');
  // Too long before the sweep to be of it.
  await put('av2/sensors/cameras/ring_side_left/315966265200000000.jpg', 'image');
  const level = { qw: [1, 1], qx: [0, 0], qy: [0, 0], qz: [0, 0] };
  await put(
    'av2/city_SE3_egovehicle.feather',
    feather({
      timestamp_ns: BigInt64Array.from([BigInt(sweep), BigInt(image)]),
      ...numbers({ ...level, tx_m: [1000, 1000.5], ty_m: [50, 50], tz_m: [0, 0] }),
    }),
  );
  const cameras = ['ring_front_center', 'ring_side_left'];
  await put(
    'av2/calibration/egovehicle_SE3_sensor.feather',
    feather({
      sensor_name: cameras,
      // x of the camera is -y of the vehicle, y is -z, z is x.
      ...numbers({ qw: [0.5, 0.5], qx: [-0.5, -0.5], qy: [0.5, 0.5], qz: [-0.5, -0.5] }),
      ...numbers({ tx_m: [1.5, 1.5], ty_m: [0, 0], tz_m: [1.4, 1.4] }),
    }),
  );
  const lens = { fx_px: 1000, fy_px: 1000, cx_px: 775, cy_px: 1024, width_px: 1550, height_px: 2048 };
  await put(
    'av2/calibration/intrinsics.feather',
    feather({
      sensor_name: cameras,
      ...numbers(Object.fromEntries(Object.entries(lens).map(([name, value]) => [name, [value, value]]))),
    }),
  );
  const frame = await frameOf('av2');
  // 12 m ahead of the vehicle at the sweep: 10 m ahead of the camera when it took the image.
  expect(await seen(frame, [12, 2, 2.4])).toEqual({ ring_front_center: [775 - 200, 1024 - 100] });
  expect(await frame.cameras!()).toMatchObject([{ size: [1550, 2048] }]);
});

it('are written beside their images, for the server', async () => {
  const frame = await frameOf('kitti');
  const bare = { id: 'bare', cameras: async () => [] };
  const copc = { ...frame, id: 'seq/7.copc.laz' };
  expect(await writeCameras(at('out'), [frame, copc, bare])).toEqual({ frames: 2, images: 2 });
  expect((await readdir(at('out', '000007'))).sort()).toEqual(['cameras.json', 'image_2.png']);
  const { version, cameras } = JSON.parse(await readFile(at('out/seq/7/cameras.json'), 'utf8'));
  expect([version, cameras]).toEqual([
    1,
    [expect.objectContaining({ name: 'image_2', focal: [700, 700], image: 'image_2.png' })],
  ]);
  expect(cameras[0]).not.toHaveProperty('file');
  expect(await readFile(at('out/seq/7/image_2.png'), 'utf8')).toBe('image');
});
