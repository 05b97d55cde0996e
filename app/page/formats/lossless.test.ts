/**
 * Files that other tools wrote, imported into the page, kept as labels documents, and exported again: field
 * by field.
 */

import { describe, expect, it } from 'vitest';
import type { Box } from '../../../inference/boxes/index.ts';
import { gunzip, gzip, readPandasPickle, writePandasPickle } from '../../../octree/pandas/index.ts';
import { type ExchangeFrame, type ExportFormat, toExchange, toLabels } from '../exchange/index.ts';
import type { Label } from '../model/index.ts';
import { exportLabels, importLabels, type PackedFile } from './index.ts';
import { readZip } from './zip.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const file = (name: string, content: string | object): PackedFile => ({
  name,
  bytes: encode(typeof content === 'string' ? content : JSON.stringify(content)),
});

/** What the page exports after an import, with what an annotator did in between. */
async function thereAndBack(
  format: ExportFormat,
  files: readonly PackedFile[],
  frames: readonly string[],
  edit: (label: Label) => Label = (label) => label,
): Promise<string | Uint8Array<ArrayBuffer>> {
  const imported = await importLabels(files, { currentFrame: frames[0]!, frames });
  const { labels } = toLabels(imported, 1);
  // Labels are kept as JSON in between.
  const kept = JSON.parse(
    JSON.stringify(imported.map(({ frame, kept }) => ({ frame, kept, labels: labels[frame]! }))),
  ) as {
    frame: string;
    kept: ExchangeFrame['kept'];
    labels: Label[];
  }[];
  const out = kept.map(({ frame, kept: more, labels: list }) => ({
    frame,
    kept: more,
    labels: list.map((label) => toExchange(edit(label))),
  }));
  return (await exportLabels(format, out)).content;
}

const parsed = (content: string | Uint8Array) => JSON.parse(content as string);
const moved = ({ center: [x, y, z], ...box }: Box): Box => ({ ...box, center: [x + 1, y, z] });

describe('KITTI', () => {
  const CALIBRATION = [
    'P2: 721.5377 0 609.5593 44.85728 0 721.5377 172.854 0.2163791 0 0 1 0.002745884',
    'R0_rect: 0.9999239 0.00983776 -0.007445048 -0.009869795 0.9999421 -0.004278459 0.007402527 0.004351614 0.9999631',
    'Tr_velo_to_cam: 0.007533745 -0.9999714 -0.000616602 -0.004069766 0.01480249 0.0007280733 -0.9998902 -0.07631618 0.9998621 0.00752379 0.01480755 -0.2717806',
    'Tr_imu_to_velo: 1 0 0 0 0 1 0 0 0 0 1 0',
    '',
  ].join('\n');
  const LINES = [
    'Tram 0.00 1 1.55 614.24 181.78 727.31 284.77 3.57 2.73 14.15 1.00 1.75 33.22 1.62',
    'Person_sitting 0.25 2 0.33 100.00 150.50 120.25 210.00 1.20 0.61 0.70 -5.00 1.80 12.00 0.10 0.87',
  ];
  const DONT_CARE = 'DontCare -1 -1 -10 503.89 169.71 590.61 190.13 -1 -1 -1 -1000 -1000 -1000 -10';
  const files = [
    file('calib/000008.txt', CALIBRATION),
    file('label_2/000008.txt', `${[...LINES, DONT_CARE].join('\n')}\n`),
  ];
  const unpack = async (content: string | Uint8Array<ArrayBuffer>) =>
    new Map(
      (await readZip(content as Uint8Array<ArrayBuffer>)).map(({ name, bytes }) => [
        name,
        new TextDecoder().decode(bytes),
      ]),
    );

  it('gives back lines, regions and the calibration as they were', async () => {
    const out = await unpack(await thereAndBack('kitti', files, ['kitti/000008']));
    expect(out.get('label_2/kitti/000008.txt')).toBe(`${[...LINES, DONT_CARE].join('\n')}\n`);
    expect(out.get('calib/kitti/000008.txt')).toBe(CALIBRATION);
  });

  it('of a moved box keeps truncation, occlusion, the image box and the class; the place is in the same camera', async () => {
    const out = await unpack(
      await thereAndBack('kitti', files, ['kitti/000008'], (label) => ({ ...label, box: moved(label.box) })),
    );
    const words = out.get('label_2/kitti/000008.txt')!.split('\n')[0]!.split(' ');
    expect(words.slice(0, 3)).toEqual(['Tram', '0.00', '1']);
    expect(words.slice(4, 8)).toEqual(['614.24', '181.78', '727.31', '284.77']);
    // A metre ahead of the scanner is a metre deeper in the image.
    expect(Number(words[13])).toBeCloseTo(34.22, 1);
    expect(words.slice(8, 11).map(Number)).toEqual([3.57, 2.73, 14.15]);
    expect(Number(words[14])).toBeCloseTo(1.62, 3);
  });

  it('of a changed class keeps the rest', async () => {
    const out = await unpack(
      await thereAndBack('kitti', files, ['kitti/000008'], (label) => ({ ...label, class: 'bus' })),
    );
    expect(out.get('label_2/kitti/000008.txt')!.split('\n')[0]).toBe(LINES[0]!.replace('Tram', 'Bus'));
  });

  it('keeps frames that are not here under their own names', async () => {
    const [frame] = await importLabels(files, { currentFrame: 'open', frames: ['open'] });
    expect(frame!.frame).toBe('000008');
    const [tracked] = await importLabels([file('0001.txt', `7 3 ${LINES[0]}\n7 -1 ${DONT_CARE}\n`)], {
      currentFrame: 'open',
      frames: ['open'],
    });
    expect(tracked).toMatchObject({ frame: '000007', labels: [{ id: '3' }] });
  });

  it('keeps ids of any words in tracks', async () => {
    const box = { center: [10, 2, 0], size: [4, 2, 1.5], yaw: 0.1 };
    const ids = ['0f7b41e2-77a1-4c2e-9b1e-000000000001', '100 % of car 7', '%zz'];
    const plain = { frames: [{ id: 'a', objects: ids.map((id) => ({ ...box, id, class: 'car' })) }] };
    const [frame] = await importLabels([file('p.json', plain)], { currentFrame: 'a', frames: ['a'] });
    const { content } = await exportLabels('kitti', [frame!]);
    const archive = { name: 'labels.kitti.zip', bytes: content as Uint8Array<ArrayBuffer> };
    const [back] = await importLabels([archive], { currentFrame: 'a', frames: ['a'] });
    expect(back!.labels.map(({ id }) => id)).toEqual(ids);
  });

  it('has every sequence of several, and label files beside them', async () => {
    const sequences = [
      file('label_02/0000.txt', `0 3 ${LINES[0]}\n`),
      file('label_02/0001.txt', `0 4 ${LINES[0]}\n1 4 ${LINES[0]}\n`),
      file('label_2/000008.txt', `${LINES[1]}\n`),
    ];
    const frames = ['drive/0000/000000', 'drive/0001/000000', 'drive/0001/000001'];
    const imported = await importLabels(sequences, { currentFrame: frames[0]!, frames });
    expect(imported.map(({ frame, labels }) => [frame, labels[0]!.id])).toEqual([
      ['drive/0000/000000', '3'],
      ['drive/0001/000000', '4'],
      ['drive/0001/000001', '4'],
      ['000008', null],
    ]);
  });
});

it('nuScenes: rows, tables, tokens, attributes, rotations and timestamps come back as they were', async () => {
  const annotation = {
    token: 'a1',
    sample_token: 's1',
    instance_token: '6dd2cbf4c24b4caeb625035869bca7b5',
    visibility_token: '4',
    attribute_tokens: ['4d8821270b4a47e3a8a300cbec48188e'],
    translation: [373.256, 1130.419, 0.8],
    size: [0.621, 0.669, 1.642],
    rotation: [0.9831098797903927, 0.01, 0.02, -0.18301629506281616],
    prev: '',
    next: 'elsewhere',
    num_lidar_pts: 1,
    num_radar_pts: 0,
    category_name: 'human.pedestrian.construction_worker',
  };
  const tables = {
    category: [{ token: 'c', name: 'human.pedestrian.construction_worker', description: 'x' }],
    attribute: [{ token: '4d8821270b4a47e3a8a300cbec48188e', name: 'pedestrian.standing' }],
    visibility: [{ token: '4', level: 'v80-100' }],
    ego_pose: [{ token: 'e', translation: [1, 2, 3] }],
    sample: [
      { token: 's1', timestamp: 1532402927647951, scene_token: 'scene', prev: '', next: 's2' },
      { token: 's2', timestamp: 1532402928147847, scene_token: 'scene', prev: 's1', next: '' },
    ],
    instance: [
      {
        token: annotation.instance_token,
        category_token: 'c',
        nbr_annotations: 1,
        first_annotation_token: 'a1',
        last_annotation_token: 'a1',
        note: 'kept',
      },
    ],
    sample_annotation: [annotation],
  };
  const out = parsed(await thereAndBack('nuscenes', [file('n.json', tables)], ['s1', 's2']));
  expect(out.sample_annotation).toEqual([
    { ...annotation, nearbox_class: 'other', nearbox_state: 'accepted' },
  ]);
  for (const name of ['attribute', 'visibility', 'ego_pose', 'sample', 'instance'] as const)
    expect(out[name], name).toEqual(tables[name]);
  expect(out.category).toEqual(expect.arrayContaining(tables.category));
  const edited = parsed(
    await thereAndBack('nuscenes', [file('n.json', tables)], ['s1', 's2'], (label) => ({
      ...label,
      box: moved(label.box),
    })),
  );
  expect(edited.sample_annotation[0]).toMatchObject({
    token: 'a1',
    translation: [374.256, 1130.419, 0.8],
    attribute_tokens: annotation.attribute_tokens,
    category_name: annotation.category_name,
    num_lidar_pts: 1,
  });
});

it('OpenLABEL: metadata, ontologies, frame data, attributes and objects without boxes come back as they were', async () => {
  const cuboid = {
    name: 'shape',
    val: [10, 2, 0, 0.01, 0.02, 0.0998, 0.9949, 4, 2, 1.5],
    coordinate_system: 'odom',
    attributes: { text: [{ name: 'colour', val: 'red' }], num: [{ name: 'speed', val: 3.2 }] },
  };
  const openlabel = {
    metadata: { schema_version: '1.0.0', annotator: 'somebody', file_version: '3' },
    ontologies: { 0: 'https://example.org/ontology' },
    coordinate_systems: { odom: { type: 'scene_cs', parent: '', children: [] } },
    streams: { top: { type: 'lidar', description: 'on the roof' } },
    tags: { 0: { type: 'weather' } },
    objects: {
      4: {
        name: 'Tram 4',
        type: 'Tram',
        ontology_uid: '0',
        object_data_pointers: { shape: { type: 'cuboid' } },
      },
      5: { name: 'lane', type: 'Lane' },
    },
    frames: {
      0: {
        frame_properties: {
          timestamp: '2020-04-11 12:00:01',
          streams: { top: { uri: 'a/0', stream_sync: { frame: 7 } } },
        },
        objects: {
          4: { object_data: { cuboid: [cuboid], bbox: [{ name: 'image', val: [1, 2, 3, 4] }] } },
          5: { object_data: { poly2d: [{ name: 'line', val: [0, 0, 1, 1] }] } },
        },
      },
    },
    frame_intervals: [{ frame_start: 0, frame_end: 0 }],
  };
  const out = parsed(await thereAndBack('openlabel', [file('o.json', { openlabel })], ['a/0'])).openlabel;
  expect(out.objects).toEqual(openlabel.objects);
  expect(out.coordinate_systems).toMatchObject(openlabel.coordinate_systems);
  for (const name of ['metadata', 'ontologies', 'streams', 'tags'] as const)
    expect(out[name], name).toEqual(openlabel[name]);
  const [written, original] = [out.frames[0], openlabel.frames[0]];
  expect(written.frame_properties).toEqual(original.frame_properties);
  expect(written.objects[5]).toEqual(original.objects[5]);
  expect(written.objects[4].object_data.bbox).toEqual(original.objects[4].object_data.bbox);
  const [box] = written.objects[4].object_data.cuboid;
  expect(box).toMatchObject({ name: 'shape', val: cuboid.val, coordinate_system: 'odom' });
  expect(box.attributes.text).toEqual(expect.arrayContaining(cuboid.attributes.text));
  expect(box.attributes.num).toEqual(cuboid.attributes.num);
});

it('OpenLABEL without frames: the labels are of the open frame, with all that the file says', async () => {
  const cuboid = { name: 'shape', val: [10, 2, 0, 0, 0, 0, 1, 4, 2, 1.5] };
  const openlabel = {
    metadata: { schema_version: '1.0.0', annotator: 'somebody' },
    ontologies: { 0: 'https://example.org/ontology' },
    objects: { 4: { name: 'Tram 4', type: 'Tram', object_data: { cuboid: [cuboid] } } },
  };
  const out = parsed(await thereAndBack('openlabel', [file('o.json', { openlabel })], ['a/0'])).openlabel;
  expect(out).toMatchObject(openlabel);
  expect(out.frames[0].objects[4].object_data.cuboid[0].val).toEqual(cuboid.val);
});

it('plain JSON: poses, timestamps, classes and unknown fields come back as they were', async () => {
  const object = {
    id: 'x',
    class: 'Tram',
    center: [1.23456789, 2, 3],
    size: [14, 2.6, 3.5],
    yaw: 0.5,
    numPoints: 67,
    occluded: true,
  };
  const frame = {
    id: 'a/0',
    points: 'frames/0.bin',
    format: 'f32le-xyzi',
    pose: { position: [1, 2, 3], rotation: [0, 0, 0, 1] },
    timestamp: 12.5,
    objects: [object],
  };
  const content = { sequence: 'a', frames: [frame] };
  const out = parsed(await thereAndBack('json', [file('index.json', content)], ['a/0']));
  expect(out.sequence).toBe('a');
  expect(out.frames[0]).toMatchObject({ ...frame, objects: [object] });
});

it('plain JSON of another tool: its own version, numbers as ids, and words of its own stay until they are changed', async () => {
  const object = {
    id: 7,
    class: 'Car',
    center: [1, 2, 3],
    size: [4, 2, 1.5],
    yaw: 0.5,
    state: 'parked',
    method: 'by hand',
    score: 'high',
  };
  const content = { version: 3, frames: [{ id: 12, cloud: 'a/0', note: null, objects: [object] }] };
  const files = [file('index.json', content)];
  const out = parsed(await thereAndBack('json', files, ['a/0']));
  expect(out).toEqual({ ...content, format: 'nearbox-labels' });
  const edited = parsed(
    await thereAndBack('json', files, ['a/0'], (label) => ({
      ...label,
      id: '8',
      state: 'draft',
      method: 'model',
      score: 0.9,
      box: moved(label.box),
    })),
  );
  expect(edited.frames[0].objects[0]).toEqual({
    ...object,
    id: '8',
    center: [2, 2, 3],
    state: 'draft',
    method: 'model',
    score: 0.9,
  });
});

describe('PandaSet', () => {
  const pose = { position: { x: 10, y: -4, z: 0.5 }, heading: { w: 0.9, x: 0.01, y: -0.02, z: 0.435 } };
  const rows = [
    ['a-1', 'Other Vehicle - Pedicab', 0.3, true, 2, 12.25, 3.5, 0.75, 1.1, 2.4, 1.6, 'Parked', '-', -1],
    ['b-2', 'Car', -2.9, false, -1, -7.125, 30, 1.5, 1.9, 4.6, 1.7, 'Moving', 'c-3', 0],
  ] as const;
  const names = [
    ...['uuid', 'label', 'yaw', 'stationary', 'camera_used', 'position.x', 'position.y', 'position.z'],
    ...['dimensions.x', 'dimensions.y', 'dimensions.z', 'attributes.object_motion'],
    ...['cuboids.sibling_id', 'cuboids.sensor_id'],
  ];
  const columns = new Map(names.map((name, at) => [name, rows.map((row) => row[at]!)]));
  const files = async () => [
    {
      name: '001/annotations/cuboids/00.pkl.gz',
      bytes: await gzip(writePandasPickle(columns)),
    },
    file('001/lidar/poses.json', [pose]),
    file('001/lidar/timestamps.json', [1557540000.25]),
    file('001/meta/gps.json', [{ lat: 1, long: 2 }]),
  ];
  const unpack = async (content: string | Uint8Array) => {
    const all = await readZip(content as Uint8Array<ArrayBuffer>);
    const at = (name: string) => all.find((one) => one.name === name)!.bytes;
    const table = readPandasPickle(await gunzip(at('annotations/cuboids/00.pkl.gz'), 2 ** 20));
    const list = (name: string) => JSON.parse(new TextDecoder().decode(at(name))) as unknown[];
    return { columns: table.columns, list };
  };

  it('rows, poses and timestamps come back as they were', async () => {
    const out = await unpack(await thereAndBack('pandaset', await files(), ['drive/001/00']));
    expect(out.columns).toEqual(columns);
    expect(out.list('lidar/poses.json')).toEqual([pose]);
    expect(out.list('lidar/timestamps.json')).toEqual([1557540000.25]);
    expect(out.list('meta/nearbox-frames.json')).toEqual(['drive/001/00']);
  });

  it('boxes are in the frame of the scanner, and go back to the world when they were moved', async () => {
    const [frame] = await importLabels(await files(), { currentFrame: '', frames: ['001/00'] });
    const world = { x: 12.25 - 10, y: 3.5 + 4 };
    // The pose's turn about +z is close to 2 atan(0.435 / 0.9).
    const turn = 2 * Math.atan2(0.435, 0.9);
    expect(frame!.labels[0]!.box.yaw).toBeCloseTo(0.3 + Math.PI / 2 - turn, 2);
    expect(Math.hypot(...frame!.labels[0]!.box.center.slice(0, 2))).toBeCloseTo(
      Math.hypot(world.x, world.y),
      1,
    );
    expect(frame!.labels[0]!.box.size).toEqual([2.4, 1.1, 1.6]);
    const out = await unpack(
      await thereAndBack('pandaset', await files(), ['001/00'], (label) => ({
        ...label,
        class: 'bus',
        box: { ...label.box, size: [9, 2.5, 3] },
      })),
    );
    const first = Object.fromEntries([...out.columns].map(([name, [value]]) => [name, value]));
    expect(first).toMatchObject({ uuid: 'a-1', label: 'Bus', stationary: true, 'dimensions.y': 9 });
    expect(first['position.x']).toBeCloseTo(12.25, 5);
    expect(first['position.y']).toBeCloseTo(3.5, 5);
    // The scanner's pitch and roll turn the heading a little.
    expect(first.yaw).toBeCloseTo(0.3, 2);
  });

  it('a damaged table is named', async () => {
    const bad = { name: '001/annotations/cuboids/00.pkl.gz', bytes: encode('no pickle') };
    await expect(importLabels([bad], { currentFrame: '', frames: [] })).rejects.toThrow(
      /^001\/annotations\/cuboids\/00\.pkl\.gz: it is not a readable pickle/,
    );
  });
});

describe('Supervisely', () => {
  const meta = {
    classes: [{ title: 'Tram', shape: 'cuboid_3d', color: '#0000FF', id: 12 }],
    tags: [{ name: 'wet', value_type: 'none', color: '#00FF00' }],
    projectType: 'point_cloud_episodes',
  };
  const geometry = {
    position: { x: 1.23456789, y: 2, z: 3 },
    rotation: { x: 0.01, y: 0.02, z: 0.5 },
    dimensions: { x: 2.6, y: 14, z: 3.5 },
  };
  const object = { key: 'a'.repeat(32), classTitle: 'Tram', tags: [{ name: 'wet' }], labelerLogin: 'x' };
  const figure = {
    key: 'b'.repeat(32),
    objectKey: object.key,
    geometryType: 'cuboid_3d',
    geometry,
    createdAt: '2024',
  };
  const mask = { key: 'c'.repeat(32), objectKey: object.key, geometryType: 'point_cloud', geometry: {} };
  const read = async (content: string | Uint8Array<ArrayBuffer>) =>
    Object.fromEntries(
      (await readZip(content as Uint8Array<ArrayBuffer>)).map(({ name, bytes }) => [
        name,
        JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>,
      ]),
    );

  it('episodes: objects, figures, tags and other figures come back as they were', async () => {
    const annotation = {
      description: 'rain',
      key: 'd'.repeat(32),
      tags: [{ name: 'wet', frameRange: [0, 1] }],
      objects: [object],
      framesCount: 3,
      frames: [{ index: 1, figures: [figure, mask] }],
    };
    const files = [
      file('meta.json', meta),
      file('city/annotation.json', annotation),
      file('city/frame_pointcloud_map.json', { 0: '10.pcd', 1: '11.pcd', 2: '12.pcd' }),
      file('key_id_map.json', { tags: {}, objects: {}, figures: {}, videos: {} }),
    ];
    const frames = ['10.pcd', '11.pcd', '12.pcd'].map((name) => name.replace('.pcd', ''));
    const out = await read(await thereAndBack('supervisely', files, frames));
    expect(out['city/annotation.json']).toEqual({
      ...annotation,
      frames: [
        { index: 0, figures: [] },
        { index: 1, figures: [figure, mask] },
        { index: 2, figures: [] },
      ],
    });
    expect(out['city/frame_pointcloud_map.json']).toEqual({ 0: '10.pcd', 1: '11.pcd', 2: '12.pcd' });
    expect(out['meta.json']).toMatchObject({ classes: meta.classes });
    const [, second] = await importLabels(files, { currentFrame: '', frames });
    expect(second).toMatchObject({
      frame: '11',
      labels: [{ id: object.key, box: { size: [14, 2.6, 3.5], yaw: 0.5 + Math.PI / 2 } }],
    });
  });

  it('clouds with files of their own stay such, and a moved box keeps the rest', async () => {
    const annotation = {
      description: '',
      key: 'e'.repeat(32),
      tags: [],
      objects: [object],
      figures: [figure],
    };
    const files = [file('meta.json', meta), file('ds0/ann/x.pcd.json', annotation)];
    const out = await read(await thereAndBack('supervisely', files, ['x']));
    expect(out['ds0/ann/x.pcd.json']).toEqual(annotation);
    const edited = await read(
      await thereAndBack('supervisely', files, ['x'], (label) => ({ ...label, box: moved(label.box) })),
    );
    expect(edited['ds0/ann/x.pcd.json']).toMatchObject({
      objects: [object],
      figures: [{ key: figure.key, createdAt: '2024', geometry: { position: { x: 2.234568 } } }],
    });
  });
});
