/**
 * Folders of data sets, made small: frames, poses, times and labels, and what `nearbox build` makes of them.
 */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gzip, writePandasPickle } from '../../octree/pandas/index.ts';
import type { Pose } from '../boxes/index.ts';
import { readLabelledFrames } from '../frames/index.ts';
import { type DatasetFrame, readDataset, writeLabelledFrames } from './index.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'nearbox-datasets-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function put(name: string, content: string | object | Uint8Array): Promise<void> {
  const file = path.join(root, name);
  await mkdir(path.dirname(file), { recursive: true });
  const isPlain = typeof content === 'string' || content instanceof Uint8Array;
  await writeFile(file, isPlain ? content : JSON.stringify(content));
}

const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
const at = (...parts: string[]) => path.join(root, ...parts);

async function read(...parts: string[]): Promise<DatasetFrame[]> {
  const frames = await readDataset(at(...parts));
  if (frames === null) throw new Error('no data set was found');
  return frames;
}

/** A pose whose numbers are close to these. */
const posed = (position: readonly number[], rotation: readonly number[]): Pose => ({
  position: position.map((value) => expect.closeTo(value, 6)) as never,
  rotation: rotation.map((value) => expect.closeTo(value, 6)) as never,
});
const QUARTER = [0, 0, Math.SQRT1_2, Math.SQRT1_2] as const;

it('a plain folder is none', async () => {
  await put('plain/a.bin', floats(1, 2, 3, 0));
  await put('plain/index.json', { files: [] });
  expect(await readDataset(at('plain'))).toBeNull();
});

describe('labelled frames', () => {
  it('keep ids, poses, times and sensors, and come back as they were', async () => {
    const object = {
      id: 'x',
      class: 'Car',
      center: [10, 2, 0.5],
      size: [4, 2, 1.5],
      yaw: 0.25,
      numPoints: 1,
    };
    const frame = {
      id: 'seq/0',
      points: 'p/0.bin',
      format: 'f32le-xyzi',
      scene: 'seq',
      pose: { position: [5, 6, 7], rotation: [0, 0, 0, 1] },
      timestamp: 12.5,
      sensor: [0, 0, 1.7],
      objects: [object],
    };
    await put('labelled/index.json', { frames: [frame] });
    await put('labelled/p/0.bin', floats(10, 2, 0.5, 0.25, 30, 0, 0, 0.5));
    const frames = await read('labelled');
    expect(frames).toMatchObject([{ id: 'seq/0', timestamp: 12.5, sensor: [0, 0, 1.7], pose: frame.pose }]);
    expect(await writeLabelledFrames(at('again'), frames)).toEqual({ frames: 1, objects: 1 });
    const index = JSON.parse(await readFile(at('again', 'index.json'), 'utf8'));
    expect(index).toEqual({ frames: [{ ...frame, points: 'seq/0.bin' }] });
    expect(await readFile(at('again', 'seq/0.bin'))).toEqual(await readFile(at('labelled', 'p/0.bin')));
    expect(await readLabelledFrames(at('again'))).toHaveLength(1);
  });
});

describe('KITTI', () => {
  const CALIB = 'R0_rect: 1 0 0 0 1 0 0 0 1\nTr_velo_to_cam: 0 -1 0 0 0 0 -1 0 1 0 0 0\n';
  const LABEL = 'Van 0 0 0 0 0 0 0 2 1.9 5 -3 1.7 15 -1.5707963\n';
  // A degree of the equator is 111,319.49 m.
  const OXTS = (lon: number, yaw: number) => `0 ${lon} 100 0 0 ${yaw} 1 2 3\n`;

  it('a training folder: the scanner at the origin, labels through the calibration', async () => {
    await put('kitti/training/velodyne/000007.bin', floats(15, 3, -0.5, 0));
    await put('kitti/training/velodyne/000008.bin', floats(15, 3, -0.5, 0));
    await put('kitti/training/calib/000007.txt', CALIB);
    await put('kitti/training/label_2/000007.txt', LABEL);
    const [labelled, bare] = await read('kitti', 'training');
    expect(labelled).toMatchObject({ id: '000007', pose: null, timestamp: null, sensor: [0, 0, 0] });
    expect(bare!.objects).toBeNull();
    const [van] = await labelled!.objects!();
    expect(van).toMatchObject({ id: null, class: 'Van', size: [5, 1.9, 2] });
    expect(van!.center.map((v) => Math.round(v * 1000) / 1000)).toEqual([15, 3, -0.7]);
  });

  it('a drive of the raw data: poses of the scanner, times of the sweeps, tracklets', async () => {
    const drive = 'raw/2011_09_26/2011_09_26_drive_0001_sync';
    for (const [index, lon] of [8, 8.0001].entries()) {
      await put(`${drive}/velodyne_points/data/000000000${index}.bin`, floats(15, 3, -0.5, 0));
      await put(`${drive}/oxts/data/000000000${index}.txt`, OXTS(lon, (index * Math.PI) / 2));
    }
    await put(`${drive}/velodyne_points/timestamps.txt`, '2011-09-26 13:02:25.25\n2011-09-26 13:02:25.375\n');
    await put(
      'raw/2011_09_26/calib_imu_to_velo.txt',
      'calib_time: x\nR: 1 0 0 0 1 0 0 0 1\nT: -0.8 0.3 -0.8\n',
    );
    await put(
      `${drive}/tracklet_labels.xml`,
      '<tracklets><count>1</count><item><objectType>Car</objectType><h>1.5</h><w>2</w><l>4</l>' +
        '<first_frame>1</first_frame><poses><count>1</count><item><tx>10</tx><ty>-2</ty><tz>-1.5</tz>' +
        '<rx>0</rx><ry>0</ry><rz>0.5</rz><state>1</state></item></poses></item></tracklets>',
    );
    const frames = await read(...drive.split('/'));
    expect(frames.map(({ id, timestamp }) => [id, timestamp])).toEqual([
      ['0000000000', Date.UTC(2011, 8, 26, 13, 2, 25) / 1000 + 0.25],
      ['0000000001', Date.UTC(2011, 8, 26, 13, 2, 25) / 1000 + 0.375],
    ]);
    expect(frames[0]!.pose).toEqual(posed([0.8, -0.3, 0.8], [0, 0, 0, 1]));
    // 0.0001 degrees to the east, turned to the north: the scanner is ahead and to the right of the IMU.
    expect(frames[1]!.pose).toEqual(posed([11.131949 + 0.3, 0.8, 0.8], QUARTER));
    expect(await frames[0]!.objects!()).toEqual([]);
    expect(await frames[1]!.objects!()).toEqual([
      { id: '0', class: 'Car', center: [10, -2, -0.75], size: [4, 2, 1.5], yaw: 0.5 },
    ]);
  });

  it('the tracking benchmark: objects have ids, sequences are scenes', async () => {
    for (const frame of ['000000', '000001'])
      await put(`tracking/velodyne/0004/${frame}.bin`, floats(15, 3, -0.5, 0));
    await put('tracking/calib/0004.txt', `${CALIB}Tr_imu_to_velo: 1 0 0 -0.8 0 1 0 0.3 0 0 1 -0.8\n`);
    await put('tracking/oxts/0004.txt', OXTS(8, 0) + OXTS(8.0001, 0));
    await put(
      'tracking/label_02/0004.txt',
      `1 3 ${LABEL}1 -1 DontCare -1 -1 -10 1 1 2 2 -1 -1 -1 -1 -1 -1 -1\n`,
    );
    const [first, second] = await read('tracking');
    expect(second).toMatchObject({ id: '0004/000001', scene: '0004' });
    expect(second!.pose).toEqual(posed([11.131949 + 0.8, -0.3, 0.8], [0, 0, 0, 1]));
    expect(await first!.objects!()).toEqual([]);
    expect(await second!.objects!()).toMatchObject([{ id: '3', class: 'Van', size: [5, 1.9, 2] }]);
  });
});

describe('nuScenes', () => {
  beforeAll(async () => {
    const tables = {
      sensor: [
        { token: 'top', channel: 'LIDAR_TOP', modality: 'lidar' },
        { token: 'cam', channel: 'CAM_FRONT', modality: 'camera' },
      ],
      calibrated_sensor: [
        { token: 'cs', sensor_token: 'top', translation: [1, 0, 1.8], rotation: [1, 0, 0, 0] },
        { token: 'cc', sensor_token: 'cam', translation: [1, 0, 1.5], rotation: [1, 0, 0, 0] },
      ],
      ego_pose: [
        { token: 'e2', translation: [110, 200, 0], rotation: [Math.SQRT1_2, 0, 0, Math.SQRT1_2] },
        { token: 'e1', translation: [100, 200, 0], rotation: [Math.SQRT1_2, 0, 0, Math.SQRT1_2] },
      ],
      scene: [{ token: 'sc', name: 'scene-0061', description: 'a "quoted" {brace' }],
      sample: [
        { token: 's1', scene_token: 'sc', timestamp: 1532402927647951 },
        { token: 's2', scene_token: 'sc', timestamp: 1532402928147847 },
      ],
      sample_data: [
        ...[
          ['d2', 's2', 'e2', 'samples/LIDAR_TOP/b.pcd.bin', 1532402928147847, true],
          ['d1', 's1', 'e1', 'samples/LIDAR_TOP/a.pcd.bin', 1532402927647951, true],
          ['d3', 's1', 'e1', 'sweeps/LIDAR_TOP/missing.pcd.bin', 1532402927700000, false],
        ].map(([token, sample_token, ego_pose_token, filename, timestamp, is_key_frame]) => ({
          ...{ token, sample_token, ego_pose_token, filename, timestamp, is_key_frame },
          calibrated_sensor_token: 'cs',
        })),
        {
          ...{ token: 'c', sample_token: 's1', ego_pose_token: 'e1', calibrated_sensor_token: 'cc' },
          ...{ filename: 'samples/CAM_FRONT/c.jpg', timestamp: 1, is_key_frame: true },
        },
      ],
      category: [{ token: 'k', name: 'vehicle.car' }],
      instance: [{ token: 'i', category_token: 'k' }],
      sample_annotation: [
        {
          ...{ token: 'a', sample_token: 's1', instance_token: 'i', size: [1.9, 4.5, 1.6] },
          // 10 m ahead of the scanner, which looks to the world's north.
          ...{ translation: [100, 211, 1], rotation: [Math.SQRT1_2, 0, 0, Math.SQRT1_2] },
        },
      ],
    };
    for (const [name, rows] of Object.entries(tables))
      await put(`nuscenes/v1.0-mini/${name}.json`, JSON.stringify(rows, null, 0));
    await put('nuscenes/samples/LIDAR_TOP/a.pcd.bin', floats(10, 0, -0.8, 7, 3, 0, 0, 1, 2, 5));
    await put('nuscenes/samples/LIDAR_TOP/b.pcd.bin', floats(10, 0, -0.8, 7, 3));
  });

  it('has the sweeps that are there, by time, with pose times mounting and labels of key frames', async () => {
    const frames = await read('nuscenes');
    expect(frames.map(({ id }) => id)).toEqual([
      'scene-0061/1532402927647951',
      'scene-0061/1532402928147847',
    ]);
    expect(frames[0]).toMatchObject({
      file: at('nuscenes/samples/LIDAR_TOP/a.pcd.bin'),
      timestamp: 1532402927.647951,
      sensor: [0, 0, 0],
    });
    expect(frames[0]!.pose).toEqual(posed([100, 201, 1.8], QUARTER));
    const [car] = await frames[0]!.objects!();
    expect(car).toMatchObject({ id: 'i', class: 'vehicle.car', size: [4.5, 1.9, 1.6] });
    expect(car!.center.map((value) => Math.round(value * 1e6) / 1e6)).toEqual([10, 0, -0.8]);
    expect(car!.yaw).toBeCloseTo(0, 9);
    expect(await frames[1]!.objects!()).toEqual([]);
    expect(await read('nuscenes', 'v1.0-mini')).toHaveLength(2);
  });

  it('asks for the version where there are several, and names what is missing', async () => {
    await cp(at('nuscenes'), at('two'), { recursive: true });
    await cp(at('nuscenes/v1.0-mini'), at('two/v1.0-other'), { recursive: true });
    await expect(read('two')).rejects.toThrow(/several versions: name one/);
    await put('two/v1.0-other/ego_pose.json', '[]');
    await expect(read('two', 'v1.0-other')).rejects.toThrow(/ego_pose\.json: has no row e1/);
    await put('two/v1.0-other/ego_pose.json', '[{"token": "e1"');
    await expect(read('two', 'v1.0-other')).rejects.toThrow(/ego_pose\.json: is cut off/);
  });

  it('writes labelled frames of the key frames, with the points in each box', async () => {
    const frames = await read('nuscenes');
    expect(await writeLabelledFrames(at('nuscenes-frames'), frames)).toEqual({ frames: 2, objects: 1 });
    const [first] = await readLabelledFrames(at('nuscenes-frames'));
    expect(first).toMatchObject({ scene: 'scene-0061', timestamp: 1532402927.647951 });
    expect(first!.objects).toMatchObject([{ id: 'i', class: 'vehicle.car', numPoints: 1 }]);
  });
});

describe('PandaSet', () => {
  it('has sweeps in the scanner’s frame, with poses, times and cuboids', async () => {
    const points = new Map([
      ['x', [100.5, 98]],
      ['y', [200, 210.5]],
      ['z', [3, 3.5]],
      ['i', [7, 9]],
      ['t', [1.5, 2.5]],
      ['d', [0, 1]],
    ]);
    const pose = {
      position: { x: 100, y: 200, z: 3 },
      heading: { w: Math.SQRT1_2, x: 0, y: 0, z: Math.SQRT1_2 },
    };
    const cuboid = new Map<string, (string | number)[]>([
      ['uuid', ['u-1']],
      ['label', ['Car']],
      // Along the world's y, which is the scanner's x.
      ['yaw', [0]],
      ['position.x', [98]],
      ['position.y', [210.5]],
      ['position.z', [3.5]],
      ['dimensions.x', [2]],
      ['dimensions.y', [4.5]],
      ['dimensions.z', [1.5]],
    ]);
    await put('pandaset/001/lidar/00.pkl.gz', await gzip(writePandasPickle(points)));
    await put('pandaset/001/lidar/01.pkl.gz', await gzip(writePandasPickle(points)));
    await put('pandaset/001/lidar/poses.json', [pose, pose]);
    await put('pandaset/001/lidar/timestamps.json', [1557540000.25, 1557540000.35]);
    await put('pandaset/001/annotations/cuboids/00.pkl.gz', await gzip(writePandasPickle(cuboid)));
    const frames = await read('pandaset', '001');
    expect(frames.map(({ id, timestamp, sensor }) => [id, timestamp, sensor])).toEqual([
      ['00', 1557540000.25, null],
      ['01', 1557540000.35, null],
    ]);
    expect(frames[0]!.pose).toEqual(posed([100, 200, 3], QUARTER));
    const [car] = await frames[0]!.objects!();
    expect(car).toMatchObject({ id: 'u-1', class: 'Car', size: [4.5, 2, 1.5] });
    expect([...car!.center, car!.yaw].map((value) => Math.round(value * 1e6) / 1e6 + 0)).toEqual([
      10.5, 2, 0.5, 0,
    ]);
    expect(frames[1]!.objects).toBeNull();
    await writeLabelledFrames(at('pandaset-frames'), frames);
    const bytes = await readFile(at('pandaset-frames/00.bin'));
    const values = Array.from({ length: 8 }, (_, i) => Math.round(bytes.readFloatLE(4 * i) * 1e4) / 1e4 + 0);
    expect(values).toEqual([0, -0.5, 0, 7, 10.5, 2, 0.5, 9]);
    await put('pandaset/001/lidar/poses.json', [pose]);
    await expect(read('pandaset', '001')).rejects.toThrow(/poses\.json: has 1 entries for 2 frames/);
  });
});

describe('Argoverse 2', () => {
  it('has sweeps in the vehicle’s frame, with the scanner’s place, poses, times and annotations', async () => {
    const log = 'av2/7fab2350';
    const feather = (columns: Record<string, unknown>) =>
      tableToIPC(tableFromArrays(columns as Record<string, Float64Array>), 'file');
    const times = BigInt64Array.from([315966265259836000n, 315966265360032000n]);
    const numbers = (values: Record<string, number[]>) =>
      Object.fromEntries(Object.entries(values).map(([name, list]) => [name, Float64Array.from(list)]));
    for (const time of times)
      await put(
        `${log}/sensors/lidar/${time}.feather`,
        feather({
          x: Float32Array.from([10, 1]),
          y: Float32Array.from([2, 1]),
          z: Float32Array.from([1, 1]),
        }),
      );
    const turn = { qw: [Math.SQRT1_2, 1], qx: [0, 0], qy: [0, 0], qz: [Math.SQRT1_2, 0] };
    await put(
      `${log}/city_SE3_egovehicle.feather`,
      feather({
        timestamp_ns: times,
        ...numbers({ ...turn, tx_m: [1000, 1001], ty_m: [50, 51], tz_m: [7, 7] }),
      }),
    );
    await put(
      `${log}/calibration/egovehicle_SE3_sensor.feather`,
      feather({
        sensor_name: ['ring_front_center', 'up_lidar'],
        ...numbers({ ...turn, tx_m: [1.6, 1.35], ty_m: [0, 0], tz_m: [1.4, 1.64] }),
      }),
    );
    await put(
      `${log}/annotations.feather`,
      feather({
        timestamp_ns: times.slice(1),
        track_uuid: ['t-1'],
        category: ['REGULAR_VEHICLE'],
        ...numbers({ length_m: [4.5], width_m: [2], height_m: [1.5], tx_m: [10], ty_m: [2], tz_m: [0.75] }),
        ...numbers({ qw: [Math.SQRT1_2], qx: [0], qy: [0], qz: [Math.SQRT1_2] }),
      }),
    );
    const frames = await read(...log.split('/'));
    expect(frames.map(({ id, timestamp, sensor }) => [id, timestamp, sensor])).toEqual([
      ['315966265259836000', 315966265.259836, [1.35, 0, 1.64]],
      ['315966265360032000', 315966265.360032, [1.35, 0, 1.64]],
    ]);
    expect(frames[0]!.pose).toEqual(posed([1000, 50, 7], QUARTER));
    expect(await frames[0]!.objects!()).toEqual([]);
    expect(await frames[1]!.objects!()).toEqual([
      {
        ...{ id: 't-1', class: 'REGULAR_VEHICLE', center: [10, 2, 0.75], size: [4.5, 2, 1.5] },
        yaw: expect.closeTo(Math.PI / 2, 9),
      },
    ]);
  });
});
