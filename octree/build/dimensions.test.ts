/**
 * Colour, class, returns, ring and time of a point are in the cloud, whatever files it is made from and
 * written as.
 */
import { readFile, rename } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { FolderSource } from '../../cache/index.ts';
import { CloudReader } from '../index.ts';
import { writePandasPickle } from '../pandas/index.ts';
import { type BuildOptions, buildCloud, buildClouds } from './index.ts';
import {
  lasBytes,
  type PcdColumn,
  type PcdForm,
  type PlyForm,
  pcdBytes,
  plyBytes,
  scenePoints,
  useScratch,
} from './testing/index.ts';

const scratch = useScratch();
const POINTS = scenePoints(300, 5);

interface Row {
  readonly rgb: readonly [number, number, number];
  readonly label: number;
  readonly returns: readonly [number, number];
  readonly ring: number;
  readonly time: number;
}
const ROWS: readonly Row[] = POINTS.map((_, i) => ({
  rgb: [i % 256, (7 * i) % 256, 255 - (i % 256)],
  label: i % 20,
  returns: [1 + (i % 3), 3],
  ring: i % 64,
  time: 1000 + i / 8,
}));

interface Column {
  readonly name: string;
  readonly ply: string;
  readonly pcd: string;
  readonly values: readonly number[];
}
const column = (name: string, ply: string, pcd: string, value: (row: Row) => number): Column => ({
  name,
  ply,
  pcd,
  values: ROWS.map(value),
});
const AXES: readonly Column[] = (['x', 'y', 'z', 'intensity'] as const).map((name) => ({
  ...{ name, ply: 'float', pcd: 'F4' },
  values: POINTS.map((point) => point[name]),
}));
const COLOURS = ['red', 'green', 'blue'].map((name, part) =>
  column(name, 'uchar', 'U1', ({ rgb }) => rgb[part]!),
);
const PACKED = column('rgb', 'int', 'U4', ({ rgb }) => rgb[0] * 65_536 + rgb[1] * 256 + rgb[2]);
const OTHERS = [
  column('classification', 'uchar', 'U1', ({ label }) => label),
  column('return_number', 'uchar', 'U1', ({ returns }) => returns[0]),
  column('number_of_returns', 'uchar', 'U1', ({ returns }) => returns[1]),
  column('ring', 'ushort', 'U2', ({ ring }) => ring),
  column('gps_time', 'double', 'F8', ({ time }) => time),
];
const ALL = [...COLOURS, ...AXES, ...OTHERS];

const ply = (form: PlyForm, columns: readonly Column[] = ALL) =>
  plyBytes(
    [{ name: 'vertex', columns: columns.map(({ name, ply: type, values }) => ({ name, type, values })) }],
    form,
  );
const pcd = (form: PcdForm, columns: readonly Column[]) =>
  pcdBytes(
    columns.map(({ name, pcd: type, values }): PcdColumn => ({ name, type, values })),
    POINTS.length,
    form,
  );
const text = (columns: readonly Column[]) =>
  Buffer.from(
    [columns.map(({ name }) => name), ...POINTS.map((_, i) => columns.map(({ values }) => values[i]!))]
      .map((row) => `${row.join(' ')}\n`)
      .join(''),
  );

/** Structures of numpy, with the colour as three numbers in one field. */
function npy(): Uint8Array {
  const types: Record<string, string> = { F4: '<f4', F8: '<f8', U1: '|u1', U2: '<u2' };
  const columns = [...AXES, ...OTHERS];
  const fields = columns.map(({ name, pcd: type }) => `('${name}', '${types[type]}')`);
  const header = `{'descr': [${fields.join(', ')}, ('rgb', '|u1', (3,))], 'fortran_order': False, 'shape': (${POINTS.length},), }`;
  const packed = pcdBytes(
    [...columns, ...COLOURS].map(({ name, pcd: type, values }): PcdColumn => ({ name, type, values })),
    POINTS.length,
    'binary',
  );
  const records = Buffer.from(packed).subarray(Buffer.from(packed).indexOf('DATA binary\n') + 12);
  const head = Buffer.from('\x93NUMPY\x01\x00\x00\x00', 'latin1');
  head.writeUInt16LE(header.length + 1, 8);
  return Buffer.concat([head, Buffer.from(`${header}\n`), records]);
}

function las(pointFormat: 7 | 3): Uint8Array {
  const steps = POINTS.map(({ x, y, z, intensity }) => ({
    ...{ x: Math.round(1000 * x), y: Math.round(1000 * y), z: Math.round(1000 * z) },
    intensity: Math.round(65_535 * intensity),
  }));
  const isNew = pointFormat === 7;
  const bytes = Buffer.from(
    lasBytes(steps, { version: isNew ? 4 : 2, pointFormat, scale: 0.001, offset: [0, 0, 0] }),
  );
  for (const [i, { rgb, label, returns, time }] of ROWS.entries()) {
    const at = bytes.readUInt32LE(96) + i * bytes.readUInt16LE(105);
    bytes.writeUInt8(returns[0] | (returns[1] << (isNew ? 4 : 3)), at + 14);
    bytes.writeUInt8(label, at + (isNew ? 16 : 15));
    bytes.writeDoubleLE(time, at + (isNew ? 22 : 20));
    for (const [part, value] of rgb.entries())
      bytes.writeUInt16LE(257 * value, at + (isNew ? 30 : 28) + 2 * part);
  }
  return bytes;
}

const withPacked = [PACKED, ...AXES, ...OTHERS];
const pickle = () => writePandasPickle(new Map(ALL.map(({ name, values }) => [name, [...values]])));

const INPUTS: readonly (readonly [string, () => Uint8Array])[] = [
  ['ascii.ply', () => ply('ascii')],
  ['little.ply', () => ply('binary_little_endian')],
  ['big.ply', () => ply('binary_big_endian')],
  [
    'floats.ply',
    () =>
      ply('binary_little_endian', [
        ...COLOURS.map((c) => ({ ...c, ply: 'float', values: c.values.map((value) => value / 255) })),
        ...AXES,
        ...OTHERS,
      ]),
  ],
  ['ascii.pcd', () => pcd('ascii', withPacked)],
  ['binary.pcd', () => pcd('binary', withPacked)],
  ['compressed.pcd', () => pcd('binary_compressed', withPacked)],
  ['columns.pcd', () => pcd('binary', ALL)],
  ['records.npy', npy],
  ['names.xyz', () => text(ALL)],
  ['seven.las', () => las(7)],
  ['three.las', () => las(3)],
  ['table.pkl', pickle],
];
const OUTPUTS: readonly (readonly [string, BuildOptions])[] = [
  ['zstandard', {}],
  ['binary', { encoding: 'binary' }],
  ['laszip', { encoding: 'laszip' }],
  ['copc', { to: 'copc' }],
];
const EVERYTHING = { type: 'box', center: [0, 0, 0], size: [400, 400, 400], yaw: 0 } as const;
const byPlace = new Map(
  POINTS.map(({ x, y }, i) => [`${Math.round(1000 * x)} ${Math.round(1000 * y)}`, ROWS[i]!]),
);

describe.each(INPUTS)('%s', (name, bytes) => {
  it.each(OUTPUTS)('as %s', async (output, options) => {
    const input = await scratch.write(`${output}-${name}`, bytes());
    const id = `${output}-${name.replace('.', '-')}${output === 'copc' ? '.copc.laz' : ''}`;
    const { notKept } = await buildCloud([input], scratch.path(id), options);
    expect(notKept).toEqual([]);
    const reader = new CloudReader({ source: new FolderSource({ root: scratch.path() }), decodeWorkers: 1 });
    try {
      expect((await reader.cloud(id)).hasColour).toBe(true);
      const dimensions = ['classification', 'returnNumber', 'colour'] as const;
      const view = await reader.read(id, [EVERYTHING], { dimensions });
      const { xyz, count } = view.points(EVERYTHING);
      const [labels, returns, colours] = dimensions.map((dimension) => view.values(EVERYTHING, dimension)!);
      expect(count).toBe(POINTS.length);
      for (let i = 0; i < count; i++) {
        const place = `${Math.round(1000 * xyz[3 * i]!)} ${Math.round(1000 * xyz[3 * i + 1]!)}`;
        const { rgb, label, returns: numbers } = byPlace.get(place)!;
        const found = [labels![i], returns![i], ...colours!.subarray(3 * i, 3 * i + 3)];
        expect(found).toEqual([label, numbers[0], ...rgb.map((value) => 257 * value)]);
      }
    } finally {
      await reader.close();
    }
  });
});

/** All points of an EPT with `binary` nodes, by the names in its schema. */
async function eptRows(folder: string) {
  const json = async (name: string) => JSON.parse(await readFile(`${folder}/${name}`, 'utf8')) as unknown;
  const { schema } = (await json('ept.json')) as {
    schema: { name: string; type: string; size: number; scale?: number; offset?: number }[];
  };
  const counts = (await json('ept-hierarchy/0-0-0-0.json')) as Record<string, number>;
  const rows: Record<string, number>[] = [];
  for (const key of Object.keys(counts)) {
    const bytes = await readFile(`${folder}/ept-data/${key}.bin`);
    for (let at = 0; at < bytes.length; ) {
      const row: Record<string, number> = {};
      for (const { name, type, size, scale = 1, offset = 0 } of schema) {
        const raw =
          type === 'float'
            ? size === 4
              ? bytes.readFloatLE(at)
              : bytes.readDoubleLE(at)
            : type === 'signed'
              ? bytes.readIntLE(at, size)
              : bytes.readUIntLE(at, size);
        row[name] = raw * scale + offset;
        at += size;
      }
      rows.push(row);
    }
  }
  return {
    schema: schema.map(({ name, type, size }) => `${name} ${type} ${size}`),
    nodes: Object.keys(counts),
    rows,
  };
}

const zeros: Column = { name: 'user_data', ply: 'uchar', pcd: 'U1', values: POINTS.map(() => 0) };
const normals = column('normal_x', 'float', 'F4', ({ label }) => label / 2);
const single = { ...OTHERS[1]!, values: POINTS.map(() => 1) };
const MORE = [...ALL.filter(({ name }) => name !== 'return_number'), single, zeros, normals];
const SMALL = { maxNodePoints: 40, span: 8 } as const;

function expectAll(rows: readonly Record<string, number>[]): void {
  expect(rows).toHaveLength(POINTS.length);
  for (const { X, Y, Red, Green, Blue, ...others } of rows) {
    const { rgb, label, returns, ring, time } = byPlace.get(
      `${Math.round(1000 * X!)} ${Math.round(1000 * Y!)}`,
    )!;
    expect([Red, Green, Blue]).toEqual(rgb.map((value) => 257 * value));
    expect(others).toMatchObject({
      ...{ Classification: label, NumberOfReturns: returns[1], Ring: ring, GpsTime: time },
      normal_x: label / 2,
    });
  }
}

describe('an EPT', () => {
  it('has all dimensions in its schema and its records; those without any content are left out', async () => {
    const input = await scratch.write('all.ply', ply('binary_little_endian', MORE));
    await buildClouds([input], scratch.path('ept'), { encoding: 'binary', ...SMALL });
    const { schema, nodes, rows } = await eptRows(scratch.path('ept', 'all'));
    expect(schema).toEqual([
      ...['X signed 4', 'Y signed 4', 'Z signed 4', 'Intensity float 4'],
      ...['Red unsigned 2', 'Green unsigned 2', 'Blue unsigned 2', 'Classification unsigned 1'],
      ...['NumberOfReturns unsigned 1', 'Ring unsigned 2', 'GpsTime float 8', 'normal_x float 4'],
    ]);
    expect(nodes.length).toBeGreaterThan(3);
    expectAll(rows);
  });

  it('of more points than memory holds has them as well', async () => {
    const input = await scratch.write('large.ply', ply('binary_little_endian', MORE));
    await buildClouds([input], scratch.path('ept'), { encoding: 'binary', memoryPoints: 100, ...SMALL });
    expectAll((await eptRows(scratch.path('ept', 'large'))).rows);
  });

  it('made of a LAZ file has what was in that, extra bytes as well', async () => {
    const input = await scratch.write('first.ply', ply('binary_little_endian', MORE));
    await buildClouds([input], scratch.path('copc'), { to: 'copc', ...SMALL });
    await rename(scratch.path('copc', 'first.copc.laz'), scratch.path('again.laz'));
    const { clouds } = await buildClouds([scratch.path('again.laz')], scratch.path('ept'), {
      encoding: 'binary',
      ...SMALL,
    });
    expect(clouds).toMatchObject([{ notKept: [], warnings: [] }]);
    const { schema, rows } = await eptRows(scratch.path('ept', 'again'));
    expect(schema.toSorted()).toEqual(
      [
        ...['X signed 4', 'Y signed 4', 'Z signed 4', 'Intensity unsigned 2'],
        ...['Red unsigned 2', 'Green unsigned 2', 'Blue unsigned 2', 'Classification unsigned 1'],
        ...['NumberOfReturns unsigned 1', 'Ring unsigned 2', 'GpsTime float 8', 'normal_x float 4'],
      ].toSorted(),
    );
    expectAll(rows);
  });

  it('of merged inputs: dimensions that only one has are 0 for the other, types are wide enough', async () => {
    const tag = column('tag', 'uchar', 'U1', ({ label }) => label);
    const wide = { ...tag, ply: 'float', values: tag.values.map((value) => value + 0.5) };
    const first = await scratch.write('tag.ply', ply('binary_little_endian', [...COLOURS, ...AXES, tag]));
    const second = await scratch.write('wide.ply', ply('binary_little_endian', [...AXES, wide]));
    await buildCloud([first, second], scratch.path('merged'), { encoding: 'binary' });
    const { schema, rows } = await eptRows(scratch.path('merged'));
    expect(schema).toContain('tag float 8');
    expect(new Set(rows.map((row) => row.tag))).toEqual(new Set([...tag.values, ...wide.values]));
    expect(rows.filter(({ Red, Green, Blue }) => Red! + Green! + Blue! === 0)).toHaveLength(POINTS.length);
  });
});
