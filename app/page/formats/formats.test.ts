import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { iou3d } from '../../../inference/boxes/index.ts';
import { gunzip, readPandasPickle } from '../../../octree/pandas/index.ts';
import {
  EXPORT_FORMATS,
  type ExchangeFrame,
  type ExportFormat,
  toExchange,
  toLabels,
} from '../exchange/index.ts';
import { anyFrames } from '../testing/index.ts';
import { exportLabels, importLabels } from './index.ts';
import { writeKitti } from './kitti.ts';
import { crc32, readZip, writeZip } from './zip.ts';

const context = { currentFrame: 'a/0', frames: ['a/0', 'a/1', 'a/2', 'a/3'] };
const bytes = (content: string | Uint8Array<ArrayBuffer>) =>
  typeof content === 'string' ? new TextEncoder().encode(content) : content;

async function roundTrip(
  format: ExportFormat,
  frames: readonly ExchangeFrame[],
): Promise<readonly ExchangeFrame[]> {
  const { name, content } = await exportLabels(format, frames);
  return importLabels([{ name, bytes: bytes(content) }], context);
}

describe.each(EXPORT_FORMATS)('%s', (format) => {
  it('gives back boxes, classes and object ids', async () => {
    await fc.assert(
      fc.asyncProperty(anyFrames, async (drawn) => {
        const frames = drawn.map(({ frame, labels }) => ({ frame, labels: labels.map(toExchange) }));
        const back = new Map((await roundTrip(format, frames)).map(({ frame, labels }) => [frame, labels]));
        for (const { frame, labels } of frames) {
          const found = [...(back.get(frame) ?? [])].sort((a, b) => Number(a.id) - Number(b.id));
          const wanted = [...labels].sort((a, b) => Number(a.id) - Number(b.id));
          expect(found.map(({ id }) => id)).toEqual(wanted.map(({ id }) => id));
          for (const [i, label] of wanted.entries()) {
            expect(found[i]!.class).toBe(label.class);
            expect(iou3d(found[i]!.box, label.box)).toBeGreaterThan(0.999);
            expect(Math.cos(found[i]!.box.yaw - label.box.yaw)).toBeCloseTo(1, 6);
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});

it.each(EXPORT_FORMATS)('%s: one object may be called otherwise in another frame', async (format) => {
  const box = { center: [10, 2, 0], size: [4, 2, 1.5], yaw: 0.1 } as const;
  const label = { id: '7', box, score: null, state: 'accepted', method: 'model' } as const;
  const back = await roundTrip(format, [
    { frame: 'a/0', labels: [{ ...label, class: 'car' }] },
    { frame: 'a/1', labels: [{ ...label, class: 'van' }] },
  ]);
  expect(back.map(({ labels }) => labels[0]!.class)).toEqual(['car', 'van']);
});

describe('exact forms', () => {
  const frames: ExchangeFrame[] = [
    {
      frame: 'a/0',
      labels: [
        {
          id: '7',
          box: { center: [10, 2, 0], size: [4, 2, 1.5], yaw: 0 },
          class: 'car',
          score: 0.9,
          state: 'accepted',
          method: 'model',
        },
      ],
    },
  ];

  it('KITTI: camera frame, bottom centre, h w l, ry of a car that looks ahead is -90 degrees', () => {
    const line = writeKitti(frames)[0]!.text.trim().split(' ');
    expect(line).toHaveLength(15);
    expect(line[0]).toBe('Car');
    expect(line.slice(8).map(Number)).toEqual([1.5, 2, 4, -2, 0.75, 10, expect.closeTo(-Math.PI / 2, 3)]);
  });

  it('KITTI: a label file with the calibration of a real car', async () => {
    const calibration = [
      'R0_rect: 9.999239e-01 9.837760e-03 -7.445048e-03 -9.869795e-03 9.999421e-01 -4.278459e-03 7.402527e-03 4.351614e-03 9.999631e-01',
      'Tr_velo_to_cam: 7.533745e-03 -9.999714e-01 -6.166020e-04 -4.069766e-03 1.480249e-02 7.280733e-04 -9.998902e-01 -7.631618e-02 9.998621e-01 7.523790e-03 1.480755e-02 -2.717806e-01',
    ].join('\n');
    const label =
      'Car 0.00 0 1.55 614.24 181.78 727.31 284.77 1.57 1.73 4.15 1.00 1.75 13.22 1.62\nDontCare -1 -1 -10 1 1 2 2 -1 -1 -1 -1000 -1000 -1000 -10\n';
    const [frame] = await importLabels(
      [
        { name: 'calib/000008.txt', bytes: bytes(calibration) },
        { name: 'label_2/000008.txt', bytes: bytes(label) },
      ],
      { currentFrame: 'x', frames: ['kitti/000008', 'x'] },
    );
    expect(frame!.frame).toBe('kitti/000008');
    expect(frame!.labels).toHaveLength(1);
    const { box } = frame!.labels[0]!;
    expect(box.size).toEqual([4.15, 1.73, 1.57]);
    expect(box.center[0]).toBeCloseTo(13.5, 0);
    expect(box.center[1]).toBeCloseTo(-1, 0);
    expect(Math.abs(box.yaw)).toBeCloseTo(Math.PI, 0);
  });

  it('nuScenes: width first, quaternion w first', async () => {
    const written = JSON.parse((await exportLabels('nuscenes', frames)).content as string) as {
      sample_annotation: { size: number[]; rotation: number[]; translation: number[] }[];
    };
    expect(written.sample_annotation[0]).toMatchObject({
      size: [2, 4, 1.5],
      rotation: [1, 0, 0, 0],
      translation: [10, 2, 0],
    });
  });

  it('nuScenes: detection results', async () => {
    const results = {
      results: {
        'a/1': [
          {
            translation: [1, 2, 3],
            size: [2, 4, 1.5],
            rotation: [1, 0, 0, 0],
            detection_name: 'car',
            detection_score: 0.4,
          },
        ],
      },
    };
    const [frame] = await importLabels([{ name: 'r.json', bytes: bytes(JSON.stringify(results)) }], context);
    expect(frame).toMatchObject({
      frame: 'a/1',
      labels: [{ class: 'car', score: 0.4, state: 'draft', box: { size: [4, 2, 1.5] } }],
    });
  });

  it('PandaSet: places of the world, a quarter turn, width first', async () => {
    const pose = { position: [100, 200, 3], rotation: [0, 0, Math.SQRT1_2, Math.SQRT1_2] };
    const kept = { imported: { format: 'json', raw: { pose, timestamp: 12.5 } } };
    const { content } = await exportLabels('pandaset', [{ ...frames[0]!, kept }]);
    const files = new Map((await readZip(content as Uint8Array<ArrayBuffer>)).map((f) => [f.name, f.bytes]));
    const { columns } = readPandasPickle(await gunzip(files.get('annotations/cuboids/00.pkl.gz')!, 2 ** 20));
    expect(Object.fromEntries([...columns].map(([name, [value]]) => [name, value]))).toEqual({
      uuid: '7',
      label: 'Car',
      // The car looks along the scanner's x, which is the world's y: PandaSet's 0.
      yaw: 0,
      stationary: false,
      camera_used: -1,
      'position.x': 98,
      'position.y': 210,
      'position.z': 3,
      'dimensions.x': 2,
      'dimensions.y': 4,
      'dimensions.z': 1.5,
      'attributes.object_motion': null,
      'cuboids.sibling_id': '-',
      'cuboids.sensor_id': -1,
      'nearbox.score': 0.9,
    });
    const list = (name: string) => JSON.parse(new TextDecoder().decode(files.get(name))) as unknown;
    expect(list('lidar/poses.json')).toEqual([
      {
        position: { x: 100, y: 200, z: 3 },
        heading: { w: Math.SQRT1_2, x: 0, y: 0, z: Math.SQRT1_2 },
      },
    ]);
    expect(list('lidar/timestamps.json')).toEqual([12.5]);
  });

  it('Supervisely: width first, a quarter turn, keys of 32 digits', async () => {
    const { content } = await exportLabels('supervisely', frames);
    const files = new Map(
      (await readZip(content as Uint8Array<ArrayBuffer>)).map((f) => [
        f.name,
        JSON.parse(new TextDecoder().decode(f.bytes)),
      ]),
    );
    const { objects, frames: written, framesCount } = files.get('ds0/annotation.json');
    expect(framesCount).toBe(1);
    expect(objects).toMatchObject([{ key: expect.stringMatching(/^[0-9a-f]{32}$/), classTitle: 'car' }]);
    expect(written).toMatchObject([
      {
        index: 0,
        figures: [
          {
            key: expect.stringMatching(/^[0-9a-f]{32}$/),
            objectKey: objects[0].key,
            geometryType: 'cuboid_3d',
            geometry: {
              position: { x: 10, y: 2, z: 0 },
              rotation: { x: 0, y: 0, z: -1.570796 },
              dimensions: { x: 2, y: 4, z: 1.5 },
            },
          },
        ],
      },
    ]);
    expect(files.get('ds0/frame_pointcloud_map.json')).toEqual({ 0: 'a%2F0.pcd' });
    expect(files.get('meta.json')).toMatchObject({
      classes: [{ title: 'car', shape: 'cuboid_3d' }],
      projectType: 'point_cloud_episodes',
    });
  });

  it('OpenLABEL: ten values, and nine are read too', async () => {
    const text = (await exportLabels('openlabel', frames)).content as string;
    const written = JSON.parse(text) as {
      openlabel: { frames: Record<string, { objects: Record<string, unknown> }> };
    };
    expect(written.openlabel.frames['0']!.objects['7']).toMatchObject({
      object_data: { cuboid: [{ val: [10, 2, 0, 0, 0, 0, 1, 4, 2, 1.5] }] },
    });
    const nine = text.replace(/"val": \[\s*10,[^\]]*\]/, '"val": [10, 2, 0, 0, 0, 0.5, 4, 2, 1.5]');
    const [frame] = await importLabels([{ name: 'o.json', bytes: bytes(nine) }], context);
    expect(frame!.labels[0]!.box.yaw).toBe(0.5);
  });

  it('OpenLABEL: ids that the schema does not allow come back by name', async () => {
    const odd = [{ frame: 'a/0', labels: [{ ...frames[0]!.labels[0]!, id: 'track-b' }] }];
    expect((await roundTrip('openlabel', odd))[0]!.labels[0]!.id).toBe('track-b');
  });
});

describe('imports', () => {
  it.each([
    [
      '{"frames":[{"id":"a","objects":[{"center":[0,0],"size":[1,1,1],"yaw":0}]}]}',
      /frames\[0\]\.objects\[0\]/,
    ],
    ['{"openlabel":{"frames":{"0":{"objects":{"1":{"object_data":{"cuboid":[{"val":[1]}]}}}}}}}', /object 1/],
    ['{"sample_annotation":[{"translation":[0,0,0],"size":[0,1,1],"rotation":[1,0,0,0]}]}', /annotation 0/],
    ['{"a":1}', /neither/],
    ['hello', /none of/],
    ['Car 1 2 3', /none of/],
  ])('refuse %s', async (text, message) => {
    await expect(importLabels([{ name: 'f.json', bytes: bytes(text) }], context)).rejects.toThrow(message);
  });

  it('give numbers to objects without an id, after all that are taken', () => {
    const label = {
      box: { center: [0, 0, 0], size: [1, 1, 1], yaw: 0 },
      class: 'car',
      score: null,
      state: 'draft',
      method: 'imported',
    } as const;
    const { labels, repeated } = toLabels(
      [
        {
          frame: 'f',
          labels: [
            { ...label, id: null },
            { ...label, id: '12' },
            { ...label, id: '12' },
          ],
        },
      ],
      3,
    );
    expect(labels.f!.map(({ id }) => id)).toEqual(['13', '12', '14']);
    expect(repeated).toEqual(['12']);
  });
});

describe('zip', () => {
  it('gives back what was put in', async () => {
    const files = [
      { name: 'a/ä.txt', bytes: bytes('first\n') },
      { name: 'b.txt', bytes: bytes('') },
    ];
    expect(await readZip(writeZip(files))).toEqual(files);
    await expect(readZip(new Uint8Array(30))).rejects.toThrow('not a ZIP');
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  });
});
